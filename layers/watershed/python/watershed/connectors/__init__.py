"""Merchants' systems that send or are asked: one YAML file a source, from which the door and the poll are made."""
