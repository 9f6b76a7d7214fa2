"""What `watershed residency` does: one sub-command a module."""
