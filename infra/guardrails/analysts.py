"""What analysts may do: query gold, where personal data are masked, in a workgroup of their own."""

from __future__ import annotations

from watershed import names
from watershed.names import Layer

from infra.guardrails.place import Document, Place, policy

RESULTS = ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
_QUERIES = (
    "athena:BatchGetNamedQuery",
    "athena:BatchGetQueryExecution",
    "athena:GetNamedQuery",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetQueryResultsStream",
    "athena:GetWorkGroup",
    "athena:ListNamedQueries",
    "athena:ListQueryExecutions",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)
CATALOG = ("glue:GetDatabase", "glue:GetDatabases", "glue:GetPartitions", "glue:GetTable", "glue:GetTables")
BROWSING = (
    "athena:GetDatabase",
    "athena:GetDataCatalog",
    "athena:GetTableMetadata",
    "athena:ListDatabases",
    "athena:ListTableMetadata",
)


def analysts(place: Place) -> Document:
    """Allows to read gold's tables through Athena, and one's own workgroup's results; everything else stays denied.

    Nothing here reads silver, bronze, raw, quarantine or `ops`, and so neither the masking key.
    """
    gold, results = (_bucket(place, layer) for layer in (Layer.GOLD, Layer.RESULTS))
    own = f"{results}/{names.ANALYSTS_RESULTS}*"
    tables = [
        place.arn(f"glue:{{place}}:{what}")
        for what in (
            "catalog",
            "database/default",  # Athena looks for it before every query
            f"database/{names.GOLD_DB}",
            f"table/{names.GOLD_DB}/*",
        )
    ]
    group = place.arn(f"athena:{{place}}:workgroup/{names.ANALYSTS_WORKGROUP}")
    parts: tuple[tuple[str, tuple[str, ...], list[str]], ...] = (
        ("Query", _QUERIES, [group]),
        ("Browse", BROWSING, [place.arn("athena:{place}:datacatalog/AwsDataCatalog")]),
        ("FindTables", CATALOG, tables),
        ("ReadGold", ("s3:GetObject",), [f"{gold}/*"]),
        ("OwnResults", RESULTS, [own]),
        ("ListGold", ("s3:GetBucketLocation", "s3:ListBucket"), [gold]),
        ("FindResults", ("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"), [results]),
        ("UseKey", ("kms:Decrypt", "kms:GenerateDataKey"), [place.arn("kms:{place}:key/*")]),
    )
    return policy(
        {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources, "Condition": place.confined}
        for sid, actions, resources in parts
    )


def _bucket(place: Place, layer: Layer) -> str:
    return place.arn(f"s3:::{names.bucket(layer, place.account or '*', place.region)}")
