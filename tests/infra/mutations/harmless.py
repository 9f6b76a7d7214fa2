"""Changes that let nothing out, and must not be refused."""

from __future__ import annotations

from tests.infra.mutations.change import ACCOUNT, TOPIC, VIRGINIA, add, both, foreign, grant, let, put

ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}

HARMLESS = {
    "e-mail of alarms": add(
        "Mail", "AWS::SNS::Subscription", TopicArn=TOPIC, Protocol="email", Endpoint="oncall@example.com"
    ),
    "a denial that names other regions": let(
        "S3::BucketPolicy",
        "StorageRaw",
        Effect="Deny",
        Principal="*",
        Action="s3:*",
        Condition={"StringEquals": {"aws:RequestedRegion": [VIRGINIA]}},
    ),
    "a denial by exception": grant(Effect="Deny", Action=None, NotAction="s3:GetObject", Resource="*", Condition=None),
    "a permissions boundary": both(
        add("Boundary", "AWS::IAM::ManagedPolicy", ManagedPolicyName="b", PolicyDocument={"Statement": [ANYTHING]}),
        put("IAM::Role", "BronzeFunctionRole", "PermissionsBoundary", {"Ref": "Boundary"}),
    ),
    "an attached policy that is confined": add(
        "Extra",
        "AWS::IAM::Policy",
        PolicyName="extra",
        Roles=[{"Ref": "BronzeFunctionRoleEA545423"}],
        PolicyDocument={
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject"],
                    "Resource": {"Fn::Sub": "${StorageRaw7E344C76.Arn}/*"},
                    "Condition": {
                        "StringEquals": {"AWS:ResourceAccount": ACCOUNT, "aws:requestedregion": {"Ref": "AWS::Region"}}
                    },
                }
            ]
        },
    ),
    "a lock on objects": put("S3::Bucket", "StorageRaw", "ObjectLockEnabled", True),
    "words masked in logs, and reported to a log of ours": put(
        "Logs::LogGroup",
        "BronzeFunctionLogs",
        "DataProtectionPolicy",
        {
            "Statement": [
                {
                    "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
                    "Operation": {
                        "Audit": {"FindingsDestination": {"CloudWatchLogs": {"LogGroup": "/aws/lambda/watershed-gold"}}}
                    },
                }
            ]
        },
    ),
    "another statement for a service of the account": let(
        "SQS::QueuePolicy",
        "BronzeQueuePolicy",
        Principal={"Service": "events.amazonaws.com"},
        Action="sqs:SendMessage",
        Condition={"ArnLike": {"aws:SourceArn": foreign("events", "rule/*", region="eu-central-1")}},
    ),
    "a network that lets out to one place only": both(
        add(
            "Closed",
            "AWS::EC2::SecurityGroup",
            GroupDescription="closed",
            SecurityGroupEgress=[{"CidrIp": "10.1.0.0/16", "IpProtocol": "tcp"}],
        ),
        put("Lambda::Function", "BronzeFunction", "VpcConfig", {"SecurityGroupIds": [{"Ref": "Closed"}]}),
    ),
    "a reader whose subscription keeps its users elsewhere": put(
        "QuickSight::Dashboard",
        "QuickSightDashboardRevenue",
        "Permissions.0.Principal",
        foreign("quicksight", "user/default/role/ana@shop.example", region="ap-southeast-1"),
    ),
    "words for people that name a page": put(
        "CloudWatch::Alarm", "BronzeQueueWaiting", "AlarmDescription", "See https://example.com/runbook"
    ),
}
