"""What the evidence says of who may connect to the SQL database: as the template has it, and changed with it."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from watershed import names

from infra.residency.build import graphs
from infra.residency.stack import Stack
from local.config import regions
from local.evidence import page
from local.evidence.commit import Commit
from local.evidence.document import Evidence, evidence
from local.evidence.holds import Holds
from tests.infra.mutations.change import STATEMENT, add, named, put
from tests.local.test_residency_report import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.evidence.database import Database, Right

PLACE = regions()[0]
REGION = PLACE.region
PORT = str(names.DATABASE_PORT)
PUBLISH = "role watershed-publish-eu-central-1"
CLUSTER, INSTANCE = ("RDS::DBCluster", "DatabaseCluster"), ("RDS::DBInstance", "DatabaseInstance")
SECRETS = f"arn:aws:secretsmanager:{REGION}:${{AWS::AccountId}}:secret:"


def told(template: dict[str, Any], *changes: Callable[[dict[str, Any]], None]) -> Evidence:
    changed = copy.deepcopy(template)
    for change in changes:
        change(changed)
    (graph,) = graphs([Stack(f"Watershed-{REGION}", REGION, changed)])
    return evidence(PLACE, graph, Commit("c0ffee", changed=False), Holds("the local AWS", "", ()))


def of(template: dict[str, Any], *changes: Callable[[dict[str, Any]], None]) -> Database:
    (found,) = told(template, *changes).databases
    return found


def may(action: str, resource: Any, **more: Any) -> Callable[[dict[str, Any]], None]:
    """Lets silver's role do something besides."""
    statement = {"Sid": "More", "Effect": "Allow", "Action": action, "Resource": resource, **more}
    return put("IAM::Role", "watershed-silver-eu-central-1", f"{STATEMENT}.+", statement)


def let_in(**rule: Any) -> Callable[[dict[str, Any]], None]:
    def change(template: dict[str, Any]) -> None:
        logical, _ = named(template, "EC2::SecurityGroup", "NetworkDatabaseGroup")
        identity = {"Fn::GetAtt": [logical, "GroupId"]}
        add("Added", "AWS::EC2::SecurityGroupIngress", **{"GroupId": identity, "IpProtocol": "tcp", **rule})(template)

    return change


def test_the_shipped_database_is_told_whole(with_database: dict[str, Any]) -> None:
    made = of(with_database)
    assert (made.name, made.port, made.encrypted, made.iam, made.data_api) == ("watershed", PORT, True, True, True)
    assert made.key.startswith("key ")
    assert made.tls == "demanded: rds.force_ssl is 1"
    assert [(each.public, each.authority) for each in made.instances] == [
        ("no", "RDS's default: the template names none")
    ]
    assert (made.owner, made.secret) == (names.DATABASE_OWNER, f"a secret of RDS, encrypted with {made.key}")
    assert (made.secret_read_by, made.data_api_by) == ((), ())  # other secrets are read, and this is none of them
    publisher, readers = made.ways_in
    assert publisher.source.startswith("security group NetworkPublisherGroup")
    assert publisher.joined_by == ("function watershed-publish",)
    assert readers.source.startswith("security group NetworkReadersGroup")
    assert readers.joined_by == ()
    assert {publisher.ports, readers.ports} == {PORT}
    (right,) = made.signs_in
    assert (right.role, right.user) == (PUBLISH, names.DATABASE_PUBLISHER)
    assert ".DBClusterResourceId}/" in right.on


def test_a_region_without_one_says_so(template: dict[str, Any]) -> None:
    made = told(template)
    assert made.databases == ()
    assert "Nobody: this stack has no SQL database." in page.as_html(made)


@pytest.mark.parametrize(
    ("rule", "source", "ports"),
    [
        ({"CidrIp": "203.0.113.0/24", "FromPort": 5000, "ToPort": 6000}, "203.0.113.0/24", "5000 to 6000"),
        ({"CidrIpv6": "::/0", "IpProtocol": "-1"}, "::/0", "all"),
        ({"SourceSecurityGroupId": "sg-1", "FromPort": PORT, "ToPort": PORT}, "sg-1", PORT),
        ({"SourcePrefixListId": "pl-1"}, "pl-1", "not said"),
        ({"FromPort": 0, "ToPort": 65535}, "any address", "0 to 65535"),
    ],
)
def test_a_way_in_from_elsewhere_shows(
    with_database: dict[str, Any], rule: dict[str, Any], source: str, ports: str
) -> None:
    made = told(with_database, let_in(**rule))
    (database,) = made.databases
    (added,) = set(database.ways_in) - set(of(with_database).ways_in)
    assert dataclasses.astuple(added) == (source, (), ports, "Added: Properties")
    assert f'<th scope="row">{source}</th><td><span class="none">none</span>' in page.as_html(made)
    assert source in page.as_json(made)


def test_a_rule_within_the_group_counts_as_one_beside_it(with_database: dict[str, Any]) -> None:
    rule = {"IpProtocol": "tcp", "CidrIp": "198.51.100.7/32", "FromPort": PORT, "ToPort": PORT}
    within = put("EC2::SecurityGroup", "NetworkDatabaseGroup", "SecurityGroupIngress", [rule])
    assert "198.51.100.7/32" in {each.source for each in of(with_database, within).ways_in}


