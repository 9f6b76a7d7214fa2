"""The database as IAM would judge it: what loading needs is allowed, what would take rows elsewhere is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.names import Layer, Stage

from infra.guardrails.attach import guardrails
from infra.guardrails.place import Place
from tests.infra.documents import allowances, denials, settled
from tests.infra.resources import Resources
from tests.policies import access as said
from tests.policies.access import administrator
from tests.policies.iam.policy import Policy, Principal
from tests.policies.operations import Need
from tests.policies.recorder import Call
from tests.policies.requests import request, requests
from tests.policies.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.policies.access import Access

    Changed = Mapping[str, str | tuple[str, ...] | None]

ACCOUNT, REGION = "123456789012", "eu-central-1"
GOLD, SILVER = (names.bucket(layer, ACCOUNT, REGION) for layer in (Layer.GOLD, Layer.SILVER))
RUN = names.gold_run_prefix("sales", "20260301T000000000000Z-00000000")
USER = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:cluster-ABC/"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{names.function(Stage.PUBLISH)}"
EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}:"
QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{{}}"
ADMIN = {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/admin"}
DEPLOYER = {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{REGION}"}


@pytest.fixture(scope="module")
def access(with_database: dict[str, Any]) -> Access:
    return said.read(Template(with_database, ACCOUNT, REGION))


def may(access: Access, user: str, operation: str, **parameters: Any) -> bool:
    """Whether a role may make a call, with all that its key asks."""
    call = Call(Principal(ACCOUNT, access.role(user).arn), operation, parameters)
    return all(access.decide(each).allowed for each in requests(call, access))


def does(access: Access, action: str, resource: str, **changed: str | None) -> bool:
    """Whether the publisher's role may do something for which nothing is called."""
    who = Principal(ACCOUNT, access.role("publish").arn)
    keys = {key.replace("__", ":"): value for key, value in changed.items()}
    return access.decide(request(who, Need(action, resource), access, changed=keys)).allowed


def test_the_publisher_reads_runs_of_gold_and_no_other_object(access: Access) -> None:
    assert may(access, "publish", "s3.GetObject", Bucket=GOLD, Key=f"{RUN}0.parquet")
    assert may(access, "publish", "s3.ListObjectsV2", Bucket=GOLD, Prefix=RUN)
    assert may(access, "publish", "s3.ListObjectsV2", Bucket=GOLD, Prefix="sales/run=")  # all of the model's
    assert not may(access, "publish", "s3.ListObjectsV2", Bucket=GOLD, Prefix="sales/")
    assert not may(access, "publish", "s3.ListObjectsV2", Bucket=GOLD)
    assert not may(access, "publish", "s3.GetObject", Bucket=GOLD, Key="sales/else.parquet")
    assert not may(access, "publish", "s3.GetObject", Bucket=SILVER, Key=f"{RUN}0.parquet")
    assert not may(access, "publish", "s3.GetObject", Bucket=SILVER, Key=names.MASKING_KEY)
    assert not may(access, "publish", "s3.PutObject", Bucket=GOLD, Key=f"{RUN}0.parquet")


def test_it_takes_its_messages_and_sends_none(access: Access) -> None:
    own = QUEUE.format(names.queue(Stage.PUBLISH))
    assert may(access, "publish", "sqs.ReceiveMessage", QueueUrl=own)
    assert may(access, "publish", "sqs.DeleteMessage", QueueUrl=own)
    for name in (names.queue(Stage.PUBLISH), names.dead_letter_queue(Stage.PUBLISH), names.queue(Stage.GOLD)):
        assert not may(access, "publish", "sqs.SendMessage", QueueUrl=QUEUE.format(name))
    assert may(access, "gold", "sqs.SendMessage", QueueUrl=own)
    assert not may(access, "silver", "sqs.SendMessage", QueueUrl=own)


