"""Bronze: any file becomes Parquet, row by row, every column as text."""
