"""The evaluator against what AWS documents: operators, absent keys, wildcards, principals, and which policies decide.

Sources: "IAM JSON policy elements: Condition operators", "Creating a condition that tests multiple key values",
"Policy evaluation logic", "Cross-account policy evaluation logic", "Permissions boundaries for IAM entities" and "Key
policies in AWS KMS".
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.iam import conditions
from tests.policies.iam.context import Context
from tests.policies.iam.errors import NotModelled
from tests.policies.iam.evaluate import Policies, decide
from tests.policies.iam.patterns import arn_matches
from tests.policies.iam.policy import Policy, Principal, Request

ME, OTHER = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{ME}:role/me"
OBJECT, KEY = "arn:aws:s3:::mine/a/b.csv", f"arn:aws:kms:eu-central-1:{ME}:key/k"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
OWN: dict[str, Any] = {"aws:PrincipalAccount": ME, "aws:RequestedRegion": "eu-central-1", "aws:SecureTransport": "true"}


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "holds"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", "a", None, True),
        ("StringNotEqualsIfExists", "a", None, True),
        ("StringNotEqualsIfExists", "a", "b", True),
        ("StringNotEqualsIfExists", "a", "a", False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEqualsIgnoreCase", "a", "A", False),
        ("StringLike", "a*c?", "abbcd", True),
        ("StringLike", "a?", "abc", False),
        ("StringNotLike", "a*", "abc", False),
        ("StringNotLike", "a*", None, True),
        ("StringLike", "${aws:PrincipalAccount}", ME, True),
        ("StringEquals", "${aws:PrincipalAccount}", OTHER, False),
        ("StringNotEquals", "${aws:PrincipalAccount}", OTHER, True),
        ("StringEquals", "${aws:ResourceOrgID}", "o-1", False),  # the variable has no value here
        ("StringLike", "a${*}", "ab", False),
        ("StringLike", "a${*}", "a*", True),
        ("ArnLike", f"arn:aws:iam::{ME}:role/*", ROLE, True),
        ("ArnEquals", f"arn:aws:iam::{ME}:role/*", ROLE, True),
        ("ArnLike", "arn:aws:iam::*:role/me", ROLE, True),
        ("ArnLike", "arn:aws:*:role/me:x:y", ROLE, False),
        ("ArnNotLike", f"arn:aws:iam::{ME}:role/*", ROLE, False),
        ("ArnNotLike", f"arn:aws:iam::{ME}:role/*", None, True),
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("Bool", "false", None, False),
        ("BoolIfExists", "false", None, True),
        ("Null", "true", None, True),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("Null", "false", None, False),
        ("NumericLessThan", "1.2", "1.1", True),
        ("NumericLessThan", "1.2", "1.2", False),
        ("NumericLessThan", 1.2, None, False),
        ("NumericGreaterThan", "600000", "600001", True),
        ("NumericNotEquals", "1", "1.0", False),
        ("ForAnyValue:StringEquals", ["a", "b"], ("b", "c"), True),
        ("ForAnyValue:StringEquals", "a", ("b", "c"), False),
        ("ForAnyValue:StringEquals", "a", None, False),
        ("ForAnyValue:StringNotEquals", "a", ("a", "b"), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
        ("ForAllValues:StringEquals", "a", ("a", "b"), False),
        ("ForAllValues:StringEquals", "a", None, True),
        ("ForAllValues:StringLike", "a*", ("ab", "ac"), True),
    ],
)
def test_conditions(operator: str, wanted: Any, found: Any, holds: bool) -> None:
    context = Context({**OWN, **({"AWS:calledvia": found} if found is not None else {})})
    assert conditions.hold({operator: {"aws:CalledVia": wanted}}, context) is holds


def test_all_conditions_must_hold() -> None:
    right, wrong = {"aws:PrincipalAccount": ME}, {"aws:RequestedRegion": "us-east-1"}
    assert conditions.hold({"StringEquals": right, "Bool": {"aws:SecureTransport": "true"}}, Context(OWN))
    assert not conditions.hold({"StringEquals": {**right, **wrong}}, Context(OWN))
    assert not conditions.hold({"StringEquals": right, "StringLike": wrong}, Context(OWN))


@pytest.mark.parametrize(
    "condition",
    [
        {"StringSounds": {"aws:PrincipalAccount": ME}},
        {"StringEqualsIfexists": {"aws:PrincipalAccount": ME}},
        {"ForSome:StringEquals": {"aws:PrincipalAccount": ME}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"StringEquals": {"aws:PrincipalTag/team": "a"}},
        {"StringEquals": {"aws:PrincipalAccount": OTHER, "aws:SourceIp": "1"}},  # behind one that is false
        {"StringEquals": {"aws:PrincipalAccount": "${aws:username}"}},
        {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalOrgID, 'none'}"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam"}},
    ],
)
def test_what_is_not_known_is_not_judged(condition: Any) -> None:
    with pytest.raises(NotModelled):
        conditions.hold(condition, Context({**OWN, "aws:PrincipalArn": ROLE}))


def test_several_values_need_a_quantifier() -> None:
    with pytest.raises(NotModelled, match="several values"):
        conditions.hold({"StringEquals": {"aws:CalledVia": "a"}}, Context({"aws:CalledVia": ("a", "b")}))


@pytest.mark.parametrize(
    ("pattern", "arn", "same"),
    [
        ("*", OBJECT, True),
        ("arn:aws:s3:::mine/*", OBJECT, True),
        ("arn:aws:s3:::mine", OBJECT, False),
        ("arn:aws:s3:::min?/a/*", OBJECT, True),
        ("arn:aws:s3:::mine/*", "arn:aws:s3:::mine/a:b}", True),
        ("arn:aws:s3:::MINE/*", OBJECT, False),
        ("arn:aws:sqs:*:*:q", f"arn:aws:sqs:eu-central-1:{ME}:q", True),
        ("arn:aws:sqs:*:q", f"arn:aws:sqs:eu-central-1:{ME}:q", None),
        ("arn:aws:sqs:eu-central-1:${aws:PrincipalAccount}:q", f"arn:aws:sqs:eu-central-1:{ME}:q", True),
        ("arn:aws:sqs:eu-central-1:${aws:PrincipalAccount}:q", f"arn:aws:sqs:eu-central-1:{OTHER}:q", False),
    ],
)
def test_arns(pattern: str, arn: str, same: bool | None) -> None:
    if same is None:
        with pytest.raises(NotModelled):
            arn_matches(pattern, arn, Context(OWN))
    else:
        assert arn_matches(pattern, arn, Context(OWN)) is same


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        (READ, True),
        ({**READ, "Action": "S3:getobject"}, True),
        ({**READ, "Action": "s3:Get*"}, True),
        ({**READ, "Action": ["s3:PutObject", "s3:*"]}, True),
        ({**READ, "Action": "s3:GetObjectVersion"}, False),
        ({"Effect": "Allow", "NotAction": "s3:Delete*", "Resource": "*"}, True),
        ({"Effect": "Allow", "NotAction": ["s3:Get*"], "Resource": "*"}, False),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}, True),
        ({"Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:s3:::mine/*"]}, False),
        ({**READ, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, False),
        ({**READ, "Effect": "Deny"}, False),
    ],
)
def test_statements(statement: Any, allowed: bool) -> None:
    assert judge(own=[statement]) is allowed


@pytest.mark.parametrize("extra", [{"NotPrincipal": "*"}, {"Effect": "allow"}, {"Actions": "*"}])
def test_statements_with_other_elements_are_not_judged(extra: Any) -> None:
    with pytest.raises(NotModelled):
        judge(own=[{**READ, **extra}])


DENY, WRITE = {**READ, "Effect": "Deny"}, {**READ, "Action": "s3:Put*"}
ROOT_ONLY, ROLE_ONLY, OTHERS = {"AWS": f"arn:aws:iam::{ME}:root"}, {"AWS": ROLE}, {"AWS": OTHER}
S3 = {"Service": "s3.amazonaws.com"}


def to(principal: Any, statement: Any) -> Any:
    """The statement as a resource's policy has it."""
    return {**statement, "Principal": principal}


