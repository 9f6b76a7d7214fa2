"""Roles and resource policies as IAM would judge them: what the lake needs is allowed, what would harm it is not."""
