"""As whom QuickSight reads: a role that may ask the analysts' workgroup for the shown models and the rules, no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from watershed import names
from watershed.errors import ConfigurationError
from watershed.names import Layer

from infra.guardrails.analysts import BROWSING, CATALOG, RESULTS
from infra.roles import allow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

QUERIES = (
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetQueryResultsStream",
    "athena:GetWorkGroup",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)
WILDCARDS = "Objects are data: which ones there are is not known here. The folder is one model's, or the rules'."
_MOST_MODELS = 40  # IAM takes 10,240 characters of statements within a role; two ARNs a model, and room


def statements(
    scope: Construct,
    *,
    models: Sequence[str],
    rules: Sequence[str],
    key: kms.IKey,
    buckets: Mapping[Layer, s3.Bucket],
) -> list[iam.PolicyStatement]:
    """All that the role may do: as analysts may, but model by model, so that what is masked is not among it.

    Args:
        scope: A construct of the region's stack.
        models: The names of the gold models that are shown.
        rules: The columns by which rules say who sees which rows.
        key: The region's key.
        buckets: The region's buckets.

    Raises:
        ConfigurationError: if the models are more than one role can name.
    """
    if len(models) > _MOST_MODELS:
        raise ConfigurationError(
            f"QuickSight is to show {len(models)} gold models; its role can name {_MOST_MODELS}.",
            remedy="Leave `quicksight` out of cdk.json, or take models away.",
        )
    gold, results, ledger = (buckets[layer] for layer in (Layer.GOLD, Layer.RESULTS, Layer.LEDGER))
    tables = [
        *_tables(scope, names.GOLD_DB, models),
        *_tables(scope, names.OPS_DB, [names.rules_table(column) for column in rules]),
    ]
    read = [gold.arn_for_objects(f"{model}/*") for model in models]
    read += [ledger.arn_for_objects(f"{names.RULES_PREFIX}{column}/*") for column in rules]
    listed = [gold.bucket_arn, *([ledger.bucket_arn] if rules else [])]
    group = _arn(scope, "athena", "workgroup", names.ANALYSTS_WORKGROUP)
    return [
        allow(scope, "Query", QUERIES, [group]),
        allow(scope, "Browse", BROWSING, [_arn(scope, "athena", "datacatalog", "AwsDataCatalog")]),
        allow(scope, "FindTables", CATALOG, list(dict.fromkeys(tables))),
        allow(scope, "Read", ("s3:GetObject",), read),
        allow(scope, "OwnResults", RESULTS, [results.arn_for_objects(f"{names.ANALYSTS_RESULTS}*")]),
        allow(scope, "List", ("s3:GetBucketLocation", "s3:ListBucket"), listed),
        allow(scope, "FindResults", ("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"), [results.bucket_arn]),
        allow(scope, "UseKey", ("kms:Decrypt", "kms:GenerateDataKey"), [key.key_arn]),
    ]


def _tables(scope: Construct, database: str, tables: Sequence[str]) -> list[str]:
    """Glue checks a table's ARN, its database's and the catalog's; Athena looks for `default` before every query."""
    if not tables:
        return []
    return [
        cdk.Stack.of(scope).format_arn(service="glue", resource="catalog"),
        _arn(scope, "glue", "database", "default"),
        _arn(scope, "glue", "database", database),
        *(_arn(scope, "glue", "table", f"{database}/{table}") for table in tables),
    ]


def _arn(scope: Construct, service: str, resource: str, name: str) -> str:
    return cdk.Stack.of(scope).format_arn(service=service, resource=resource, resource_name=name)
