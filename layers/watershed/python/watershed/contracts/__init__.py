"""Contracts: what a dataset is. Read from ODCS YAML when the app is built, carried to the functions as JSON."""
