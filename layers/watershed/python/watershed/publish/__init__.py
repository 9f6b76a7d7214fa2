"""Gold in a SQL database, for tools that speak nothing else."""
