"""Gold: SQL models in Athena's dialect, refreshed in dependency order, switched atomically."""
