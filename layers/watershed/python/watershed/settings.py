"""What a function needs to know about where it runs, from its environment. Nothing else reads `os.environ`."""

from __future__ import annotations

import os
from dataclasses import dataclass

from watershed import names
from watershed.errors import ConfigurationError


@dataclass(frozen=True)
class Settings:
    """Where this function runs."""

    account: str
    region: str
    jurisdiction: tuple[str, ...]  # ISO 3166 alpha-2 codes of the countries whose rows belong here

    @classmethod
    def from_environment(cls) -> Settings:
        """Read `WATERSHED_ACCOUNT`, `AWS_REGION` and `WATERSHED_JURISDICTION` (comma-separated).

        Raises:
            ConfigurationError: naming the variable that is missing.
        """
        return cls(
            account=_required("WATERSHED_ACCOUNT"),
            region=_required("AWS_REGION"),
            jurisdiction=tuple(code for code in _required("WATERSHED_JURISDICTION").split(",") if code),
        )

    def bucket(self, layer: names.Layer) -> str:
        """This region's bucket of `layer`."""
        return names.bucket(layer, self.account, self.region)

    def queue_url(self, stage: names.Stage) -> str:
        """The URL of the queue that feeds `stage`; infra passes it as `WATERSHED_<STAGE>_QUEUE_URL`."""
        return _required(_queue_url(stage))

    def dead_letter_url(self, stage: names.Stage) -> str:
        """The URL of the stage's dead-letter queue; infra passes it as `WATERSHED_<STAGE>_DEAD_LETTER_URL`."""
        return _required(f"WATERSHED_{stage.upper()}_DEAD_LETTER_URL")

    @property
    def time_zones(self) -> tuple[str, ...]:
        """The region's time zones by IANA name; infra passes them as `WATERSHED_TIME_ZONES`, comma-separated."""
        return tuple(_required("WATERSHED_TIME_ZONES").split(","))

    @property
    def publishes(self) -> bool:
        """Whether gold is published in a database: infra tells gold's function of the queue where it is."""
        return bool(os.environ.get(_queue_url(names.Stage.PUBLISH)))

    @property
    def database(self) -> tuple[str, int]:
        """The database's host and port; infra passes them as `WATERSHED_DATABASE_HOST` and `…_PORT`."""
        return _required("WATERSHED_DATABASE_HOST"), int(_required("WATERSHED_DATABASE_PORT"))

    @property
    def attempts(self) -> int:
        """After how many deliveries SQS gives a message up; infra passes it as `WATERSHED_ATTEMPTS`."""
        return int(_required("WATERSHED_ATTEMPTS"))


def _queue_url(stage: names.Stage) -> str:
    return f"WATERSHED_{stage.upper()}_QUEUE_URL"


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ConfigurationError(f"The environment variable {name} is not set.", remedy="Deploy with `cdk deploy`.")
    return value
