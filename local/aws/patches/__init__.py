"""What moto lacks: each patch is a function whose docstring says what is missing, with a test without and with it."""
