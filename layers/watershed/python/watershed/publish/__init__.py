"""Gold's tables in PostgreSQL, for whoever reports from a SQL database."""
