"""What the evaluator refuses to judge."""


class NotModelled(Exception):
    """A policy says something whose meaning is not written down here, so neither yes nor no may be answered."""
