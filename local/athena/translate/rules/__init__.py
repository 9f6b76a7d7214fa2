"""One rule for each kind of expression, grouped by what they are about."""
