"""The policies that are attached by hand: what each stops, what it leaves alone, and that AWS takes it as it is."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from watershed import names
from watershed.errors import ConfigurationError
from watershed.names import Layer, Stage

from infra.guardrails.attach import CONTROL_POLICY_LIMIT, Guardrail, guardrails
from infra.guardrails.place import Place, policy
from local.config import regions
from tests.infra.documents import A_SERVICE, A_SERVICE_FOR_OTHERS, ANOTHER_ACCOUNT, NOBODY, allowances, denials
from tests.policies.iam.policy import Policy

ACCOUNT, REGION, ELSEWHERE = "123456789012", "eu-central-1", "us-east-1"
OBJECT = f"arn:aws:s3:::{names.bucket(Layer.RAW, ACCOUNT, REGION)}/a.csv"
BUCKET = OBJECT.removesuffix("/a.csv")
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{names.queue(Stage.SILVER)}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{names.role('silver', REGION)}"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{names.log_group(Stage.BRONZE)}:*"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:watershed/shopify/push-AbCdEf"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{names.function(Stage.BRONZE)}"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/{names.boundary(REGION)}"
OTHERS_BUCKET, THEIRS = BUCKET.replace(REGION, ELSEWHERE), "arn:aws:s3:::theirs/a"
THERE, OWNED_BY_OTHERS = {"aws:RequestedRegion": ELSEWHERE}, {"aws:ResourceAccount": "999999999999"}
DEPLOYER = {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{REGION}"}
OF_THE_LAKE = {"aws:PrincipalArn": ROLE}
OURS = {"kms:ResourceAliases": (names.KEY_ALIAS,)}
ADMIN = {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/admin"}
SCP, OWN, RCP, CATALOG = (
    "service-control-policy",
    "service-control-policy-own-account",
    "resource-control-policy",
    "catalog-policy",
)


class Case(NamedTuple):
    """A request that a policy meets, and the statements that deny it."""

    policy: str
    what: str
    action: str
    resource: str
    changed: dict[str, Any]
    by: set[str]


def attached(name: str, account: str | None) -> Policy:
    (found,) = [each for each in guardrails(Place(REGION, account)) if each.name == name]
    return Policy.parse(name, json.loads(found.text))


CASES = [
    Case(SCP, "a function works", "s3:GetObject", OBJECT, OF_THE_LAKE, set()),
    Case(SCP, "a function, elsewhere", "s3:GetObject", OBJECT, {**OF_THE_LAKE, **THERE}, {"RolesStayInRegion"}),
    Case(SCP, "a function, abroad", "s3:PutObject", THEIRS, {**OF_THE_LAKE, **OWNED_BY_OTHERS}, {"RolesStayInAccount"}),
    Case(SCP, "others work elsewhere", "s3:GetObject", OBJECT, {**ADMIN, **THERE}, set()),
    Case(SCP, "replication", "s3:PutReplicationConfiguration", BUCKET, DEPLOYER, {"NothingLeavesByItself"}),
    Case(SCP, "replication of another bucket", "s3:PutReplicationConfiguration", "arn:aws:s3:::other", ADMIN, set()),
    Case(SCP, "replication of another region's bucket", "s3:PutReplicationConfiguration", OTHERS_BUCKET, ADMIN, set()),
    Case(SCP, "a replica key", "kms:ReplicateKey", KEY, {**ADMIN, **OURS}, {"KeyStaysHere"}),
    Case(SCP, "another key's replica", "kms:ReplicateKey", KEY, ADMIN, set()),
    Case(SCP, "the key's policy, by hand", "kms:PutKeyPolicy", KEY, {**ADMIN, **OURS}, {"KeyByDeployment"}),
    Case(SCP, "the key's policy, deployed", "kms:PutKeyPolicy", KEY, {**DEPLOYER, **OURS}, set()),
    Case(SCP, "a bucket's policy, by hand", "s3:DeleteBucketPolicy", BUCKET, ADMIN, {"BucketsByDeployment"}),
    Case(SCP, "a bucket's policy, deployed", "s3:PutBucketPolicy", BUCKET, DEPLOYER, set()),
    Case(SCP, "logs to another account", "logs:PutSubscriptionFilter", LOGS, ADMIN, {"RestByDeployment"}),
    Case(SCP, "an address for a function", "lambda:CreateFunctionUrlConfig", FUNCTION, ADMIN, {"RestByDeployment"}),
    Case(SCP, "a secret elsewhere", "secretsmanager:ReplicateSecretToRegions", SECRET, ADMIN, {"RestByDeployment"}),
    Case(SCP, "a secret opened", "secretsmanager:PutResourcePolicy", SECRET, ADMIN, {"RestByDeployment"}),
    Case(SCP, "a queue opened", "sqs:SetQueueAttributes", QUEUE, ADMIN, {"RestByDeployment"}),
    Case(SCP, "a role without its boundary", "iam:DeleteRolePermissionsBoundary", ROLE, ADMIN, {"RolesByDeployment"}),
    Case(SCP, "a wider boundary", "iam:CreatePolicyVersion", BOUNDARY, ADMIN, {"RolesByDeployment"}),
    Case(SCP, "a role for another function", "iam:PassRole", ROLE, ADMIN, {"RolesByDeployment"}),
    Case(SCP, "a role, deployed", "iam:PassRole", ROLE, DEPLOYER, set()),
    Case(SCP, "another role", "iam:PutRolePolicy", ADMIN["aws:PrincipalArn"], ADMIN, set()),
    Case(OWN, "Athena of another region", "athena:StartQueryExecution", "*", {**ADMIN, **THERE}, {"OnlyThisRegion"}),
    Case(OWN, "Athena here", "athena:StartQueryExecution", "*", ADMIN, set()),
    Case(OWN, "IAM, which is everywhere", "iam:GetRole", ROLE, {**ADMIN, **THERE}, set()),
    Case(OWN, "Lake Formation", "lakeformation:RegisterResource", "*", ADMIN, {"NothingIsShared"}),
    Case(OWN, "all logs to another account", "logs:PutAccountPolicy", "*", ADMIN, {"NothingIsShared"}),
    Case(OWN, "leaving the organization", "organizations:LeaveOrganization", "*", ADMIN, {"AccountStays"}),
    Case(RCP, "a function works", "s3:GetObject", OBJECT, OF_THE_LAKE, set()),
    Case(RCP, "S3's notification", "sqs:SendMessage", QUEUE, A_SERVICE, set()),
    Case(RCP, "Lambda takes its role", "sts:AssumeRole", ROLE, {**A_SERVICE, "aws:SourceAccount": None}, set()),
    Case(RCP, "another account reads", "s3:GetObject", OBJECT, ANOTHER_ACCOUNT, {"OnlyThisAccount"}),
    Case(RCP, "nobody in particular reads", "s3:GetObject", OBJECT, NOBODY, {"OnlyThisAccount"}),
    Case(RCP, "another account takes a role", "sts:AssumeRole", ROLE, ANOTHER_ACCOUNT, {"OnlyThisAccount"}),
    Case(RCP, "another account's message", "sqs:SendMessage", QUEUE, ANOTHER_ACCOUNT, {"OnlyThisAccount"}),
    Case(RCP, "a service for another account", "s3:PutObject", OBJECT, A_SERVICE_FOR_OTHERS, {"NoServiceForOthers"}),
    Case(RCP, "without TLS", "s3:GetObject", OBJECT, {**ADMIN, "aws:SecureTransport": "false"}, {"OnlyByTls"}),
    Case(RCP, "replication", "s3:PutReplicationConfiguration", BUCKET, DEPLOYER, {"NothingLeavesByItself"}),
    Case(RCP, "another account decrypts", "kms:Decrypt", KEY, {**ANOTHER_ACCOUNT, **OURS}, {"KeyOnlyThisAccount"}),
    Case(RCP, "another account, another key", "kms:Decrypt", KEY, ANOTHER_ACCOUNT, set()),
    Case(RCP, "another bucket is left alone", "s3:GetObject", "arn:aws:s3:::other/a", ANOTHER_ACCOUNT, set()),
]  # fmt: skip


@pytest.mark.parametrize("account", [None, ACCOUNT])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.policy}: {case.what}")
def test_what_each_stops_and_leaves_alone(case: Case, account: str | None) -> None:
    context = {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT, **case.changed}
    if context.get("aws:SourceAccount") == A_SERVICE["aws:SourceAccount"]:
        context["aws:SourceAccount"] = ACCOUNT
    assert denials(attached(case.policy, account), case.action, case.resource, context) == case.by


def of(layer: Layer, key: str = "") -> str:
    return f"arn:aws:s3:::{names.bucket(layer, ACCOUNT, REGION)}{key}"


GLUE, ATHENA = f"arn:aws:glue:{REGION}:{ACCOUNT}:", f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/"
THEIRS_TO_DO = [
    ("athena:StartQueryExecution", f"{ATHENA}{names.ANALYSTS_WORKGROUP}"),
    ("athena:GetQueryResults", f"{ATHENA}{names.ANALYSTS_WORKGROUP}"),
    ("glue:GetTable", f"{GLUE}table/gold/masked_customers"),
    ("s3:GetObject", of(Layer.GOLD, "/masked_customers/run=a/b.parquet")),
    ("s3:GetObject", of(Layer.RESULTS, "/analysts/1.csv")),
    ("s3:PutObject", of(Layer.RESULTS, "/analysts/1.csv")),
    ("s3:ListBucket", of(Layer.GOLD)),
    ("kms:Decrypt", KEY),
]
NOT_THEIRS = [
    *(
        ("s3:GetObject", of(layer, "/customers/a"))
        for layer in (Layer.RAW, Layer.BRONZE, Layer.SILVER, Layer.QUARANTINE, Layer.LEDGER)
    ),
    ("s3:GetObject", of(Layer.SILVER, f"/{names.MASKING_KEY}")),
    ("s3:GetObject", of(Layer.RESULTS, "/1.csv")),
    ("s3:ListBucket", of(Layer.RESULTS)),
    ("s3:PutObject", of(Layer.GOLD, "/masked_customers/run=a/b.parquet")),
    ("athena:StartQueryExecution", f"{ATHENA}{names.WORKGROUP}"),
    ("athena:GetQueryExecution", f"{ATHENA}{names.WORKGROUP}"),
    ("athena:UpdateWorkGroup", f"{ATHENA}{names.ANALYSTS_WORKGROUP}"),
    ("glue:GetTable", f"{GLUE}table/silver/customers"),
    ("glue:GetTable", f"{GLUE}table/ops/masking_key"),
    ("glue:UpdateTable", f"{GLUE}table/gold/masked_customers"),
    ("iam:PassRole", ROLE),
]


@pytest.mark.parametrize("account", [None, ACCOUNT])
def test_analysts_see_gold_and_their_own_results_and_nothing_that_is_not_masked(account: str | None) -> None:
    policy, here = attached("analysts", account), {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT}
    here |= {"aws:RequestedRegion": REGION}
    for action, resource in THEIRS_TO_DO:
        assert allowances(policy, action, resource, here), (action, resource)
        for elsewhere in (THERE, OWNED_BY_OTHERS):
            assert not allowances(policy, action, resource, {**here, **elsewhere}), (action, resource)
    for action, resource in NOT_THEIRS:
        assert not allowances(policy, action, resource, here), (action, resource)


def test_the_catalog_is_for_the_account_and_needs_its_number() -> None:
    assert CATALOG not in {each.name for each in guardrails(Place(REGION))}
    found = attached(CATALOG, ACCOUNT)
    table = f"arn:aws:glue:{REGION}:{ACCOUNT}:table/silver/orders"
    assert denials(found, "glue:GetTable", table, ANOTHER_ACCOUNT) == {"OnlyThisAccount"}
    assert denials(found, "glue:GetTable", table, {"aws:PrincipalAccount": ACCOUNT}) == set()
    other = table.replace("silver", "somebody_elses")
    assert denials(found, "glue:GetTable", other, ANOTHER_ACCOUNT) == set()


@pytest.mark.parametrize("account", [None, ACCOUNT])
@pytest.mark.parametrize("region", [*(each.region for each in regions()), "ap-southeast-7", "us-gov-west-1"])
def test_every_policy_is_one_that_aws_takes(region: str, account: str | None) -> None:
    found = guardrails(Place(region, account))
    assert len({each.name for each in found}) == len(found)
    for each in found:
        assert len(each.text) <= each.limit
        document = json.loads(each.text)
        assert document == each.document
        statements = document["Statement"]
        sids = [statement["Sid"] for statement in statements]
        assert len(set(sids)) == len(sids)
        assert all(sid.isalnum() for sid in sids)
        others = {known.region for known in regions()} - {region}
        assert not [other for other in others if other in each.text]
        assert ("arn:aws-us-gov:" in each.text) is region.startswith("us-gov-") or each.name == OWN
        assert ("Principal" in statements[0]) is (each.name in {RCP, CATALOG}), "organizations refuse it elsewhere"
        if each.name == RCP:
            actions = [action for statement in statements for action in statement["Action"]]
            assert not [action for action in actions if action.split(":")[0] not in {"s3", "sqs", "kms", "sts"}]


def test_a_policy_that_is_too_long_is_not_written() -> None:
    long = Guardrail("long", "", CONTROL_POLICY_LIMIT, policy([{"Sid": "x" * CONTROL_POLICY_LIMIT}]))
    with pytest.raises(ConfigurationError, match=r"long has 5,\d+ characters; AWS takes 5,120"):
        _ = long.text