def test_it_signs_in_as_one_user_whatever_rds_says_of_the_request(access: Access) -> None:
    for keys in ({}, {"aws__RequestedRegion": None}, {"aws__SecureTransport": None, "aws__RequestedRegion": None}):
        assert does(access, "rds-db:connect", f"{USER}{names.DATABASE_PUBLISHER}", **keys)
        assert not does(access, "rds-db:connect", f"{USER}{names.DATABASE_OWNER}", **keys)
    other = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:cluster-OTHER/{names.DATABASE_PUBLISHER}"
    assert not does(access, "rds-db:connect", other)
    who = Principal(ACCOUNT, access.role("gold").arn)
    assert not access.decide(request(who, Need("rds-db:connect", f"{USER}watershed_publisher"), access)).allowed


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ec2:CreateNetworkInterface", f"{EC2}network-interface/*"),
        ("ec2:DeleteNetworkInterface", f"{EC2}network-interface/eni-1"),
        ("ec2:DeleteNetworkInterface", f"{EC2}*/*"),  # as Lambda asks beforehand
        ("ec2:AssignPrivateIpAddresses", f"{EC2}network-interface/eni-1"),
        ("ec2:DescribeNetworkInterfaces", "*"),
        ("ec2:DescribeSubnets", "*"),
    ],
)
def test_lambda_manages_its_interfaces_and_the_code_does_not(access: Access, action: str, resource: str) -> None:
    assert does(access, action, resource)
    assert not does(access, action, resource, **{"lambda:SourceFunctionArn": FUNCTION})
    assert not does(access, action, resource, aws__RequestedRegion="us-east-1")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ec2:CreateNetworkInterface", f"{EC2}subnet/subnet-of-others"),
        ("ec2:CreateVpcPeeringConnection", f"{EC2}vpc/vpc-1"),
        ("ec2:AttachInternetGateway", f"{EC2}vpc/vpc-1"),
        ("ec2:ModifyVpcEndpoint", f"{EC2}vpc-endpoint/vpce-1"),
        ("rds:CopyDBClusterSnapshot", f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:s"),
        ("rds:ModifyDBClusterSnapshotAttribute", f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:s"),
        ("rds:StartExportTask", "*"),
        ("rds-data:ExecuteStatement", f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:watershed"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!cluster-1-AbCdEf"),
    ],
)
def test_no_role_of_the_lake_could_even_if_it_were_allowed_everything(
    access: Access, action: str, resource: str
) -> None:
    for role in access.roles.values():
        question = request(Principal(ACCOUNT, role.arn), Need(action, resource), access)
        assert not access.decide(question).allowed
        # The boundary leaves Lambda any subnet of the account; there, it is the publisher's own statement that holds.
        if action != "ec2:CreateNetworkInterface":
            assert not access.decide(question, [administrator(role.user)]).allowed


def test_the_endpoint_lets_the_publisher_read_gold_and_nobody_anything_else(with_database: dict[str, Any]) -> None:
    resources = Resources(with_database)
    (endpoint,) = resources.of("EC2::VPCEndpoint").values()
    policy = Policy.parse("endpoint", settled(resources, endpoint["Properties"]["PolicyDocument"]))
    gold = f"arn:aws:s3:::{names.bucket(Layer.GOLD, '1234', REGION)}"
    us = {"aws:PrincipalArn": f"arn:aws:iam::1234:role/{names.role(Stage.PUBLISH, REGION)}"}
    assert allowances(policy, "s3:GetObject", f"{gold}/{RUN}0.parquet", us)
    assert allowances(policy, "s3:ListBucket", gold, us)
    for action, resource, who in (
        ("s3:PutObject", f"{gold}/{RUN}0.parquet", us),
        ("s3:GetObject", f"arn:aws:s3:::{names.bucket(Layer.SILVER, '1234', REGION)}/a", us),
        ("s3:GetObject", f"{gold}/{RUN}0.parquet", {}),  # another role of the lake
        ("s3:GetObject", f"{gold}/{RUN}0.parquet", {**us, "aws:ResourceAccount": "9999"}),
        ("s3:PutObject", "arn:aws:s3:::somebody-elses/a", {"aws:PrincipalArn": "arn:aws:iam::9999:role/smuggler"}),
    ):
        assert not allowances(policy, action, resource, who), (action, resource, who)


