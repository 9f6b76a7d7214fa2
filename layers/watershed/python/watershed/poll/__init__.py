"""Asks sources for what is new, page by page, and keeps the answers in raw; each source's part `pull` says how."""
