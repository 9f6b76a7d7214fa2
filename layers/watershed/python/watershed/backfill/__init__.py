"""A backfill by Athena: the contract's transformation as SQL, bronze to silver, for years at a time."""
