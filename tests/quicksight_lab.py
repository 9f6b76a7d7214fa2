"""What QuickSight would work out for a page's definition, asked of Athena: each field as the SQL that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

Ask = Callable[[str], list[list[Any]]]
_SUM, _DISTINCT = "SUM({})", "COUNT(DISTINCT {})"


def aggregate(field: Mapping[str, Any]) -> str:
    """The SQL of a measure."""
    ((_, inner),) = field.items()
    function = inner["AggregationFunction"]
    name = function if isinstance(function, str) else function["SimpleNumericalAggregation"]
    return {"SUM": _SUM, "DISTINCT_COUNT": _DISTINCT}[name].format(inner["Column"]["ColumnName"])


def numbers(sheet: Mapping[str, Any], table: str, ask: Ask) -> dict[str, Any]:
    """The value of each number of a sheet, by its title."""
    found = {}
    for visual in sheet["Visuals"]:
        if kpi := visual.get("KPIVisual"):
            (value,) = kpi["ChartConfiguration"]["FieldWells"]["Values"]
            ((found[kpi["Title"]["FormatText"]["PlainText"]],),) = ask(f"SELECT {aggregate(value)} FROM {table}")
    return found


def bars(sheet: Mapping[str, Any], table: str, ask: Ask) -> dict[str, list[tuple[str, Any]]]:
    """The bars of each chart of a sheet in their order, by the axis's label."""
    found = {}
    for visual in sheet["Visuals"]:
        if chart := visual.get("BarChartVisual", {}).get("ChartConfiguration"):
            wells = chart["FieldWells"]["BarChartAggregatedFieldWells"]
            (category,), (value,) = wells["Category"], wells["Values"]
            by = category["CategoricalDimensionField"]["Column"]["ColumnName"]
            fields = {category["CategoricalDimensionField"]["FieldId"]: "1", value[next(iter(value))]["FieldId"]: "2"}
            order = ", ".join(
                f"{fields[each['FieldSort']['FieldId']]} {each['FieldSort']['Direction']}"
                for each in chart["SortConfiguration"]["CategorySort"]
            )
            sql = f"SELECT {by}, {aggregate(value)} FROM {table} GROUP BY 1 ORDER BY {order}"
            label = chart["ValueLabelOptions"]["AxisLabelOptions"][0]["CustomLabel"]
            found[label] = [(row[0], row[1]) for row in ask(sql)]
    return found


def calculated(expression: str, column: str, values: list[Decimal]) -> Decimal:
    """What an expression over the values of all bars gives for the highest one."""
    total = f"sum({{{column}}})"
    meant = {
        f"percentOfTotal({total}, [])": max(values) / sum(values),
        f"maxOver({total}, []) / minOver({total}, []) - 1": max(values) / min(values) - 1,
    }
    return meant[expression]
