"""Lambda in this process: the deployed code of a function runs on an event, as AWS would run it."""