RDS, BY_HAND = {"kms:ViaService": f"rds.{REGION}.amazonaws.com"}, {"kms:GrantIsForAWSResource": "false"}
FOR_RDS = {**RDS, "kms:GrantIsForAWSResource": "true"}
ADMINISTRATOR = Principal(ACCOUNT, ADMIN["aws:PrincipalArn"])


def key_allows(access: Access, action: str, keys: Mapping[str, str], who: Principal = ADMINISTRATOR) -> bool:
    (key,) = [arn for arn in access.resources if arn.split(":")[2] == "kms"]
    question = request(who, Need(action, key), access, changed=keys)
    return access.decide(question, [administrator("admin")]).allowed


def test_the_key_is_granted_to_the_database_and_to_nobody_else(access: Access) -> None:
    elsewhere = {"kms:ViaService": "rds.us-east-1.amazonaws.com"}
    assert key_allows(access, "kms:CreateGrant", FOR_RDS)
    assert key_allows(access, "kms:Decrypt", RDS)
    assert not key_allows(access, "kms:CreateGrant", {**RDS, **BY_HAND})
    assert not key_allows(access, "kms:CreateGrant", {**FOR_RDS, "kms:ViaService": f"ebs.{REGION}.amazonaws.com"})
    assert not key_allows(access, "kms:CreateGrant", {**FOR_RDS, **elsewhere})
    assert not key_allows(access, "kms:CreateGrant", {"kms:GrantIsForAWSResource": "true"})
    assert not key_allows(access, "kms:ReplicateKey", RDS)
    assert not key_allows(access, "kms:Decrypt", elsewhere)
    stranger = Principal("999999999999", "arn:aws:iam::999999999999:role/administrator")
    assert not key_allows(access, "kms:CreateGrant", FOR_RDS, stranger)


def test_without_a_database_nobody_is_granted_the_key(template: dict[str, Any]) -> None:
    access = said.read(Template(template, ACCOUNT, REGION))
    assert not key_allows(access, "kms:CreateGrant", FOR_RDS)
    assert not key_allows(access, "kms:Decrypt", RDS)


def attached(name: str, account: str | None = ACCOUNT) -> Policy:
    (found,) = [each for each in guardrails(Place(REGION, account, database=True)) if each.name == name]
    return Policy.parse(name, json.loads(found.text))


