"""Functions: signatures as data, and one rule for each function whose meaning needs more than a signature."""
