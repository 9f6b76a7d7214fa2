"""Trino SQL to DuckDB SQL, typed from the catalog: proven equal, or refused."""
