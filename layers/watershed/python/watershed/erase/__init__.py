"""Erases a person: from raw, bronze, quarantine, the ledger's sums, silver with its history, gold, and results."""
