"""Backfills. Through the functions (`raw`, `price`, `replay`, `check`): raw objects land again. By Athena (the rest): the
contract's transformation as SQL, bronze to silver, for years at a time.
"""
