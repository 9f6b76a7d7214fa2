"""Text that is read as JSON, or is not read at all."""

from __future__ import annotations

import json
from typing import Any

from tests.infra.mutations.change import (
    FUNCTION,
    MACHINE,
    RAW,
    ROLE,
    STATEMENT,
    add,
    defined,
    grant,
    put,
    unknown,
    variable,
)

ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": list(statements)})


TEXTS = [
    unknown(
        "a role's policy as text",
        put("IAM::Role", "BronzeFunctionRole", "Policies.+", {"PolicyName": "x", "PolicyDocument": text(ANYTHING)}),
        ROLE,
    ),
    unknown(
        "whom a role trusts as text",
        put(
            "IAM::Role",
            "BronzeFunctionRole",
            "AssumeRolePolicyDocument",
            text({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}),
        ),
        ROLE,
    ),
    unknown("a key's policy as text", put("KMS::Key", "Key", "KeyPolicy", text({**ANYTHING, "Principal": "*"})), "key"),
    unknown(
        "a bucket's second policy as text",
        add(
            "More",
            "AWS::S3::BucketPolicy",
            Bucket={"Ref": "StorageRaw7E344C76"},
            PolicyDocument=text({**ANYTHING, "Principal": "*"}),
        ),
        "bucket policy More",
    ),
    unknown(
        "where masked words are reported, as text",
        put(
            "Logs::LogGroup",
            "BronzeFunctionLogs",
            "DataProtectionPolicy",
            text({"Operation": {"Audit": {"FindingsDestination": {"S3": {"Bucket": "elsewhere"}}}}}),
        ),
        "log group /aws/lambda/watershed-bronze",
    ),
    unknown(
        "a policy that is misspelt",
        put(
            "IAM::Role",
            "BronzeFunctionRole",
            "Policies.+",
            {"PolicyName": "x", "PolicyDocument": {"statement": [ANYTHING]}},
        ),
        ROLE,
    ),
    unknown(
        "a statement that is misspelt",
        grant(Action=None, Resource=None, action="*", resource="*"),
        ROLE,
        "unknown-element",
    ),
    unknown(
        "a condition as text",
        grant(Condition=json.dumps({"StringEquals": {"aws:RequestedRegion": "eu-central-1"}})),
        ROLE,
        "unconfined-statement",
    ),
    unknown("a condition without a key", grant(Condition={"StringEquals": "x"}), ROLE, "unconfined-statement"),
    unknown(
        "a bucket's blocks as text",
        put("S3::Bucket", "StorageRaw", "PublicAccessBlockConfiguration", "all"),
        RAW,
        "public-bucket",
    ),
    unknown("a definition that is a list", defined("[]"), MACHINE, "foreign-call"),
    unknown(
        "substitutions as text",
        put("StepFunctions::StateMachine", "Backfill", "DefinitionSubstitutions", "x"),
        MACHINE,
        "foreign-call",
    ),
    unknown("an effect that is misspelt", grant(Effect="allow"), ROLE, "unknown-element"),
    unknown(
        "a statement as text",
        put("IAM::Role", "BronzeFunctionRole", f"{STATEMENT}.+", json.dumps(ANYTHING)),
        ROLE,
        "unknown-element",
    ),
    unknown(
        "a reference that CloudFormation follows within a text",
        variable("PEER", {"Fn::Sub": "{{resolve:ssm:/peer}}"}),
        FUNCTION,
        "unknown-value",
    ),
    unknown(
        "a reference that is put together",
        variable("PEER", {"Fn::Join": ["", ["{{reso", "lve:ssm:/peer}}"]]}),
        FUNCTION,
        "unknown-value",
    ),
    unknown(
        "a macro beside other keys",
        put("S3::Bucket", "StorageRaw", "LifecycleConfiguration.Fn::Transform", {"Name": "Macro"}),
        RAW,
        "unknown-value",
    ),
    unknown(
        "a macro in place of properties",
        lambda template: template["Resources"]["BronzeQueueC0FFA9F3"].update(
            Properties={"Fn::Transform": {"Name": "Macro"}}
        ),
        "queue",
        "unknown-value",
    ),
    unknown(
        "a macro beside properties",
        lambda template: template["Resources"]["BronzeQueueC0FFA9F3"].update({"Fn::Transform": {"Name": "Macro"}}),
        "queue watershed-bronze",
    ),
    unknown(
        "resources that a loop makes",
        lambda template: template["Resources"].update({"Fn::ForEach::Queues": ["Name", ["a"], {}]}),
        "",
        "unknown-type",
    ),
]
