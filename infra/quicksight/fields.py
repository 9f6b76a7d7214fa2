"""A page's fields in a visual: the number that a total is, and what it is told apart by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from watershed.gold.model import Aggregate, GoldModel
from watershed.pages import Page, Total

from infra.quicksight.columns import column_type
from infra.quicksight.formats import number_format

Properties = dict[str, Any]


@dataclass(frozen=True)
class PageFields:
    """The fields of one page, over the one dataset that it has."""

    page: Page
    model: GoldModel

    def column(self, name: str) -> Properties:
        """A column of the dataset."""
        return {"DataSetIdentifier": self.page.table, "ColumnName": name}

    def by(self, field: str) -> Properties:
        """What tells bars apart."""
        return {"CategoricalDimensionField": {"FieldId": field, "Column": self.column(self.page.by)}}

    def value(self, total: Total, field: str) -> Properties:
        """A total of all rows that the visual's filters and the reader's rules leave."""
        shown = number_format(total.format, f"The total {total.name!r} of the page {self.page.name}")
        plain: Properties = {"FieldId": field, "Column": self.column(total.column)}
        if total.aggregate is Aggregate.SUM:
            return _number(plain, "SUM", shown)
        kind = column_type(next(each.type for each in self.model.columns if each.name == total.column))
        if kind in {"STRING", "DATETIME"}:
            name = "CategoricalMeasureField" if kind == "STRING" else "DateMeasureField"
            counted = {
                "AggregationFunction": "DISTINCT_COUNT",
                "FormatConfiguration": {"NumericFormatConfiguration": shown},
            }
            return {name: {**plain, **counted}}
        return _number(plain, "DISTINCT_COUNT", shown)

    def calculated(self, name: str, field: str, number: Properties) -> Properties:
        """A calculated field that is aggregated already."""
        configuration = {"FormatConfiguration": number}
        return {
            "NumericalMeasureField": {
                "FieldId": field,
                "Column": self.column(name),
                "FormatConfiguration": configuration,
            }
        }


def _number(plain: Properties, aggregation: str, shown: Properties) -> Properties:
    return {
        "NumericalMeasureField": {
            **plain,
            "AggregationFunction": {"SimpleNumericalAggregation": aggregation},
            "FormatConfiguration": {"FormatConfiguration": shown},
        }
    }
