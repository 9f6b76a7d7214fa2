"""What the lake holds, compiled: contracts, gold models, questions, pages and connectors as one JSON document.

`build` reads `layers/lake` (it needs YAML and sqlglot and runs at synth); `load` reads the compiled document
that the `lake` layer carries (it needs neither and runs in the functions).
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
import json
import types
import typing
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from watershed.connectors.model import Connector
from watershed.contracts.model import Contract
from watershed.errors import ConfigurationError
from watershed.gold.model import GoldModel
from watershed.pages import Page, read_pages
from watershed.questions import Question, read_questions
from watershed.zones.view import ZonedView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PACKAGE, DOCUMENT = "watershed_lake", "catalog.json"  # the lake layer is python/watershed_lake/catalog.json


@dataclass(frozen=True)
class Catalog:
    """All datasets, gold models, questions, connectors and pages, by name, and the views of tables in a time zone."""

    contracts: dict[str, Contract]
    models: dict[str, GoldModel]
    questions: dict[str, Question]
    connectors: dict[str, Connector] = field(default_factory=dict)
    views: dict[str, ZonedView] = field(default_factory=dict)  # by the table as `database.table`
    pages: dict[str, Page] = field(default_factory=dict)

    @property
    def shown_models(self) -> dict[str, GoldModel]:
        """The gold models that go out to databases and reporting tools, by name: all without personal data.

        What is masked stays in Athena with the rest that is personal: a hash is still one person's.
        """
        return without_personal_data(self.models)

    def to_json(self) -> str:
        """The compiled document: deterministic, so that equal lakes give equal layers."""
        return json.dumps(dataclasses.asdict(self), indent=1, sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Catalog:
        """The inverse of `to_json`."""
        return typing.cast("Catalog", _revive(cls, json.loads(text)))


def build(lake: Path) -> Catalog:
    """Compile the folder `layers/lake`: contracts, pages and connectors as YAML, gold and questions as SQL.

    Gold's models are those of the folder, and one for each table whose personal data are to be masked.

    Raises:
        ConfigurationError: naming every fault found, each with file, path or line, and remedy.
    """
    from watershed.connectors.files import read_connectors
    from watershed.contracts.odcs import read_contracts
    from watershed.gold.masking import masked_models
    from watershed.gold.parse import read_models
    from watershed.zones.derive import derive

    contracts = read_contracts(lake / "contracts")
    written = read_models(lake / "gold", contracts)
    models = written | masked_models(contracts.values())
    return Catalog(
        contracts=contracts,
        models=models,
        questions=read_questions(lake / "questions", models),
        connectors=read_connectors(lake / "connectors", contracts),
        views=derive(contracts, models),
        pages=read_pages(lake / "pages", without_personal_data(written)),
    )


def without_personal_data(models: Mapping[str, GoldModel]) -> dict[str, GoldModel]:
    """Those of the models that hold none, by name."""
    return {name: model for name, model in models.items() if not any(column.pii for column in model.columns)}


@functools.cache
def load() -> Catalog:
    """The catalog of the deployed lake, from the `lake` layer.

    Raises:
        ConfigurationError: if the layer is absent.
    """
    return Catalog.from_json(_document())


@functools.cache
def load_connectors() -> dict[str, Connector]:
    """The connectors alone, for who needs no more and must start at once; as `load`."""
    hint = _hints(Catalog)["connectors"]
    return typing.cast("dict[str, Connector]", _revive(hint, json.loads(_document())["connectors"]))


def _document() -> str:
    try:
        return importlib.resources.files(PACKAGE).joinpath(DOCUMENT).read_text(encoding="utf-8")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "The lake layer is not attached to this function.", remedy="Run `cdk deploy`."
        ) from error


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _revive(hint: Any, value: Any) -> Any:
    """Turn parsed JSON back into the dataclass, tuple, dict, enum or scalar that `hint` names."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return hint(**{name: _revive(_hints(hint)[name], item) for name, item in value.items()})
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return None if value is None else _revive(next(a for a in arguments if a is not type(None)), value)
    if origin is tuple:
        return tuple(_revive(arguments[0], item) for item in value)
    if origin is dict:
        return {key: _revive(arguments[1], item) for key, item in value.items()}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value
