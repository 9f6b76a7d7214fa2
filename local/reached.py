"""The region that a command works on: of the local AWS that is up, or of the real account."""

from __future__ import annotations

import boto3

from local import running
from local.region import Region


def reached(name: str, *, aws: bool) -> Region:
    """The region `name`.

    Args:
        name: The AWS region.
        aws: Of the account whose credentials boto3 finds, instead of `watershed up`.

    Raises:
        ConfigurationError: if the local AWS is not up, or has no such region.
    """
    if not aws:
        return running.lake().region(name)
    session = boto3.Session(region_name=name)
    account = session.client("sts").get_caller_identity()["Account"]
    return Region(name, account, session.client)
