"""The network of a region's database: no way in or out but S3, and of S3 nothing but gold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct
from watershed import names
from watershed.names import Stage

from infra.log_groups import LOG_RETENTION
from infra.prefix_lists import S3_PREFIX_LISTS
from infra.roles import allow, role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

ADDRESSES = "10.53.0.0/23"  # of the network, in every region: they are never joined
_SUBNETS = ("10.53.0.0/24", "10.53.1.0/24")  # one a zone; Aurora wants two zones, wherever its storage lies
_HTTPS = 443
_NOWHERE = "127.0.0.1/32"  # a group without an egress rule would let everything out
_AS_STREAMS = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")


class Network(Construct):
    """Isolated subnets, and who may connect to whom in them. Made of plain resources: the check reads every rule.

    There is no internet gateway, no NAT, no route, and one endpoint, which costs nothing. Nothing joins the network's
    default security group, whose rules no template can take away.

    Args:
        scope: The region's stack.
        construct_id: Its id.
        key: The region's.
        gold: The bucket that is read from here.

    Attributes:
        subnets: The ids, one a zone.
        database: The group of the database: takes connections from the two others, and makes none.
        publisher: The group of the function that loads gold: to the database and to S3.
        readers: The group that whatever reads the database for people joins: to the database.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, gold: s3.Bucket) -> None:
        super().__init__(scope, construct_id)
        self._vpc = ec2.CfnVPC(
            self, "Vpc", cidr_block=ADDRESSES, enable_dns_hostnames=True, enable_dns_support=True, tags=_called("")
        )
        table = ec2.CfnRouteTable(self, "Routes", vpc_id=self._vpc.ref, tags=_called(""))
        self.subnets = [self._subnet(place, cidr, table) for place, cidr in enumerate(_SUBNETS)]
        self._endpoint(table, gold)
        self._flow_log(key)
        self.database = self._group("Database", "The database: connections come in", [_egress("-1", cidr_ip=_NOWHERE)])
        to_database = _egress("tcp", names.DATABASE_PORT, destination_security_group_id=self.database)
        s3_lists = S3_PREFIX_LISTS[cdk.Stack.of(self).region]
        to_s3 = _egress("tcp", _HTTPS, destination_prefix_list_id=s3_lists)
        self.publisher = self._group("Publisher", "The function that loads gold", [to_database, to_s3])
        self.readers = self._group("Readers", "Whatever reads the database for people", [to_database])
        for name, group in (("Publisher", self.publisher), ("Readers", self.readers)):
            ec2.CfnSecurityGroupIngress(
                self,
                f"From{name}",
                group_id=self.database,
                source_security_group_id=group,
                ip_protocol="tcp",
                from_port=names.DATABASE_PORT,
                to_port=names.DATABASE_PORT,
                description=f"SQL from {name.lower()}",
            )

    def _subnet(self, place: int, cidr: str, table: ec2.CfnRouteTable) -> str:
        subnet = ec2.CfnSubnet(
            self,
            f"Subnet{place + 1}",
            vpc_id=self._vpc.ref,
            cidr_block=cidr,
            availability_zone=cdk.Fn.select(place, cdk.Fn.get_azs(cdk.Stack.of(self).region)),
            map_public_ip_on_launch=False,
            tags=_called(f"-{place + 1}"),
        )
        ec2.CfnSubnetRouteTableAssociation(self, f"Routes{place + 1}", subnet_id=subnet.ref, route_table_id=table.ref)
        return subnet.ref

    def _endpoint(self, table: ec2.CfnRouteTable, gold: s3.Bucket) -> None:
        """The one way out: the publisher's role reads gold. Whoever carries other credentials in here gets nothing."""
        stack = cdk.Stack.of(self)
        publisher = stack.format_arn(
            service="iam", region="", resource="role", resource_name=names.role(Stage.PUBLISH, stack.region)
        )
        statement = iam.PolicyStatement(
            sid="PublisherReadsGold",
            principals=[iam.StarPrincipal()],  # a gateway takes no other; who may is in the conditions
            actions=["s3:GetObject", "s3:ListBucket"],
            resources=[gold.bucket_arn, gold.arn_for_objects("*")],
            conditions={
                "StringEquals": {
                    "aws:PrincipalArn": publisher,
                    "aws:ResourceAccount": cdk.Aws.ACCOUNT_ID,
                }
            },
        )
        ec2.CfnVPCEndpoint(
            self,
            "Gold",
            vpc_id=self._vpc.ref,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{stack.region}.s3",
            route_table_ids=[table.ref],
            policy_document=iam.PolicyDocument(statements=[statement]),
            tags=_called("-gold"),
        )

    def _flow_log(self, key: kms.IKey) -> None:
        group = logs.LogGroup(
            self,
            "Flows",
            log_group_name=names.FLOW_LOG,
            retention=LOG_RETENTION,
            encryption_key=key,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        writer = role(
            self,
            names.role("flows", cdk.Stack.of(self).region),
            "vpc-flow-logs.amazonaws.com",
            [allow(self, "WriteLogs", _AS_STREAMS, (group.log_group_arn,))],
        )
        ec2.CfnFlowLog(
            self,
            "FlowLog",
            resource_id=self._vpc.ref,
            resource_type="VPC",
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_group_name=group.log_group_name,
            deliver_logs_permission_arn=writer.role_arn,
            tags=_called(""),
        )

    def _group(self, name: str, what: str, egress: Sequence[Any]) -> str:
        """The id of a group that lets nothing in by itself."""
        group = ec2.CfnSecurityGroup(
            self,
            f"{name}Group",
            vpc_id=self._vpc.ref,
            group_description=what,
            security_group_egress=egress,
            tags=_called(f"-{name.lower()}"),
        )
        return group.attr_group_id


def _egress(protocol: str, port: int | None = None, **end: str) -> ec2.CfnSecurityGroup.EgressProperty:
    return ec2.CfnSecurityGroup.EgressProperty(ip_protocol=protocol, from_port=port, to_port=port, **end)


def _called(what: str) -> list[cdk.CfnTag]:
    """The name that consoles show, and the tag by which guardrails know it."""
    key, value = names.DATABASE_TAG
    return [cdk.CfnTag(key="Name", value=f"{names.PREFIX}{what}"), cdk.CfnTag(key=key, value=value)]
