"""What a page says in words about its first total: highest, lowest, the range, how far apart, the highest's share.

Each sentence loops over the one item that its computation finds, so that nothing half said is left where a reader may
see no row. The range names two such items; both lists have one, so the one's place is the other's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from watershed.gold.model import Aggregate

from infra.quicksight.formats import number_format
from infra.quicksight.visuals import spoken, title

if TYPE_CHECKING:
    from infra.quicksight.fields import PageFields

Properties = dict[str, Any]

ID = "insight"
SHARE, SPREAD = "share of all", "above the lowest"  # calculated fields: no column's name has a blank
_PERCENT = "0.00%"


def insight(fields: PageFields) -> Properties:
    """The visual."""
    total = fields.page.totals[0]
    percent = number_format(_PERCENT, "The insight")
    found = [
        _ranked(fields, "Highest", "TOP", fields.value(total, "highest-value")),
        _ranked(fields, "Lowest", "BOTTOM", fields.value(total, "lowest-value")),
        {"UniqueValues": {"ComputationId": "count", "Name": "Count", "Category": fields.by("count-by")}},
    ]
    name = escape(total.name)
    values = f"<expression>Count.uniqueGroupValuesCount</expression> values of {escape(spoken(fields.page.by))}"
    said = [
        ("Highest", f"At {_value('Highest')}, {_category('Highest')} had the highest {name}."),
        ("Lowest", f"At {_value('Lowest')}, {_category('Lowest')} had the lowest {name}."),
        ("Lowest", f"Across all {values}, {name} ranged from {_value('Lowest')} to {_value('Highest')}."),
    ]
    if adds_up(fields):
        found += [
            _ranked(fields, "Spread", "TOP", fields.calculated(SPREAD, "spread-value", percent)),
            _ranked(fields, "Share", "TOP", fields.calculated(SHARE, "share-value", percent)),
        ]
        said += [
            ("Spread", f"The highest is {_value('Spread')} above the lowest."),  # the same number, whichever the item
            ("Share", f"{_category('Share')} accounted for {_value('Share')} of {name}."),
        ]
    text = "<br/>".join(_each(computation, sentence) for computation, sentence in said)
    return {
        "InsightVisual": {
            "VisualId": ID,
            "Title": title(f"{total.name} by {spoken(fields.page.by)} in words"),
            "Subtitle": {"Visibility": "HIDDEN"},
            "DataSetIdentifier": fields.page.table,
            "InsightConfiguration": {
                "Computations": found,
                "CustomNarrative": {"Narrative": f"<narrative>{text}</narrative>"},
            },
        }
    }


def calculated_fields(fields: PageFields) -> list[Properties]:
    """The fields that the sentences need beside the dataset's columns; none for a count of different things.

    Such counts do not add up: one customer buys at two branches, so a branch has no share of all customers.
    """
    if not adds_up(fields):
        return []
    total = f"sum({{{fields.page.totals[0].column}}})"
    expressions = {
        SHARE: f"percentOfTotal({total}, [])",
        SPREAD: f"maxOver({total}, []) / minOver({total}, []) - 1",
    }
    return [
        {"DataSetIdentifier": fields.page.table, "Name": name, "Expression": expression}
        for name, expression in expressions.items()
    ]


def adds_up(fields: PageFields) -> bool:
    """Whether the first total is a sum."""
    return fields.page.totals[0].aggregate is Aggregate.SUM


def _ranked(fields: PageFields, name: str, kind: str, value: Properties) -> Properties:
    return {
        "TopBottomRanked": {
            "ComputationId": name.lower(),
            "Name": name,
            "Type": kind,
            "ResultSize": 1,
            "Category": fields.by(f"{name.lower()}-by"),
            "Value": value,
        }
    }


def _each(computation: str, sentence: str) -> str:
    return f'<for level="block" listExpression="{computation}.items">{sentence}</for>'


def _value(computation: str) -> str:
    return f"<expression>{computation}.items[index].metricValue.formattedValue</expression>"


def _category(computation: str) -> str:
    return f"<expression>{computation}.items[index].categoryValue.formattedValue</expression>"
