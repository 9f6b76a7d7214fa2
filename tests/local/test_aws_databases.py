"""Databases on the laptop: a real PostgreSQL a cluster, with the lake's roles, for functions and for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from watershed import names

from local.aws import LocalAWS, postgres
from local.aws.errors import UnsupportedResource
from tests.local.conftest import LAMBDA_MAY_ASSUME

if TYPE_CHECKING:
    from tests.local.conftest import Assembly

REGION, OTHER = "eu-central-1", "us-east-1"
CLUSTER: dict[str, Any] = {
    "Type": "AWS::RDS::DBCluster",
    "Properties": {
        "DBClusterIdentifier": names.DATABASE,
        "DatabaseName": names.DATABASE,
        "Engine": "aurora-postgresql",
        "Port": names.DATABASE_PORT,
        "MasterUsername": names.DATABASE_OWNER,
        "ManageMasterUserPassword": True,
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0, "MaxCapacity": 4},
    },
}
LOAD = """
import os
import psycopg

def handler(event, _):
    host, port = os.environ["WATERSHED_DATABASE_HOST"], os.environ["WATERSHED_DATABASE_PORT"]
    with psycopg.connect(host=host, port=port, user="watershed_publisher", dbname="watershed") as connection:
        connection.execute("CREATE TABLE gold.sales (day date, revenue numeric(18, 2))")
        connection.execute("INSERT INTO gold.sales VALUES (%s, %s)", event["row"])
        connection.execute("GRANT SELECT ON gold.sales TO watershed_readers")
    return {"port": os.environ["PGPORT"]} if "PGPORT" in os.environ else {}
