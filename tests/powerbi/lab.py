"""Projects as tests look at them: files in memory, TMDL read back, the lake that ships and pages with hostile names."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from watershed import catalog
from watershed.gold.model import Aggregate
from watershed.pages import Page, Total

from local.config import regions
from local.paths import LAKE
from local.powerbi import project
from local.powerbi.m import Source
from tests.powerbi import tmdl_reader
from tests.powerbi.dax_reader import parse

if TYPE_CHECKING:
    from watershed.catalog import Catalog

    from tests.powerbi.dax_reader import Node
    from tests.powerbi.tmdl_reader import Thing

CATALOG = catalog.build(LAKE)
PLACES = {place.region: place for place in regions()}
BERLIN = PLACES["eu-central-1"]
HOSTILE = (
    "]] 'x'[y] \"q\" & [z]",
    "VAR __High = 1 RETURN",
    "Total revenue",  # as another page calls something else
    "customer_id",  # as a column of the same table is called
    "/// 😀 ```\n\tlineageTag: #(lf)",
)
_READ_BY_M = re.compile(r'Tables\{\[Name = "(\w+)"\]\}')
_TEXT_IN_M = re.compile(r'"((?:[^"]|"")*)"')


@dataclass(frozen=True)
class Project:
    """A project's files."""

    files: dict[str, str]

    def json(self, ending: str) -> Any:
        """The one file whose path ends so."""
        (path,) = (path for path in self.files if path.endswith(ending))
        return json.loads(self.files[path])

    def all_json(self, part: str) -> list[Any]:
        """All files with this in their path."""
        return [json.loads(text) for path, text in self.files.items() if part in path]

    def tmdl(self, file: str) -> list[Thing]:
        """The objects of one file of the model's definition."""
        (path,) = (path for path in self.files if path.endswith(f".SemanticModel/definition/{file}"))
        return tmdl_reader.read(self.files[path])[0]

    @cached_property
    def tables(self) -> dict[str, Thing]:
        """All tables by name."""
        paths = [path.partition("/definition/")[2] for path in self.files if "/definition/tables/" in path]
        return {table.name: table for path in paths for table in self.tmdl(path)}

    @cached_property
    def columns(self) -> dict[tuple[str, str], Thing]:
        """All columns by table and name."""
        return {(table.name, each.name): each for table in self.tables.values() for each in table.all("column")}

    @cached_property
    def measures(self) -> dict[str, Thing]:
        """All measures by name."""
        return {each.name: each for table in self.tables.values() for each in table.all("measure")}

    @cached_property
    def relationships(self) -> list[Thing]:
        """All relationships."""
        return self.tmdl("relationships.tmdl")

    @cached_property
    def reads(self) -> dict[str, tuple[str, list[str]]]:
        """Of each table that a query fills, what it reads from Athena's gold, and which columns."""
        found = {}
        for name, table in self.tables.items():
            read = _READ_BY_M.search(str(table.all("partition")[0].value))
            if read:
                found[name] = (read[1], [column.properties["sourceColumn"] for column in table.all("column")])
        return found

    @cached_property
    def dax(self) -> dict[str, Node]:
        """Every expression in DAX as a tree, by what it makes."""
        found = {name: parse(str(measure.value)) for name, measure in self.measures.items()}
        for table in self.tables.values():
            (partition,) = table.all("partition")
            if partition.properties["mode"] == "import" and table.properties.get("dataCategory"):
                found[f"table {table.name}"] = parse(str(partition.value))
        return found


def make(lake: Catalog = CATALOG, region: str = "eu-central-1", source: Source = Source.ATHENA) -> Project:
    """A project of a lake."""
    return Project(project.files(lake, PLACES[region], source))


@cache
def shipped(region: str, source: Source) -> Project:
    """The project of the lake that ships."""
    return make(CATALOG, region, source)


def hostile_lake() -> Catalog:
    """The lake that ships, with a page whose names Power BI's languages might trip over."""
    totals = (
        Total(HOSTILE[0], Aggregate.SUM, "total_amount", "#,##0.00"),
        *(Total(name, Aggregate.DISTINCT, "customer_id", "#,##0") for name in HOSTILE[1:]),
    )
    page = Page("hostile", 'It\'s \\ [a]; "page"\n```', "Says\n/// nothing.", "datamart", "status_value", totals)
    return replace(CATALOG, pages={**CATALOG.pages, page.name: page})


def texts(m: str) -> list[str]:
    """The text literals of a query in M."""
    return [literal.replace('""', '"') for literal in _TEXT_IN_M.findall(m)]
