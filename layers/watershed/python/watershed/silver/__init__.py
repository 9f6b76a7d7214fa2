"""Silver: text becomes typed, deduplicated rows in Iceberg, by the contract."""
