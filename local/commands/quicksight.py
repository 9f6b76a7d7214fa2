"""`watershed quicksight REGION FILE`: who sees which rows in QuickSight, from a CSV file that is checked first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlglot
from rich.console import Console
from sqlglot import exp
from watershed import catalog, names
from watershed.errors import ConfigurationError
from watershed.names import Layer

from infra.quicksight.rules import rule_columns
from local import quicksight_rules
from local.config import regions
from local.paths import LAKE
from local.reached import reached

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from local.region import Region


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, which has `quicksight` in cdk.json")
    parser.add_argument("file", type=Path, help="CSV with UserName, GroupName and the column: one value a line")
    parser.add_argument("--column", help="the column that the rules are about, where pages go by several")
    parser.add_argument("--all-rows", action="store_true", help="take rules without a value, which show all rows")
    parser.add_argument("--ahead", action="store_true", help="take values that no row of gold has yet")
    parser.add_argument("--dry-run", action="store_true", help="check, and put nothing in place")
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Check the file, and put it in place of the rules that are there; 1 if something is wrong with it."""
    if not any(place.region == args.region and place.quicksight for place in regions()):
        raise ConfigurationError(
            f"The region {args.region} has no `quicksight` in cdk.json.", remedy="docs/quicksight.md says how to ask."
        )
    by = rule_columns(catalog.build(LAKE))
    column = _column(args.column, sorted(set(by.values())))
    try:
        text = args.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{args.file} cannot be read: {error}.", remedy="Name a CSV file in UTF-8.") from error
    rules, faults = quicksight_rules.read(text, column)
    region = reached(args.region, aws=args.aws)
    if not faults:
        known = values(region, column, (model for model, its in by.items() if its == column))
        faults = list(quicksight_rules.check(rules, known, all_rows=args.all_rows, ahead=args.ahead))
    console = Console(highlight=False, soft_wrap=True)
    for fault in faults:
        console.print(f"{args.file}: {fault}", markup=False)
    if faults:
        return 1
    if not args.dry_run:
        bucket = names.bucket(Layer.LEDGER, region.account, region.name)
        body = quicksight_rules.write(rules, column)
        region.client("s3").put_object(Bucket=bucket, Key=names.rules_key(column), Body=body)
    done = "would hold" if args.dry_run else "hold from now on"
    console.print(f"{len(rules)} rules {done}; whom none of them names sees no row.", markup=False)
    for who in dict.fromkeys(rule.who for rule in rules if not rule.value):
        console.print(f"{who} sees all rows.", markup=False)
    return 0


def values(region: Region, column: str, models: Iterable[str]) -> set[str]:
    """What a column holds in those gold tables that are there."""
    pages = region.client("glue").get_paginator("get_tables").paginate(DatabaseName=names.GOLD_DB)
    made = {table["Name"] for page in pages for table in page["TableList"]}
    return {
        row[0]
        for model in models
        if model in made
        for row in region.athena.typed_rows(_values(column, model))[1]
        if row[0] is not None
    }


def _values(column: str, model: str) -> str:
    asked = sqlglot.select(exp.column(column, quoted=True)).distinct().from_(exp.table_(model, names.GOLD_DB))
    return asked.sql(dialect="athena")


def _column(asked: str | None, columns: list[str]) -> str:
    if asked in columns:
        return str(asked)
    if asked is None and len(columns) == 1:
        return columns[0]
    raise ConfigurationError(
        f"There are rules about {' and '.join(columns) or 'nothing'}.", remedy="Name one of them with --column."
    )
