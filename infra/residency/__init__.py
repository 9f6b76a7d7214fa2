"""Proves from the synthesized templates that no data can leave its region: a graph of who reaches what, and rules."""
