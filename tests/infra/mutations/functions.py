"""Functions with foreign code, networks or addresses."""

from __future__ import annotations

from tests.infra.mutations.change import STRANGER, VIRGINIA, Mutation, add, both, foreign, put

FUNCTIONS = [
    Mutation(
        "a layer of another account",
        put(
            "Lambda::Function",
            "BronzeFunction",
            "Layers.+",
            foreign("lambda", "layer:l:1", region="eu-central-1", account=STRANGER),
        ),
        "foreign-target",
        "function watershed-bronze",
        ("function watershed-bronze", "Layers", STRANGER),
    ),
    Mutation(
        "code from another bucket",
        put("Lambda::Function", "BronzeFunction", "Code.S3Bucket", "elsewhere"),
        "foreign-code",
        "function watershed-bronze",
        ("elsewhere", "Code", "function watershed-bronze"),
    ),
    Mutation(
        "a role that is not ours",
        put("Lambda::Function", "BronzeFunction", "Role", foreign("iam", "role/admin", region="")),
        "foreign-target",
        "function watershed-bronze",
        ("function watershed-bronze", "Role", "role/admin"),
    ),
    Mutation(
        "a web address for a function",
        add("Url", "AWS::Lambda::Url", TargetFunctionArn="watershed-bronze", AuthType="NONE"),
        "forbidden-type",
        "AWS::Lambda::Url Url",
        ("Url", "outside the region"),
    ),
    Mutation(
        "a function with open egress",
        both(
            add(
                "Open",
                "AWS::EC2::SecurityGroup",
                GroupDescription="open",
                SecurityGroupEgress=[{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}],
            ),
            put("Lambda::Function", "BronzeFunction", "VpcConfig", {"SecurityGroupIds": [{"Ref": "Open"}]}),
        ),
        "open-egress",
        "security group Open",
        ("function watershed-bronze", "security group Open", "0.0.0.0/0"),
    ),
    Mutation(
        "a network with half of the internet",
        add(
            "Half",
            "AWS::EC2::SecurityGroup",
            GroupDescription="half",
            SecurityGroupEgress=[{"CidrIp": "0.0.0.0/1", "IpProtocol": "-1"}],
        ),
        "open-egress",
        "security group Half",
        ("security group Half", "0.0.0.0/1"),
    ),
    Mutation(
        "a network that says nothing of what may leave it",
        add("Silent", "AWS::EC2::SecurityGroup", GroupDescription="silent"),
        "open-egress",
        "security group Silent",
        ("security group Silent", "any address"),
    ),
    Mutation(
        "a way to the internet",
        add("Nat", "AWS::EC2::NatGateway", SubnetId="subnet-1"),
        "forbidden-type",
        "AWS::EC2::NatGateway Nat",
        ("Nat", "outside the region"),
    ),
    Mutation(
        "a function in a network that nobody knows",
        put("Lambda::Function", "BronzeFunction", "VpcConfig", {"SubnetIds": ["subnet-1"]}),
        "unknown-network",
        "function watershed-bronze",
        ("function watershed-bronze", "any address"),
    ),
    Mutation(
        "a URL in the environment",
        put(
            "Lambda::Function", "BronzeFunction", "Environment.Variables.COLLECTOR", "https://collector.example.com/v1"
        ),
        "foreign-host",
        "function watershed-bronze",
        ("function watershed-bronze", "COLLECTOR", "collector.example.com"),
    ),
    Mutation(
        "a host in the environment",
        put("Lambda::Function", "BronzeFunction", "Environment.Variables.COLLECTOR", "collector.example.com:443"),
        "foreign-host",
        "function watershed-bronze",
        ("function watershed-bronze", "COLLECTOR", "collector.example.com"),
    ),
    Mutation(
        "another region in the environment",
        put("Lambda::Function", "BronzeFunction", "Environment.Variables.REGION", VIRGINIA),
        "foreign-region",
        "function watershed-bronze",
        ("function watershed-bronze", "REGION", VIRGINIA),
    ),
    Mutation(
        "another account in the environment",
        put("Lambda::Function", "BronzeFunction", "Environment.Variables.PEER", STRANGER),
        "foreign-account",
        "function watershed-bronze",
        ("function watershed-bronze", "PEER", STRANGER),
    ),
    Mutation(
        "another region's ARN in the environment",
        put("Lambda::Function", "BronzeFunction", "Environment.Variables.PEER", foreign("sns", "t")),
        "foreign-arn",
        "function watershed-bronze",
        ("function watershed-bronze", "PEER", "us-east-1"),
    ),
]
