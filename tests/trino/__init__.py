"""A real Trino server as the judge of the local Athena: the same SQL on both, compared row by row."""
