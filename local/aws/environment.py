"""Keeps the developer's AWS settings out: no profile, no endpoint, no credentials of theirs reach the laptop's AWS."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HIDDEN = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
)


@contextmanager
def isolated(account: str) -> Iterator[None]:
    """Set the process's environment for the laptop's AWS, and put it back.

    Args:
        account: the account that every call acts in, whatever its credentials.
    """
    before = dict(os.environ)
    for name in before:
        if name in _HIDDEN or name.startswith("AWS_ENDPOINT_URL_"):
            del os.environ[name]
    os.environ.update(
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        MOTO_ACCOUNT_ID=account,
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
