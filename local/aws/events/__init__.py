"""Events: from buckets, rules and schedules to queues and functions, at least once."""