@pytest.mark.parametrize(
    ("case", "given", "allowed"),
    [
        ("nothing says anything", {}, False),
        ("its own policy allows", {"own": [READ]}, True),
        ("a denial wins over its own policy", {"own": [READ, DENY]}, False),
        ("the resource's denial wins", {"own": [READ], "resource": [to("*", DENY)]}, False),
        ("the resource denies it to its account", {"own": [READ], "resource": [to(ROOT_ONLY, DENY)]}, False),
        ("the resource denies it to another", {"own": [READ], "resource": [to(OTHERS, DENY)]}, True),
        ("the resource denies it to a service", {"own": [READ], "resource": [to(S3, DENY)]}, True),
        ("the resource allows the role", {"resource": [to(ROLE_ONLY, READ)]}, True),
        ("the resource allows everybody", {"resource": [to("*", READ)]}, True),
        ("so written as well", {"resource": [to({"AWS": ["*"]}, READ)]}, True),
        ("the resource leaves it to the account", {"resource": [to(ROOT_ONLY, READ)]}, False),
        ("the boundary allows alone", {"limits": [READ]}, False),
        ("the boundary allows too", {"own": [READ], "limits": [READ]}, True),
        ("the boundary is silent", {"own": [READ], "limits": [WRITE]}, False),
        ("the boundary denies", {"own": [READ], "limits": [DENY]}, False),
        (
            "the boundary is silent on what the resource allows",
            {"resource": [to(ROLE_ONLY, READ)], "limits": [WRITE]},
            False,
        ),
    ],
)
def test_within_the_account(case: str, given: Any, allowed: bool) -> None:
    assert judge(**given) is allowed


