"""A page's pictures: a number for each total, and bars for each total, the longest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watershed.pages import Total

    from infra.quicksight.fields import PageFields

Properties = dict[str, Any]

LONGEST_TITLE, LONGEST_ALT = 512, 1024  # in characters
COLORS = ("#118DFF", "#12239E", "#E66C37", "#6B007B")  # of the totals in their order, then again from the first


def number_id(place: int) -> str:
    """The id of the number of the total at `place`."""
    return f"number-{place}"


def bars_id(place: int) -> str:
    """The id of the bars of the total at `place`."""
    return f"bars-{place}"


def number(fields: PageFields, place: int) -> Properties:
    """The total of all rows."""
    total = fields.page.totals[place]
    return {
        "KPIVisual": {
            "VisualId": number_id(place),
            "Title": title(total.name),
            "Subtitle": {"Visibility": "HIDDEN"},
            "ChartConfiguration": {
                "FieldWells": {"Values": [fields.value(total, f"number-{place}-value")]},
                "KPIOptions": {"PrimaryValueFontConfiguration": {"FontColor": _color(place)}},
            },
            "VisualContentAltText": total.name[:LONGEST_ALT],
        }
    }


def bars(fields: PageFields, place: int) -> Properties:
    """The total of each value of the page's `by`."""
    total = fields.page.totals[place]
    by, value = f"bars-{place}-by", f"bars-{place}-value"
    return {
        "BarChartVisual": {
            "VisualId": bars_id(place),
            "Title": title(f"{total.name} by {spoken(fields.page.by)}"),
            "Subtitle": {"Visibility": "HIDDEN"},
            "ChartConfiguration": {
                "Orientation": "HORIZONTAL",
                "BarsArrangement": "CLUSTERED",
                "FieldWells": {
                    "BarChartAggregatedFieldWells": {
                        "Category": [fields.by(by)],
                        "Values": [fields.value(total, value)],
                    }
                },
                # Of equals, the first by name, so that a page looks the same each time.
                "SortConfiguration": {"CategorySort": [_sorted(value, "DESC"), _sorted(by, "ASC")]},
                "CategoryLabelOptions": _axis(spoken(fields.page.by)),
                "ValueLabelOptions": _axis(total.name),
                "DataLabels": {"Visibility": "VISIBLE", "Overlap": "DISABLE_OVERLAP"},
                "Legend": {"Visibility": "HIDDEN"},
                "VisualPalette": {"ChartColor": _color(place)},
            },
            "VisualContentAltText": _alt(total, fields.page.by)[:LONGEST_ALT],
        }
    }


def title(text: str) -> Properties:
    """A visual's title, of words that are nothing but words."""
    return {"Visibility": "VISIBLE", "FormatText": {"PlainText": text[:LONGEST_TITLE]}}


def spoken(column: str) -> str:
    """A column's name for people: `branch name`."""
    return column.replace("_", " ")


def _sorted(field: str, direction: str) -> Properties:
    return {"FieldSort": {"FieldId": field, "Direction": direction}}


def _axis(text: str) -> Properties:
    return {"Visibility": "VISIBLE", "AxisLabelOptions": [{"CustomLabel": text}]}


def _alt(total: Total, by: str) -> str:
    return f"{total.name} by {spoken(by)}, the highest first"


def _color(place: int) -> str:
    return COLORS[place % len(COLORS)]
