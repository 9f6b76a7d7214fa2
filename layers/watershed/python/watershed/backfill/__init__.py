"""Backfills: raw objects landed again by the functions, or bronze read again by Athena.

`raw`, `price`, `replay` and `check` are the first; the rest is the contract's transformation as Athena's SQL.
"""
