"""What the functions stand on: `lake` (what the lake holds), `watershed` (how it works), and third-party packages."""
