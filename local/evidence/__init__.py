"""The evidence that a region's data stays there: one page for people and the same as JSON."""
