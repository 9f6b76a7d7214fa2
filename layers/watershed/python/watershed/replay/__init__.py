"""Quarantine on its way back: what is still held, and how just those rows and files are taken again."""
