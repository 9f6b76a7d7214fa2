"""Reconciliation: counts everything again from raw, and names whatever bronze, silver or their accounts lack or add."""
