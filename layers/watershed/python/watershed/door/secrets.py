"""A source's secrets, from Secrets Manager: kept for minutes, so that a rotation is seen and a delivery costs none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from watershed import names
from watershed.errors import ConfigurationError, Transient

MAX_AGE = 300  # seconds for which a secret is believed without asking again
MIN_AGE = 10  # seconds for which nobody is asked again, however many wrong signatures come


class SecretsClient(Protocol):
    """The part of boto3's Secrets Manager client used here."""

    def get_secret_value(self, **request: Any) -> dict[str, Any]:
        """GetSecretValue."""


@dataclass(frozen=True)
class _Kept:
    secrets: tuple[bytes, ...]
    at: float


@dataclass(frozen=True)
class Secrets:
    """The secrets of this region's sources.

    Args:
        client: boto3's Secrets Manager client of the region.
        clock: Seconds that only go forward.
    """

    client: SecretsClient
    clock: Callable[[], float]
    _kept: dict[str, _Kept] = field(default_factory=dict)

    def of(self, source: str, *, older_than: float = MAX_AGE) -> tuple[bytes, ...]:
        """The valid secrets of `source`, the present one first; asked for again if they are older than that.

        Raises:
            ConfigurationError: if the secret is not there, or is not JSON with `current`.
            Transient: if Secrets Manager does not answer.
        """
        kept = self._kept.get(source)
        if kept is None or self.clock() - kept.at > older_than:
            kept = self._kept[source] = _Kept(_read(self.client, source), self.clock())
        return kept.secrets


def _read(client: SecretsClient, source: str) -> tuple[bytes, ...]:
    name = names.push_secret(source)
    try:
        text = client.get_secret_value(SecretId=name)["SecretString"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in {"ResourceNotFoundException", "InvalidRequestException"}:
            raise ConfigurationError(
                f"The secret {name} has no value.", remedy="Put one: docs/connectors.md."
            ) from error
        raise Transient(f"Secrets Manager did not give {name} ({code}).", remedy="The sender repeats.") from error
    except BotoCoreError as error:
        what = f"Secrets Manager did not answer ({type(error).__name__})."
        raise Transient(what, remedy="The sender repeats.") from error
    try:
        found = json.loads(text)
        secrets = tuple(str(found[key]).encode() for key in ("current", "previous") if found.get(key))
    except (ValueError, AttributeError, TypeError):
        secrets = ()
    if not secrets:
        remedy = 'Write {"current": "…"} and, while both are valid, "previous": docs/connectors.md.'
        raise ConfigurationError(f"The secret {name} is not what the door reads.", remedy=remedy) from None
    return secrets
