"""A page as QuickSight's definition of an analysis, which is a dashboard's as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.quicksight import insight
from infra.quicksight.fields import PageFields
from infra.quicksight.formats import number_format
from infra.quicksight.layout import boxes
from infra.quicksight.visuals import LONGEST_TITLE, bars, number, spoken

if TYPE_CHECKING:
    from watershed.gold.model import GoldColumn, GoldModel
    from watershed.pages import Page

Properties = dict[str, Any]

FILTER, CONTROL = "by", "by-control"
_LONGEST_DESCRIPTION = 1024
_CANVAS = {"ScreenCanvasSizeOptions": {"ResizeOption": "FIXED", "OptimizedViewPortWidth": "1600px"}}


def definition(page: Page, model: GoldModel, dataset: str) -> Properties:
    """One sheet: the page's numbers, bars and words over the model's dataset, and a control that narrows them down.

    Args:
        page: The page.
        model: Its model.
        dataset: The ARN of the model's dataset.

    Raises:
        ConfigurationError: for a number format that QuickSight cannot be told.
    """
    fields = PageFields(page, model)
    places = range(len(page.totals))
    made: Properties = {
        "DataSetIdentifierDeclarations": [{"Identifier": page.table, "DataSetArn": dataset}],
        "Sheets": [
            {
                "SheetId": page.name,
                "Name": page.title[:LONGEST_TITLE],
                "Title": page.title[:LONGEST_TITLE],
                "Description": page.description[:_LONGEST_DESCRIPTION] or page.title[:LONGEST_TITLE],
                "ContentType": "INTERACTIVE",
                "Visuals": [
                    *(number(fields, place) for place in places),
                    *(bars(fields, place) for place in places),
                    insight.insight(fields),
                ],
                "FilterControls": [_control(page)],
                "Layouts": [_grid([box.element for box in boxes(len(page.totals))], CanvasSizeOptions=_CANVAS)],
                "SheetControlLayouts": [_grid([_CONTROL_ELEMENT])],
            }
        ],
        "FilterGroups": [_filter(fields)],
        "ColumnConfigurations": [_configured(page, column) for column in model.columns],
    }
    if calculated := insight.calculated_fields(fields):
        made["CalculatedFields"] = calculated
    return made


_CONTROL_ELEMENT = {
    "ElementId": CONTROL,
    "ElementType": "FILTER_CONTROL",
    "ColumnIndex": 0,
    "ColumnSpan": 6,
    "RowIndex": 0,
    "RowSpan": 1,
}


def _grid(elements: list[Properties], **options: Any) -> Properties:
    return {"Configuration": {"GridLayout": {"Elements": elements, **options}}}


def _control(page: Page) -> Properties:
    return {
        "Dropdown": {
            "FilterControlId": CONTROL,
            "SourceFilterId": FILTER,
            "Title": spoken(page.by).capitalize(),
            "Type": "MULTI_SELECT",
        }
    }


def _filter(fields: PageFields) -> Properties:
    """All values at first, those without one included; what a reader chooses holds for the whole sheet."""
    chosen = {"MatchOperator": "CONTAINS", "SelectAllOptions": "FILTER_ALL_VALUES", "NullOption": "ALL_VALUES"}
    return {
        "FilterGroupId": FILTER,
        "CrossDataset": "SINGLE_DATASET",
        "Status": "ENABLED",
        "ScopeConfiguration": {
            "SelectedSheets": {
                "SheetVisualScopingConfigurations": [{"SheetId": fields.page.name, "Scope": "ALL_VISUALS"}]
            }
        },
        "Filters": [
            {
                "CategoryFilter": {
                    "FilterId": FILTER,
                    "Column": fields.column(fields.page.by),
                    "Configuration": {"FilterListConfiguration": chosen},
                }
            }
        ],
    }


def _configured(page: Page, column: GoldColumn) -> Properties:
    """What an author finds when a column is put into a visual: whether it measures, and its format."""
    made: Properties = {
        "Column": {"DataSetIdentifier": page.table, "ColumnName": column.name},
        "Role": "DIMENSION" if column.aggregate is None else "MEASURE",
    }
    if column.format:
        shown = number_format(column.format, f"The column {page.table}.{column.name}")
        made["FormatConfiguration"] = {"NumberFormatConfiguration": {"FormatConfiguration": shown}}
    return made
