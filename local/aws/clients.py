"""boto3 clients of the laptop's AWS, made once per service and region."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, ClassVar

import boto3


class Clients:
    """A cache of boto3 clients over one session, which loads each service's model once for all regions.

    Attributes:
        proven: sets of parameter paths that moto was seen to keep (see `Request.keep`); moto does not change meanwhile.
        described: what CloudFormation made and moto has no API for, by ARN.
    """

    proven: ClassVar[set[frozenset[str]]] = set()

    def __init__(self) -> None:
        self._clients: dict[tuple[str, str], Any] = {}
        self.described: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()  # boto3 sessions are not safe to share between threads, clients are

    def client(self, service: str, region: str) -> Any:
        """The client of `service` (boto3's name) in `region`."""
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = _session().client(service, region_name=region)
            return self._clients[key]


@cache
def _session() -> Any:
    """One session for the process: parsing the services' models takes half a second."""
    return boto3.Session(aws_access_key_id="local", aws_secret_access_key="local")  # noqa: S106 - it opens nothing


def service_model(service: str, kind: str) -> Any:
    """The parsed model of a service, from the cache that the clients use.

    Args:
        service: boto3's name.
        kind: botocore's, e.g. `service-2`.
    """
    return _session()._session.get_component("data_loader").load_service_model(service, kind)  # noqa: SLF001 - no public way
