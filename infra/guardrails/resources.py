"""What the region's resources refuse, whatever their own policies say: a resource control policy, and the catalog's."""

from __future__ import annotations

from watershed import names

from infra.confinement import S3_WAYS_OUT, outsiders, services_for_others
from infra.guardrails.place import Document, Place, deny, key_stays, policy

_DATABASES = (names.BRONZE_DB, names.SILVER_DB, names.GOLD_DB, names.OPS_DB)


def resource_control(place: Place) -> Document:
    """Whom the region's buckets, queues, roles and key refuse, whatever their own policies say."""
    account = place.account or "${aws:ResourceAccount}"
    stored = [*place.buckets(), *place.objects(), place.arn(f"sqs:{{place}}:{names.PREFIX}-*")]
    keys = [place.arn("kms:{place}:key/*")]
    ours = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": names.KEY_ALIAS}}
    to_all = {"Principal": "*"}
    return policy(
        {**to_all, **statement}
        for statement in (
            deny(
                "OnlyThisAccount",
                ("s3:*", "sqs:*", "sts:AssumeRole"),
                [*stored, place.role(f"{names.PREFIX}-*-{place.region}")],
                outsiders(account),
            ),
            deny("NoServiceForOthers", ("s3:*", "sqs:*"), stored, services_for_others(account)),
            deny("OnlyByTls", ("s3:*", "sqs:*"), stored, {"Bool": {"aws:SecureTransport": "false"}}),
            deny("NothingLeavesByItself", S3_WAYS_OUT, [*place.buckets(), *place.objects()]),
            deny("KeyOnlyThisAccount", ("kms:*",), keys, {**outsiders(account), **ours}),
            deny("KeyNoServiceForOthers", ("kms:*",), keys, {**services_for_others(account), **ours}),
            *key_stays(place, keys, ours),
        )
    )


def catalog(place: Place) -> Document:
    """Glue's resource policy: the lake's databases and tables are for the account alone.

    CloudFormation has no resource type for it, and an account has one for all its databases in a region.
    """
    resources = [
        place.arn(f"glue:{{place}}:{kind}")
        for database in _DATABASES
        for kind in (f"database/{database}", f"table/{database}/*")
    ]
    account = place.account or "${aws:ResourceAccount}"
    return policy([{"Principal": "*", **deny("OnlyThisAccount", ("glue:*",), resources, outsiders(account))}])
