"""How `watershed backfill` asks, shows and waits: one module for each engine."""
