"""The door: what a region's HTTP API does with a webhook, from the signature to a raw object."""
