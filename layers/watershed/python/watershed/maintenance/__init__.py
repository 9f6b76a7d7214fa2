"""Upkeep of silver's tables: small files are made large, old snapshots are dropped with what only they refer to."""
