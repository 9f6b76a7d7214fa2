"""Gold in QuickSight, as code: one source, a dataset a model, who sees which rows, and a dashboard a page."""
