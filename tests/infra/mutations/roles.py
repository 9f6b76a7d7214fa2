"""Roles that may do more than they need."""

from __future__ import annotations

from tests.infra.mutations.change import ACCOUNT, ROLE, STRANGER, VIRGINIA, Mutation, add, foreign, grant, let, put

ROLES = [
    Mutation(
        "a statement on every resource",
        grant(Resource="*"),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "any resource"),
    ),
    Mutation(
        "a statement on every bucket",
        grant(Resource="arn:aws:s3:::*"),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "arn:aws:s3:::*"),
    ),
    Mutation(
        "a statement on a bucket that begins like ours",
        grant(Resource={"Fn::Sub": "arn:aws:s3:::watershed-raw-${AWS::AccountId}-eu-central-1*"}),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "eu-central-1*"),
    ),
    Mutation(
        "a statement on another region's bucket",
        grant(Resource={"Fn::Sub": "arn:aws:s3:::watershed-raw-${AWS::AccountId}-us-east-1/*"}),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "us-east-1/*"),
    ),
    Mutation(
        "a statement on another region's queue",
        grant(Action="sqs:SendMessage", Resource=foreign("sqs", "watershed-silver.fifo")),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "us-east-1"),
    ),
    Mutation(
        "a statement on another account's queue",
        grant(Action="sqs:SendMessage", Resource=foreign("sqs", "q", region="eu-central-1", account=STRANGER)),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", STRANGER),
    ),
    Mutation(
        "a statement on queues of any region",
        grant(Action="sqs:SendMessage", Resource=foreign("sqs", "watershed-silver.fifo", region="*")),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "arn:aws:sqs:*"),
    ),
    Mutation(
        "a statement on a queue of another app",
        grant(Action="sqs:SendMessage", Resource=foreign("sqs", "elsewhere", region="eu-central-1")),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "elsewhere"),
    ),
    Mutation("no condition", grant(Condition=None), "unconfined-statement", ROLE, (ROLE, "Added", "another region")),
    Mutation(
        "no condition on the region",
        grant(Condition={"StringEquals": {"aws:ResourceAccount": ACCOUNT}}),
        "unconfined-statement",
        ROLE,
        (ROLE, "Added", "another region"),
    ),
    Mutation(
        "no condition on the account",
        grant(Condition={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}),
        "unconfined-statement",
        ROLE,
        (ROLE, "Added", "another account"),
    ),
    Mutation(
        "a condition that also takes another region",
        grant(
            Condition={
                "StringEquals": {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": ["eu-central-1", VIRGINIA]}
            }
        ),
        "unconfined-statement",
        ROLE,
        (ROLE, "Added", "another region"),
    ),
    Mutation(
        "a condition that passes when there is nothing to compare",
        grant(
            Condition={"StringEqualsIfExists": {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": "eu-central-1"}}
        ),
        "unconfined-statement",
        ROLE,
        (ROLE, "Added", "another region"),
    ),
    Mutation("everything allowed", grant(Action="*"), "unknown-action", ROLE, (ROLE, "Added", "*")),
    Mutation("every action of a service", grant(Action="s3:*"), "unknown-action", ROLE, (ROLE, "Added", "s3:*")),
    Mutation(
        "setting up replication",
        grant(Action="s3:PutReplicationConfiguration"),
        "unknown-action",
        ROLE,
        (ROLE, "Added", "s3:PutReplicationConfiguration"),
    ),
    Mutation(
        "taking another role", grant(Action="sts:AssumeRole"), "unknown-action", ROLE, (ROLE, "Added", "sts:AssumeRole")
    ),
    Mutation(
        "everything but",
        grant(Action=None, NotAction="s3:DeleteObject"),
        "allow-by-exception",
        ROLE,
        (ROLE, "Added", "NotAction"),
    ),
    Mutation(
        "everywhere but",
        grant(Resource=None, NotResource="arn:aws:s3:::x/*"),
        "allow-by-exception",
        ROLE,
        (ROLE, "Added", "NotResource"),
    ),
    Mutation(
        "AWS's own managed policy",
        put("IAM::Role", "BronzeFunctionRole", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
        "foreign-managed-policy",
        ROLE,
        (ROLE, "AdministratorAccess", "what that policy allows"),
    ),
    Mutation(
        "a policy of its own that is attached",
        add(
            "Extra",
            "AWS::IAM::ManagedPolicy",
            ManagedPolicyName="extra-eu-central-1",
            Roles=[{"Fn::Join": ["", ["watershed-bronze-eu-central-1"]]}],
            PolicyDocument={
                "Statement": [{"Sid": "Any", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]
            },
        ),
        "unconfined-resource",
        "managed policy extra-eu-central-1",
        (ROLE, "Any", "any resource"),
    ),
    Mutation(
        "a role that another account may take",
        let(
            "IAM::Role",
            "BronzeFunctionRole",
            "AssumeRolePolicyDocument",
            Principal={"AWS": STRANGER},
            Action="sts:AssumeRole",
        ),
        "foreign-trust",
        ROLE,
        (STRANGER, "Added", ROLE),
    ),
    Mutation(
        "a role that virtual machines may take",
        let(
            "IAM::Role",
            "BronzeFunctionRole",
            "AssumeRolePolicyDocument",
            Principal={"Service": "ec2.amazonaws.com"},
            Action="sts:AssumeRole",
        ),
        "foreign-trust",
        ROLE,
        ("ec2.amazonaws.com", "Added", ROLE),
    ),
]
