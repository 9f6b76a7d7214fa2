"""IAM's evaluation logic, as far as these templates use it. What it does not know, it refuses to judge."""