@pytest.mark.parametrize(
    ("case", "given", "allowed"),
    [
        ("only its own account allows", {"own": [READ]}, False),
        ("only the resource allows", {"resource": [to(ROLE_ONLY, READ)]}, False),
        ("both allow", {"own": [READ], "resource": [to(ROLE_ONLY, READ)]}, True),
        ("the resource leaves it to the account", {"own": [READ], "resource": [to({"AWS": ME}, READ)]}, True),
        ("the boundary is silent", {"own": [READ], "limits": [WRITE], "resource": [to(ROLE_ONLY, READ)]}, False),
    ],
)
def test_across_accounts(case: str, given: Any, allowed: bool) -> None:
    assert judge(account=OTHER, **given) is allowed


DECRYPT = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}


@pytest.mark.parametrize(
    ("case", "given", "allowed"),
    [
        ("its own policy allows, the key's is silent", {"own": [DECRYPT]}, False),
        ("the key's policy leaves it to the account", {"own": [DECRYPT], "resource": [to(ROOT_ONLY, DECRYPT)]}, True),
        ("the account is allowed, the role not", {"resource": [to(ROOT_ONLY, DECRYPT)]}, False),
        ("the key's policy allows the role", {"resource": [to(ROLE_ONLY, DECRYPT)]}, True),
        ("another account may", {"own": [DECRYPT], "resource": [to(OTHERS, DECRYPT)]}, False),
    ],
)
def test_keys(case: str, given: Any, allowed: bool) -> None:
    assert judge(action="kms:Decrypt", resource_arn=KEY, **given) is allowed


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        (S3, True),
        ({"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]}, True),
        ({"Service": "sns.amazonaws.com"}, False),
        (ROOT_ONLY, False),
        ("*", True),
    ],
)
def test_services_need_the_resources_word(principal: Any, allowed: bool) -> None:
    assert judge(asks=Principal(service="s3.amazonaws.com"), resource=[to(principal, READ)]) is allowed


def test_nobody_in_particular_needs_a_resource_that_is_open() -> None:
    assert not judge(asks=Principal(), resource=[to(ROOT_ONLY, READ)])
    assert judge(asks=Principal(), resource=[to("*", READ)])


def test_federated_principals_are_not_judged() -> None:
    with pytest.raises(NotModelled):
        judge(resource=[to({"Federated": "accounts.google.com"}, READ)])


def judge(
    *,
    own: Any = (),
    limits: Any = (),
    resource: Any = (),
    action: str = "s3:GetObject",
    resource_arn: str = OBJECT,
    account: str = ME,
    asks: Principal | None = None,
) -> bool:
    def policies(name: str, statements: Any) -> list[Policy]:
        return [Policy.parse(name, {"Statement": [each]}) for each in statements]

    request = Request(asks or Principal(ME, ROLE), action, resource_arn, account, Context(OWN))
    given = Policies(policies("own", own), policies("limit", limits), policies("resource", resource))
    return decide(request, given).allowed