@pytest.mark.parametrize("rule", [{"FromPort": 22, "ToPort": 22}, {"IpProtocol": "udp"}], ids=["ssh", "udp"])
def test_what_does_not_reach_the_port_is_no_way_in(with_database: dict[str, Any], rule: dict[str, Any]) -> None:
    assert of(with_database, let_in(CidrIp="10.0.0.0/8", **rule)).ways_in == of(with_database).ways_in


def test_other_groups_and_functions_in_them_show(with_database: dict[str, Any]) -> None:
    def joins(template: dict[str, Any]) -> None:
        group, _ = named(template, "EC2::SecurityGroup", "NetworkReadersGroup")
        identity = {"Fn::GetAtt": [group, "GroupId"]}
        put("Lambda::Function", "watershed-bronze", "VpcConfig", {"SecurityGroupIds": [identity]})(template)

    made = of(with_database, joins, put(*CLUSTER, "VpcSecurityGroupIds.+", "sg-1"))
    assert made.ways_in[1].joined_by == ("function watershed-bronze",)
    assert made.groups[1] == "sg-1, not of this stack"


def same(rights: tuple[Right, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.role, each.user, each.confined_by) for each in rights]


def test_who_else_signs_in_shows(with_database: dict[str, Any]) -> None:
    condition = {"Condition": {"StringEquals": {"aws:RequestedRegion": REGION}}}
    user = f"arn:aws:rds-db:{REGION}:${{AWS::AccountId}}:dbuser:*/postgres"
    for resource, name in ((user, "postgres"), ("*", "any")):
        made = of(with_database, may("RDS-DB:*", resource, **condition))
        silver = ("role watershed-silver-eu-central-1", name, (f"aws:RequestedRegion = {REGION}",))
        assert same(made.signs_in) == [(PUBLISH, names.DATABASE_PUBLISHER, ()), silver]


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        f"{SECRETS}*",
        f"{SECRETS}rds!cluster-1a2b*",
        "arn:aws:secretsmanager:*:*:secret:?ds!*",
        f"{SECRETS}${{Open}}",
    ],
)
def test_who_may_read_the_owners_password_shows(with_database: dict[str, Any], resource: str) -> None:
    made = of(with_database, may("secretsmanager:Get*", {"Fn::Sub": resource}))
    assert same(made.secret_read_by) == [("role watershed-silver-eu-central-1", "", ())]


def test_its_secret_is_known_by_reference_too(with_database: dict[str, Any]) -> None:
    attribute = {"Fn::GetAtt": [named(with_database, *CLUSTER)[0], "MasterUserSecret.SecretArn"]}
    made = of(with_database, may("secretsmanager:GetSecretValue", attribute))
    assert [each.role for each in made.secret_read_by] == ["role watershed-silver-eu-central-1"]


def test_other_secrets_are_not_its_owners(with_database: dict[str, Any]) -> None:
    other = may("secretsmanager:GetSecretValue", {"Fn::Sub": f"{SECRETS}watershed/shop-*"})
    assert of(with_database, other).secret_read_by == ()


def test_sql_over_the_api_shows(with_database: dict[str, Any]) -> None:
    made = of(with_database, may("rds-data:*", "*"))
    assert [each.role for each in made.data_api_by] == ["role watershed-silver-eu-central-1"]
    assert not of(with_database, put(*CLUSTER, "-EnableHttpEndpoint", None)).data_api


def test_how_it_is_kept_follows_the_template(with_database: dict[str, Any]) -> None:
    parameters = ("RDS::DBClusterParameterGroup", "DatabaseParameters", "Parameters")
    made = told(
        with_database,
        put(*INSTANCE, "PubliclyAccessible", True),
        put(*INSTANCE, "CACertificateIdentifier", "rds-ca-rsa4096-g1"),
        put(*CLUSTER, "StorageEncrypted", False),
        put(*CLUSTER, "KmsKeyId", "alias/aws/rds"),
        put(*CLUSTER, "-MasterUserSecret", None),
        put(*CLUSTER, "EnableIAMDatabaseAuthentication", False),
        put(*parameters, {"rds.force_ssl": "0"}),
    )
    (database,) = made.databases
    assert [(each.public, each.authority) for each in database.instances] == [("yes", "rds-ca-rsa4096-g1")]
    assert (database.encrypted, database.key, database.iam) == (False, "alias/aws/rds, not of this stack", False)
    assert database.tls == "not demanded: rds.force_ssl is 0"
    assert database.secret == "a secret of RDS, encrypted with the key of AWS"
    shown = page.as_html(made)
    for each in (database.tls, database.key, database.secret.replace("'", "&#39;"), "rds-ca-rsa4096-g1"):
        assert each in shown
    assert of(with_database, put(*INSTANCE, "-PubliclyAccessible", None)).instances[0].public == "not said"
    assert of(with_database, put(*parameters, {})).tls.startswith("not said")
    assert of(with_database, put(*CLUSTER, "-ManageMasterUserPassword", None)).secret == "not by RDS"


def test_the_page_names_all_of_it(with_database: dict[str, Any]) -> None:
    made = told(with_database)
    shown = page.as_html(made)
    (database,) = made.databases
    told_of = [*map(dataclasses.astuple, database.ways_in), *map(dataclasses.astuple, database.signs_in)]
    assert all(text in shown for each in told_of for text in each if isinstance(text, str))
    assert Page(shown).open == []
    assert '<th scope="row">no role</th><td>read its owner' in shown
    assert json.loads(page.as_json(made))["databases"][0]["name"] == "watershed"