OURS = {"aws:ResourceTag/watershed": "database"}
SNAPSHOT = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:s"
VPC = f"{EC2}vpc/vpc-1"
HERE = {"ec2:AccepterVpc": VPC, "ec2:RequesterVpc": VPC}
CASES: list[tuple[str, str, str, dict[str, Any], set[str]]] = [
    ("a snapshot is shared", "rds:ModifyDBClusterSnapshotAttribute", SNAPSHOT, OURS, {"DatabaseStays"}),
    ("another database's is", "rds:ModifyDBClusterSnapshotAttribute", SNAPSHOT, {}, set()),
    ("a snapshot is copied", "rds:CopyDBClusterSnapshot", SNAPSHOT, {**OURS, **DEPLOYER}, {"DatabaseStays"}),
    ("a role for exports", "rds:AddRoleToDBCluster", f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:watershed", OURS,
     {"DatabaseStays"}),
    ("its tag is taken off", "rds:RemoveTagsFromResource", SNAPSHOT, OURS, {"DatabaseStays"}),
    ("a snapshot is exported", "rds:StartExportTask", "*", {}, {"NoExports"}),
    ("elsewhere one is", "rds:StartExportTask", "*", {"aws:RequestedRegion": "us-east-1"}, set()),
    ("a database of all regions", "rds:CreateGlobalCluster", "*", {}, {"NoExports"}),
    ("an internet gateway", "ec2:AttachInternetGateway", VPC, OURS, {"NetworkByDeployment"}),
    ("an endpoint opened", "ec2:ModifyVpcEndpoint", f"{EC2}vpc-endpoint/vpce-1", OURS, {"NetworkByDeployment"}),
    ("an endpoint deployed", "ec2:ModifyVpcEndpoint", f"{EC2}vpc-endpoint/vpce-1", {**OURS, **DEPLOYER}, set()),
    ("another network's gateway", "ec2:AttachInternetGateway", VPC, {}, set()),
    ("peers here", "ec2:CreateVpcPeeringConnection", VPC, {**OURS, **HERE}, set()),
    ("a peer elsewhere", "ec2:CreateVpcPeeringConnection", VPC,
     {**OURS, **HERE, "ec2:AccepterVpc": f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/v"}, {"PeersAccepterHere"}),
    ("a stranger asks to be a peer", "ec2:AcceptVpcPeeringConnection", VPC,
     {**OURS, **HERE, "ec2:RequesterVpc": f"arn:aws:ec2:{REGION}:999999999999:vpc/v"}, {"PeersRequesterHere"}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "action", "resource", "changed", "by"), CASES, ids=[case[0] for case in CASES])
def test_what_the_databases_guardrail_stops(
    what: str, action: str, resource: str, changed: dict[str, Any], by: set[str]
) -> None:
    context = {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT, **ADMIN, **changed}
    policy = attached("service-control-policy-database")
    assert denials(policy, action, resource, context) == by, what


def test_the_other_guardrails_make_room_for_it() -> None:
    role = {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{names.role(Stage.PUBLISH, REGION)}"}
    control = attached("service-control-policy")
    user = f"{USER}{names.DATABASE_PUBLISHER}"
    assert not denials(control, "rds-db:connect", user, {**role, "aws:RequestedRegion": None})
    there = {**role, "aws:RequestedRegion": "us-east-1", "aws:ResourceAccount": ACCOUNT}
    assert denials(control, "s3:GetObject", "arn:aws:s3:::a/b", there) == {"RolesStayInRegion"}
    key: Changed = {**ADMIN, "kms:ResourceAliases": (names.KEY_ALIAS,), "aws:ResourceAccount": ACCOUNT}
    key = {**key, "aws:PrincipalAccount": ACCOUNT}
    for name in ("service-control-policy", "resource-control-policy"):
        policy, arn = attached(name), f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
        assert not denials(policy, "kms:CreateGrant", arn, {**key, **FOR_RDS})
        assert denials(policy, "kms:CreateGrant", arn, {**key, **RDS, **BY_HAND}) == {"NoGrantsByHand"}
        by_others: Changed = {**key, "kms:GrantIsForAWSResource": "true"}
        assert denials(policy, "kms:CreateGrant", arn, by_others) == {"GrantsForTheDatabase"}
        assert denials(policy, "kms:ReplicateKey", arn, key) == {"KeyStaysHere"}


def test_a_region_without_a_database_has_no_word_of_it() -> None:
    plain = guardrails(Place(REGION, ACCOUNT))
    assert "service-control-policy-database" not in {each.name for each in plain}
    assert not [each.name for each in plain if "rds" in each.text or "ec2" in each.text]


@pytest.mark.parametrize("account", [None, ACCOUNT])
@pytest.mark.parametrize("region", ["eu-central-1", "ap-southeast-7", "us-gov-west-1"])
def test_every_guardrail_fits_with_a_database_too(region: str, account: str | None) -> None:
    for each in guardrails(Place(region, account, database=True)):
        assert len(each.text) <= each.limit
        sids = [statement["Sid"] for statement in each.document["Statement"]]
        assert len(set(sids)) == len(sids)
        assert all(sid.isalnum() for sid in sids)
