"""The main job on this machine, told while it happens: data in, ledger and answers out."""
