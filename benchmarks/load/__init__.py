"""A day's worst hour: ten thousand small files, two hundred at a time, and one file of 2 GB. `make load` prints it."""
