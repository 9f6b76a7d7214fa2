"""The measures and the calculated table in DAX. Variables begin with `__`, as no table or column does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.gold.model import Aggregate

from local.powerbi.names import dax_column, dax_measure, dax_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from local.powerbi.model import End

_FIRST_DAY = "DATE(1900, 3, 1)"  # DAX has a 29 February 1900, and is one day off before


def total(table: str, column: str, aggregate: Aggregate, overlapping: Iterable[str] = ()) -> str:
    """A column's sum, or how many different values it has; NULL is none of them.

    Args:
        table: The table's name.
        column: The column's.
        aggregate: SUM or DISTINCT.
        overlapping: Columns of the table whose values count the same rows: of each, one value must be chosen, or the
            sum is empty rather than too large.
    """
    if aggregate is Aggregate.DISTINCT:
        return f"DISTINCTCOUNTNOBLANK({dax_column(table, column)})"
    chosen = " && ".join(f"HASONEVALUE({dax_column(table, each)})" for each in overlapping)
    sum_ = f"SUM({dax_column(table, column)})"
    return f"IF({chosen}, {sum_})" if chosen else sum_


def insight(measure: str, called: str, number_format: str, by: End) -> str:
    """A few sentences about a measure by a column: the highest, the lowest, its share, the range.

    Of several that are highest or lowest, the first by name is told.

    Args:
        measure: The measure's name in the model.
        called: What the sentences call it.
        number_format: How its values are written.
        by: The column that tells the bars apart.
    """
    of, name = dax_column(by.table, by.column), dax_measure(measure)
    values, said = f'" values of " & {dax_text(by.column)}', dax_text(called)
    high, low = (f"FORMAT({each}, {dax_text(number_format)})" for each in ("__High", "__Low"))
    return "\n".join(
        (
            f'VAR __Bars = FILTER(ADDCOLUMNS(VALUES({of}), "@Value", {name}), NOT(ISBLANK([@Value])))',
            "VAR __Count = COUNTROWS(__Bars)",
            "VAR __High = MAXX(__Bars, [@Value])",
            "VAR __Low = MINX(__Bars, [@Value])",
            f'VAR __Highest = COALESCE(MINX(FILTER(__Bars, [@Value] = __High), {of}), "(Blank)")',
            f'VAR __Lowest = COALESCE(MINX(FILTER(__Bars, [@Value] = __Low), {of}), "(Blank)")',
            f"VAR __Whole = {name}",
            f"VAR __Said = {said}",
            'VAR __Lead = FORMAT(DIVIDE(__High - __Low, __Low), "0.00%")',
            (
                'VAR __Compared = IF(__Low > 0, " and was " & __Lead & " higher than " & __Lowest'
                ' & ", which had the lowest " & __Said & " at ", " and " & __Lowest & " the lowest, ")'
            ),
            'VAR __Share = FORMAT(DIVIDE(__High, __Whole), "0.00%")',
            "VAR __Break = UNICHAR(10) & UNICHAR(10)",
            "RETURN",
            "    SWITCH(",
            "        TRUE(),",
            '        ISBLANK(__Count), "There is no " & __Said & " yet.",',
            f'        __Count = 1, "All of " & __Said & ", " & {high} & ", is of " & __Highest & ".",',
            f'        __High = __Low, "Each of the " & __Count & {values} & " has " & __Said & " " & {high} & ".",',
            f'        "At " & {high} & ", " & __Highest & " had the highest " & __Said & __Compared & {low} & "."',
            '            & IF(__Low >= 0, __Break & __Highest & " accounted for " & __Share & " of " & __Said & ".")',
            f'            & __Break & "Across all " & __Count & {values} & ", " & __Said',
            f'            & " ranged from " & {low} & " to " & {high} & "."',
            "    )",
        )
    )


def calendar(days: Sequence[End]) -> str:
    """Every day from the first year to the last that any of `days` has; this year if none has any."""
    firsts = (f"        MIN({dax_column(day.table, day.column)})" for day in days)
    lasts = (f"        MAX({dax_column(day.table, day.column)})" for day in days)
    return "\n".join(
        (
            "VAR __Firsts = {\n" + ",\n".join(firsts) + "\n    }",
            "VAR __Lasts = {\n" + ",\n".join(lasts) + "\n    }",
            "VAR __First = COALESCE(MINX(__Firsts, [Value]), TODAY())",
            "VAR __Last = COALESCE(MAXX(__Lasts, [Value]), TODAY())",
            "RETURN",
            "    ADDCOLUMNS(",
            f"        CALENDAR(MAX({_FIRST_DAY}, DATE(YEAR(__First), 1, 1)), DATE(YEAR(__Last), 12, 31)),",
            '        "Year", YEAR([Date]),',
            '        "Quarter", YEAR([Date]) & " Q" & QUARTER([Date]),',
            '        "Month", DATE(YEAR([Date]), MONTH([Date]), 1),',
            '        "Weekday number", WEEKDAY([Date], 2),',
            '        "Weekday", FORMAT([Date], "dddd")',
            "    )",
        )
    )
