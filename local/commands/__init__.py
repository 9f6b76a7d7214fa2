"""One module a sub-command of `watershed`: `arguments(parser)` declares, `run(args)` does."""
