"""A region's SQL database and its network, made to let something out or somebody in."""

from __future__ import annotations

from typing import Any

from tests.infra.mutations.change import ACCOUNT, STATEMENT, STRANGER, VIRGINIA, Mutation, add, foreign, named, put

CLUSTER = "database cluster watershed"
INSTANCE = "database instance watershed"
PUBLISH = "role watershed-publish-eu-central-1"
_CLUSTER, _ENDPOINT = ("RDS::DBCluster", "DatabaseCluster"), ("EC2::VPCEndpoint", "NetworkGold")
_POLICY = "PolicyDocument.Statement.0"
_HERE = {"StringEquals": {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": "eu-central-1"}}


def _publish_may(action: str, resource: Any, condition: Any = None) -> Any:
    statement = {"Sid": "More", "Effect": "Allow", "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return put("IAM::Role", "PublishFunctionRole", f"{STATEMENT}.+", statement)


def _sign_in(user: str) -> Any:
    def change(template: dict[str, Any]) -> None:
        cluster, _ = named(template, *_CLUSTER)
        arn = f"arn:aws:rds-db:eu-central-1:${{AWS::AccountId}}:dbuser:${{{cluster}.DBClusterResourceId}}/{user}"
        _publish_may("rds-db:connect", {"Fn::Sub": arn})(template)

    return change


def _rule(kind: str, group: str, **rule: Any) -> Any:
    def change(template: dict[str, Any]) -> None:
        logical, _ = named(template, "EC2::SecurityGroup", group)
        identity = {"Fn::GetAtt": [logical, "GroupId"]}
        add("Added", f"AWS::EC2::SecurityGroup{kind}", GroupId=identity, IpProtocol="tcp", **rule)(template)

    return change


def _in_network(logical: str, kind: str, **more: Any) -> Any:
    def change(template: dict[str, Any]) -> None:
        network, _ = named(template, "EC2::VPC", "NetworkVpc")
        add(logical, kind, VpcId={"Ref": network}, **more)(template)

    return change


_COPIES: list[tuple[str, Any]] = [
    ("GlobalClusterIdentifier", "everywhere"),
    ("ReplicationSourceIdentifier", foreign("rds", "cluster:theirs")),
    ("SourceDBClusterIdentifier", foreign("rds", "cluster:theirs")),
    ("SnapshotIdentifier", foreign("rds", "cluster-snapshot:s", account=STRANGER)),
    ("AssociatedRoles", [{"RoleArn": foreign("iam", "role/exports", region=""), "FeatureName": "s3Export"}]),
]
_TYPES = [
    ("an internet gateway", "Gateway", "AWS::EC2::InternetGateway", {}),
    ("a network joined to another", "Peering", "AWS::EC2::VPCPeeringConnection", {"PeerVpcId": "vpc-1"}),
    ("a route", "Route", "AWS::EC2::Route", {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}),
    ("a database of several regions", "Global", "AWS::RDS::GlobalCluster", {"GlobalClusterIdentifier": "g"}),
    ("a copy in a warehouse", "Zero", "AWS::RDS::Integration", {"TargetArn": "t"}),
]

DATABASES = [
    *(
        Mutation(f"a database with {name}", put(*_CLUSTER, name, value), "database-copies", CLUSTER, (CLUSTER, name))
        for name, value in _COPIES
    ),
    *(
        Mutation(name, add(logical, kind, **more), "forbidden-type", f"{kind} {logical}", (logical, "outside"))
        for name, logical, kind, more in _TYPES
    ),
    Mutation(
        "a replica of another region's instance",
        put("RDS::DBInstance", "DatabaseInstance", "SourceDBInstanceIdentifier", foreign("rds", "db:theirs")),
        "database-copies",
        INSTANCE,
        (INSTANCE, "SourceDBInstanceIdentifier", VIRGINIA),
    ),
    Mutation(
        "a database with a public address",
        put("RDS::DBInstance", "DatabaseInstance", "PubliclyAccessible", True),
        "public-database",
        INSTANCE,
        ("the public internet", INSTANCE),
    ),
    Mutation(
        "a database that may get a public address",
        put("RDS::DBInstance", "DatabaseInstance", "-PubliclyAccessible", None),
        "public-database",
        INSTANCE,
        ("the public internet", INSTANCE),
    ),
    Mutation(
        "a database that stands alone",
        put("RDS::DBInstance", "DatabaseInstance", "-DBClusterIdentifier", None),
        "unplaced-database",
        INSTANCE,
        (INSTANCE,),
    ),
    Mutation(
        "a database in the default network",
        put(*_CLUSTER, "-DBSubnetGroupName", None),
        "unplaced-database",
        CLUSTER,
        (CLUSTER,),
    ),
    Mutation(
        "a database behind another network's group",
        put(*_CLUSTER, "VpcSecurityGroupIds", ["sg-1"]),
        "foreign-target",
        CLUSTER,
        (CLUSTER, "VpcSecurityGroupIds", "sg-1"),
    ),
    Mutation(
        "a database in the clear",
        put(*_CLUSTER, "StorageEncrypted", False),
        "unencrypted",
        CLUSTER,
        (CLUSTER, "AWS's own key"),
    ),
    Mutation(
        "a database under AWS's own key", put(*_CLUSTER, "-KmsKeyId", None), "unencrypted", CLUSTER, (CLUSTER, "key")
    ),
    Mutation(
        "a database under another region's key",
        put(*_CLUSTER, "KmsKeyId", foreign("kms", "key/k")),
        "wrong-key",
        CLUSTER,
        (CLUSTER, "KmsKeyId", VIRGINIA),
    ),
    Mutation(
        "its owner's password under another region's key",
        put(*_CLUSTER, "MasterUserSecret.KmsKeyId", foreign("kms", "key/k")),
        "foreign-target",
        CLUSTER,
        (CLUSTER, "MasterUserSecret", VIRGINIA),
    ),
    Mutation(
        "its owner's password under AWS's own key",
        put(*_CLUSTER, "-MasterUserSecret", None),
        "plain-database",
        CLUSTER,
        (CLUSTER,),
    ),
    Mutation(
        "its owner's password in the template",
        put(*_CLUSTER, "MasterUserPassword", "open"),
        "unknown-property",
        CLUSTER,
        (),
    ),
    Mutation(
        "connections in the clear",
        put("RDS::DBClusterParameterGroup", "DatabaseParameters", "Parameters", {"rds.force_ssl": "0"}),
        "plain-database",
        CLUSTER,
        ("any client", "plain SQL", CLUSTER),
    ),
    Mutation(
        "parameters of somebody else",
        put(*_CLUSTER, "DBClusterParameterGroupName", "default.aurora-postgresql17"),
        "plain-database",
        CLUSTER,
        ("any client", "plain SQL", CLUSTER),
    ),
    Mutation(
        "anybody may connect",
        _rule("Ingress", "NetworkDatabaseGroup", CidrIp="0.0.0.0/0", FromPort=5433, ToPort=5433),
        "open-ingress",
        "ingress rule Added",
        ("0.0.0.0/0", "security group NetworkDatabaseGroup"),
    ),
    Mutation(
        "another network's group may connect",
        _rule("Ingress", "NetworkDatabaseGroup", SourceSecurityGroupId="sg-1", FromPort=5433, ToPort=5433),
        "open-ingress",
        "ingress rule Added",
        ("sg-1", "security group NetworkDatabaseGroup"),
    ),
    Mutation(
        "anybody may connect by the group's own rule",
        put("EC2::SecurityGroup", "NetworkDatabaseGroup", "SecurityGroupIngress", [{"CidrIpv6": "::/0"}]),
        "open-ingress",
        "security group NetworkDatabaseGroup",
        ("::/0", "security group NetworkDatabaseGroup"),
    ),
    Mutation(
        "the database may connect to anywhere",
        _rule("Egress", "NetworkDatabaseGroup", CidrIp="0.0.0.0/0", FromPort=443, ToPort=443),
        "open-egress",
        "egress rule Added",
        (CLUSTER, "0.0.0.0/0"),
    ),
    Mutation(
        "the function may connect to anywhere",
        put("EC2::SecurityGroup", "NetworkPublisherGroup", "SecurityGroupEgress.1", {"CidrIp": "0.0.0.0/0"}),
        "open-egress",
        "security group NetworkPublisherGroup",
        ("function watershed-publish", "0.0.0.0/0"),
    ),
    Mutation(
        "the function may connect to another region's S3",
        put(
            "EC2::SecurityGroup",
            "NetworkPublisherGroup",
            "SecurityGroupEgress.1.DestinationPrefixListId",
            "pl-63a5400a",
        ),
        "open-egress",
        "security group NetworkPublisherGroup",
        ("function watershed-publish", "pl-63a5400a"),
    ),
    Mutation(
        "a subnet with public addresses",
        put("EC2::Subnet", "NetworkSubnet1", "MapPublicIpOnLaunch", True),
        "public-subnet",
        "subnet NetworkSubnet1",
        ("the public internet", "subnet NetworkSubnet1"),
    ),
    Mutation(
        "a subnet in another region's zone",
        put("EC2::Subnet", "NetworkSubnet1", "AvailabilityZone", {"Fn::Select": [0, {"Fn::GetAZs": VIRGINIA}]}),
        "unknown-value",
        "subnet NetworkSubnet1",
        (),
    ),
    Mutation(
        "an endpoint that lets everything through",
        put(*_ENDPOINT, "-PolicyDocument", None),
        "open-endpoint",
        "network endpoint NetworkGold",
        ("network endpoint NetworkGold", "any bucket"),
    ),
    Mutation(
        "an endpoint that lets writing through",
        put(*_ENDPOINT, f"{_POLICY}.Action.+", "s3:PutObject"),
        "open-endpoint",
        "network endpoint NetworkGold",
        ("network endpoint NetworkGold", "writing"),
    ),
    Mutation(
        "an endpoint to everybody's buckets",
        put(*_ENDPOINT, f"{_POLICY}.Resource.+", "*"),
        "open-endpoint",
        "network endpoint NetworkGold",
        ("network endpoint NetworkGold", "*"),
    ),
    Mutation(
        "an endpoint for whoever brings credentials",
        put(*_ENDPOINT, f"{_POLICY}.-Condition", None),
        "open-endpoint",
        "network endpoint NetworkGold",
        ("credentials of others", "network endpoint NetworkGold"),
    ),
    Mutation(
        "an endpoint to another service",
        _in_network(
            "Queues",
            "AWS::EC2::VPCEndpoint",
            VpcEndpointType="Interface",
            ServiceName="com.amazonaws.eu-central-1.sqs",
        ),
        "open-endpoint",
        "network endpoint Queues",
        ("network endpoint Queues", "sqs"),
    ),
    Mutation(
        "an endpoint to another region's S3",
        put(*_ENDPOINT, "ServiceName", "com.amazonaws.us-east-1.s3"),
        "open-endpoint",
        "network endpoint NetworkGold",
        ("network endpoint NetworkGold", VIRGINIA),
    ),
    Mutation(
        "flows written to another bucket",
        put("EC2::FlowLog", "NetworkFlowLog", "LogDestination", "arn:aws:s3:::elsewhere"),
        "foreign-arn",
        "flow log NetworkFlowLog",
        ("flow log NetworkFlowLog", "LogDestination", "elsewhere"),
    ),
    Mutation(
        "a function in another network",
        put("Lambda::Function", "PublishFunction", "VpcConfig.SubnetIds.0", "subnet-1"),
        "foreign-target",
        "function watershed-publish",
        ("function watershed-publish", "SubnetIds", "subnet-1"),
    ),
    Mutation(
        "a function that is handed another database",
        put(
            "Lambda::Function",
            "PublishFunction",
            "Environment.Variables.WATERSHED_DATABASE_HOST",
            "db.cluster-x.eu-central-1.rds.amazonaws.com",
        ),
        "foreign-host",
        "function watershed-publish",
        ("function watershed-publish", "WATERSHED_DATABASE_HOST"),
    ),
    Mutation(
        "a role that signs in as anybody",
        _sign_in("*"),
        "database-user",
        PUBLISH,
        (PUBLISH, "statement More", "*"),
    ),
    Mutation(
        "a role that signs in as the owner",
        _sign_in("watershed_owner"),
        "database-user",
        PUBLISH,
        (PUBLISH, "statement More", "watershed_owner"),
    ),
    Mutation(
        "a role that signs in to another region's database",
        _publish_may("rds-db:connect", foreign("rds-db", "dbuser:cluster-x/watershed_publisher")),
        "database-user",
        PUBLISH,
        (PUBLISH, "statement More", VIRGINIA),
    ),
    Mutation(
        "a role that copies snapshots",
        _publish_may("rds:CopyDBClusterSnapshot", "*", _HERE),
        "unknown-action",
        PUBLISH,
        (PUBLISH, "statement More", "rds:CopyDBClusterSnapshot"),
    ),
    Mutation(
        "a role that looks at everything",
        _publish_may("s3:GetObject", "*", _HERE),
        "unconfined-resource",
        PUBLISH,
        (PUBLISH, "statement More", "any resource"),
    ),
]
