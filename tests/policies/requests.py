"""What a recorded call asks of IAM, with the context that AWS would add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.policies.access import container
from tests.policies.iam.context import Context
from tests.policies.iam.policy import Principal, Request
from tests.policies.operations import Need, needs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.policies.access import Access
    from tests.policies.recorder import Call

ORGANIZATION, OTHERS = "o-watershed", "o-others"  # what the account belongs to, and other accounts do
_SEALED = ("kms:Decrypt", "kms:GenerateDataKey")
# What a store's key must allow to whoever does this to the store, by the services' pages on encryption with KMS.
_WITH_THE_KEY = {
    "s3:GetObject": ("kms:Decrypt",),
    "s3:GetObjectVersion": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey",),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "sqs:SendMessage": _SEALED,
    "sns:Publish": _SEALED,
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
}


def requests(call: Call, access: Access) -> Iterator[Request]:
    """Every question that IAM asks itself before the call passes.

    Raises:
        LookupError: if nobody has said yet what the call's operation or a parameter of it asks.
    """
    for need in needs(call, access):
        yield request(call.principal, need, access, via=call.via, source=call.source)
        yield from _for_the_key(call, need, access)


def _for_the_key(call: Call, need: Need, access: Access) -> Iterator[Request]:
    store = container(need.resource)
    key = access.keys.get(store)
    for action in _WITH_THE_KEY.get(need.action, ()) if key else ():
        service = need.action.partition(":")[0]
        about = {
            "kms:ViaService": f"{service}.{access.template.region}.amazonaws.com",
            f"kms:EncryptionContext:aws:{service}:arn": store,
        }
        if call.principal.account:
            about["kms:CallerAccount"] = call.principal.account
        via = f"{service}.amazonaws.com"
        yield request(call.principal, Need(action, str(key), about), access, via=via, source=call.source)


def request(
    principal: Principal,
    need: Need,
    access: Access,
    *,
    via: str = "",
    source: str = "",
    changed: Mapping[str, str | None] | None = None,
) -> Request:
    """One question to IAM.

    Args:
        principal: Who asks.
        need: For what.
        access: The region.
        via: The service that calls with the principal's permissions.
        source: The resource for which a service of AWS calls, if it says so.
        changed: Condition keys that differ from those of a regular call; None takes one away.
    """
    account = access.template.account
    keys: dict[str, Any] = {
        "aws:RequestedRegion": access.template.region,
        "aws:ResourceAccount": account,
        "aws:ResourceOrgID": ORGANIZATION,
        "aws:SecureTransport": "true",
        "aws:PrincipalIsAWSService": str(bool(principal.service)).lower(),
        **need.keys,
    }
    if principal.service:
        keys["aws:PrincipalServiceName"] = principal.service
        if source:
            keys |= {"aws:SourceArn": source, "aws:SourceAccount": account, "aws:SourceOrgID": ORGANIZATION}
    else:
        keys["aws:ViaAWSService"] = str(bool(via)).lower()
    if via:
        keys["aws:CalledVia"] = via
    if principal.arn:
        keys |= {"aws:PrincipalArn": principal.arn, "aws:PrincipalType": "AssumedRole"}
        keys |= {"aws:PrincipalAccount": principal.account}
        keys |= {"aws:PrincipalOrgID": ORGANIZATION if principal.account == account else OTHERS}
    if need.action.startswith("s3:"):
        keys |= {"s3:authType": "REST-HEADER", "s3:TlsVersion": "1.3", "s3:ResourceAccount": account}
    keys |= changed or {}
    if keys["aws:ResourceAccount"] != account:
        keys["aws:ResourceOrgID"] = OTHERS
    kept = {key: value for key, value in keys.items() if value is not None}
    return Request(principal, need.action, need.resource, kept["aws:ResourceAccount"], Context(kept))