"""
RESOURCES: dict[str, Any] = {
    "Cluster": CLUSTER,
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": LAMBDA_MAY_ASSUME}},
    "Load": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "load",
            "Handler": "index.handler",
            "Runtime": "python3.13",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": LOAD},
            "Environment": {
                "Variables": {
                    "WATERSHED_DATABASE_HOST": {"Fn::GetAtt": ["Cluster", "Endpoint.Address"]},
                    "WATERSHED_DATABASE_PORT": {"Fn::GetAtt": ["Cluster", "Endpoint.Port"]},
                }
            },
        },
    },
}
OUTPUTS = {
    "Host": {"Value": {"Fn::GetAtt": ["Cluster", "Endpoint.Address"]}},
    "Port": {"Value": {"Fn::GetAtt": ["Cluster", "Endpoint.Port"]}},
    "Secret": {"Value": {"Fn::GetAtt": ["Cluster", "MasterUserSecret.SecretArn"]}},
}


def outputs(aws: LocalAWS, region: str) -> dict[str, str]:
    (stack,) = aws.client("cloudformation", region).describe_stacks(StackName=f"Stack-{region}")["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def connected(where: dict[str, str], user: str, database: str = names.DATABASE) -> psycopg.Connection[Any]:
    host, port = where["Host"], where["Port"]
    return psycopg.connect(host=host, port=port, user=user, dbname=database, autocommit=True, connect_timeout=5)


def test_functions_load_it_and_readers_only_read_it(aws: LocalAWS, assembly: Assembly) -> None:
    folder = assembly.write(RESOURCES, outputs=OUTPUTS)
    aws.deploy(folder)
    payload = json.dumps({"row": ["2026-03-01", "12.50"]})
    answer = aws.client("lambda", REGION).invoke(FunctionName="load", Payload=payload)
    assert json.load(answer["Payload"]) == {}, "the server's settings are not the function's"
    here = outputs(aws, REGION)
    assert here["Port"] == str(names.DATABASE_PORT)
    with connected(here, "postgres") as owner:
        owner.execute("CREATE ROLE analyst LOGIN IN ROLE watershed_readers")
    with connected(here, "analyst") as analyst:
        assert str(analyst.execute("SELECT revenue FROM gold.sales").fetchall()) == "[(Decimal('12.50'),)]"
        for refused in ("DELETE FROM gold.sales", "CREATE TABLE gold.mine (a int)", "CREATE TABLE public.mine (a int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                analyst.execute(refused)
    aws.deploy(folder)
    assert outputs(aws, REGION) == here, "a deployment without a change leaves it alone"
    aws.client("cloudformation", REGION).delete_stack(StackName=f"Stack-{REGION}")
    with pytest.raises(psycopg.OperationalError):
        connected(here, "postgres")


def test_each_region_has_its_own_and_all_stop_with_the_laptops_aws(assembly: Assembly) -> None:
    with LocalAWS() as aws:
        aws.deploy(assembly.write({"Cluster": CLUSTER}, regions=(REGION, OTHER), outputs=OUTPUTS))
        where, there = outputs(aws, REGION), outputs(aws, OTHER)
        with connected(where, names.DATABASE_PUBLISHER) as publisher:
            publisher.execute("CREATE TABLE gold.here (a int)")
        with connected(there, names.DATABASE_PUBLISHER) as publisher:
            assert publisher.execute("SELECT to_regclass('gold.here')").fetchone() == (None,)
        secret = aws.client("secretsmanager", REGION).get_secret_value(SecretId=where["Secret"])
        assert json.loads(secret["SecretString"])["username"] == names.DATABASE_OWNER
        with connected(where, "postgres") as connection:
            connection.execute(postgres.roles())  # as an operator may, twice
        changed = {**CLUSTER, "Properties": {**CLUSTER["Properties"], "ServerlessV2ScalingConfiguration": {}}}
        aws.deploy(assembly.write({"Cluster": changed}, outputs=OUTPUTS))
        assert outputs(aws, REGION) == where, "its size has no effect here"
        moved = {**CLUSTER, "Properties": {**changed["Properties"], "Port": 6000}}
        with pytest.raises(UnsupportedResource, match="a change of Port replaces the resource"):
            aws.deploy(assembly.write({"Cluster": moved}, outputs=OUTPUTS))
    for stopped in (where, there):
        with pytest.raises(psycopg.OperationalError):
            connected(stopped, "postgres")


def test_a_server_that_was_there_before_stays() -> None:
    """As that of tests/postgres, when another test of the same process has its own AWS."""
    address = postgres.start("before", "before", "postgres_before", names.DATABASE_PORT)
    with LocalAWS():
        pass
    with psycopg.connect(host=address.host, port=address.port, user="postgres", dbname="postgres_before") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    postgres.stop("before", "before")


def test_another_engine_is_refused(aws: LocalAWS, assembly: Assembly) -> None:
    other = {**CLUSTER, "Properties": {**CLUSTER["Properties"], "Engine": "aurora-mysql"}}
    with pytest.raises(UnsupportedResource, match="the laptop has no aurora-mysql"):
        aws.deploy(assembly.write({"Cluster": other}))


def test_an_owner_like_auroras_makes_the_roles_and_stays_no_member_of_the_publisher() -> None:
    """Aurora's owner is no superuser, and whoever is a member of a role with rds_iam cannot use a password."""
    address = postgres.start(REGION, "like-auroras", "somebody_elses", names.DATABASE_PORT)
    try:
        where = {"Host": address.host, "Port": str(address.port)}
        with connected(where, "postgres", "postgres") as superuser:
            superuser.execute("CREATE ROLE rds_iam NOLOGIN")
            superuser.execute("CREATE ROLE lakes_owner LOGIN CREATEROLE")
            superuser.execute("GRANT rds_iam TO lakes_owner WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
            superuser.execute("CREATE DATABASE watershed OWNER lakes_owner")
        with connected(where, "lakes_owner") as owner:
            for _ in range(2):
                owner.execute(postgres.roles())
            members = owner.execute(
                "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members"
                " WHERE (inherit_option OR set_option) AND roleid::regrole::text !~ '^pg_'"
            ).fetchall()
        with connected(where, names.DATABASE_PUBLISHER) as publisher:
            publisher.execute("CREATE TABLE gold.sales (day date)")
        assert members == [(names.DATABASE_PUBLISHER, "rds_iam")]
    finally:
        postgres.stop(REGION, "like-auroras")
