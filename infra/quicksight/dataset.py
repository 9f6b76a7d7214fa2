"""A dataset for a gold model, and one for the rules of who sees which of its rows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from watershed import names

from infra.quicksight.columns import described, folders, input_columns
from infra.quicksight.rules import GROUP, USER

if TYPE_CHECKING:
    from watershed.gold.model import GoldModel

    from infra.quicksight.setting import QuickSight

Properties = dict[str, Any]

CATALOG = "AwsDataCatalog"
LONGEST_NAME = 64  # of a table in a dataset, in characters
_DIGITS = 8
# Nobody may make a dataset of one's own from these: it would be a copy that no rule here looks after.
_NO_CHILDREN = {"DisableUseAsDirectQuerySource": True, "DisableUseAsImportedSource": True}


def of_model(model: GoldModel, setting: QuickSight, source: str, rules: str | None) -> Properties:
    """The properties of the dataset that shows a gold model.

    Args:
        model: The model.
        setting: Whether QuickSight keeps a copy.
        source: The data source's ARN.
        rules: The ARN of the dataset with the rules of who sees which rows, if the model has a column for them.
    """
    table = _identifier(model.name)
    columns = [column.name for column in model.columns]
    steps = [described(column) for column in model.columns if column.comment]
    made: Properties = {
        "AwsAccountId": cdk.Aws.ACCOUNT_ID,
        "DataSetId": names.quicksight(model.name),
        "Name": model.name,
        "ImportMode": "SPICE" if setting.spice else "DIRECT_QUERY",
        "PhysicalTableMap": {
            table: _relation(source, names.GOLD_DB, model.name, input_columns(model, spice=setting.spice))
        },
        "LogicalTableMap": {
            table: {
                "Alias": model.name[:LONGEST_NAME],
                "Source": {"PhysicalTableId": table},
                "DataTransforms": [*steps, {"ProjectOperation": {"ProjectedColumns": columns}}],
            }
        },
        "FieldFolders": folders(model),
        "DataSetUsageConfiguration": dict(_NO_CHILDREN),
    }
    if setting.spice:
        # Before the first files came there is no table; a deployment must not wait for rows.
        made["IngestionWaitPolicy"] = {"WaitForSpiceIngestion": False}
    if rules:
        made["RowLevelPermissionDataSet"] = {
            "Arn": rules,
            "Namespace": setting.namespace,
            "PermissionPolicy": "GRANT_ACCESS",  # whom no rule names sees nothing
            "FormatVersion": "VERSION_1",
            "Status": "ENABLED",
        }
    return made


def of_rules(column: str, source: str) -> Properties:
    """The properties of the dataset with the rules for a column; asked anew each time, so what is taken is taken."""
    table = _identifier(f"rules-{column}")
    stored = (USER.lower(), GROUP.lower(), column)
    renamed = ((USER.lower(), USER), (GROUP.lower(), GROUP))
    return {
        "AwsAccountId": cdk.Aws.ACCOUNT_ID,
        "DataSetId": names.quicksight("rules", column),
        "Name": f"Who sees which {column}",
        "ImportMode": "DIRECT_QUERY",
        "UseAs": "RLS_RULES",
        "PhysicalTableMap": {
            table: _relation(
                source, names.OPS_DB, names.rules_table(column), [{"Name": name, "Type": "STRING"} for name in stored]
            )
        },
        "LogicalTableMap": {
            table: {
                "Alias": table,
                "Source": {"PhysicalTableId": table},
                "DataTransforms": [
                    *({"RenameColumnOperation": {"ColumnName": old, "NewColumnName": new}} for old, new in renamed),
                    {"ProjectOperation": {"ProjectedColumns": [USER, GROUP, column]}},
                ],
            }
        },
        "DataSetUsageConfiguration": dict(_NO_CHILDREN),
    }


def _relation(source: str, schema: str, table: str, columns: list[Properties]) -> Properties:
    return {
        "RelationalTable": {
            "DataSourceArn": source,
            "Catalog": CATALOG,
            "Schema": schema,
            "Name": table,
            "InputColumns": columns,
        }
    }


def _identifier(name: str) -> str:
    """A table's id within its dataset: hyphens for underscores, and a digest where that is too long."""
    plain = name.replace("_", "-")
    if len(plain) <= LONGEST_NAME:
        return plain
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
    return f"{plain[: LONGEST_NAME - _DIGITS - 1]}-{digest}"
