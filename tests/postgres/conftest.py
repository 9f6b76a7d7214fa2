"""One PostgreSQL for all tests, emptied for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import psycopg
import pytest
from moto import mock_aws
from watershed import names

from local.aws import postgres
from tests.postgres.lab import BUCKET, ROLES, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSION = boto3.Session("test", "test", region_name="us-east-1")  # reads the services' models once


@pytest.fixture(scope="session")
def server() -> Iterator[dict[str, Any]]:
    """How to reach a server of this test run's own."""
    address = postgres.start("tests", "tests", names.DATABASE, names.DATABASE_PORT)
    yield {"host": address.host, "port": address.port}
    postgres.stop("tests", "tests")


@pytest.fixture
def lab(server: dict[str, Any]) -> Iterator[Lab]:
    """A database with roles and nothing else, and an empty gold bucket."""
    with psycopg.connect(**server, dbname=names.DATABASE, user="postgres", autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS gold, watershed, notes CASCADE")
        connection.execute(ROLES)
        connection.execute("DROP ROLE IF EXISTS analyst")
        connection.execute(f"CREATE ROLE analyst LOGIN IN ROLE {names.DATABASE_READERS}")
    with mock_aws():
        s3 = SESSION.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        yield Lab(server, s3)
