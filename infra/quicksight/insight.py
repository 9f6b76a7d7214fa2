"""What a page says in words about its first total: the highest, the lowest, how far apart, and the highest's share.

Each sentence loops over the one item that its computation finds, so that nothing half said is left where a reader may
see no row.
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
    ]
    name = escape(total.name)
    said = [
        f"At {_value('Highest')}, {_category('Highest')} had the highest {name}.",
        f"At {_value('Lowest')}, {_category('Lowest')} had the lowest {name}.",
    ]
    if adds_up(fields):
        found += [
            _ranked(fields, "Spread", "TOP", fields.calculated(SPREAD, "spread-value", percent)),
            _ranked(fields, "Share", "TOP", fields.calculated(SHARE, "share-value", percent)),
        ]
        said += [
            f"The highest is {_value('Spread')} above the lowest.",  # the same number, whichever the item
            f"{_category('Share')} accounted for {_value('Share')} of {name}.",
        ]
    sentences = zip(("Highest", "Lowest", "Spread", "Share"), said, strict=False)
    text = "<br/>".join(_each(computation, sentence) for computation, sentence in sentences)
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
