"""The laptop's AWS: moto in this process, what it lacks added, and the deployed templates and functions run in it."""

from local.aws.events.deliveries import Deliveries
from local.aws.local_aws import LocalAWS

__all__ = ["Deliveries", "LocalAWS"]
