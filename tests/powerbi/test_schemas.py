"""Every JSON file of a project against the schema that it names, of those that Microsoft publishes.

They are not part of this repository: `WATERSHED_FABRIC_SCHEMAS` names a folder with a checkout of
github.com/microsoft/json-schemas.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from local.powerbi.m import Source
from tests.powerbi.lab import CATALOG, PLACES, Project, hostile_lake, make, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = os.environ.get("WATERSHED_FABRIC_SCHEMAS", "")
needs_schemas = pytest.mark.skipif(
    not FOLDER, reason="set WATERSHED_FABRIC_SCHEMAS to a checkout of github.com/microsoft/json-schemas"
)
NAMED = "https://developer.microsoft.com/json-schemas/fabric/"
UNNAMED = (".gitignore", ".pbids", "/RegisteredResources/Watershed.json")  # which have no published schema


def documents(project: Project) -> Iterator[tuple[str, Any]]:
    """All JSON files but those that have no schema."""
    for path, text in project.files.items():
        if not path.endswith((".tmdl", *UNNAMED)):
            yield path, json.loads(text)


@pytest.mark.parametrize("source", list(Source))
def test_every_json_file_names_its_schema(source: Source) -> None:
    for path, document in documents(shipped("eu-central-1", source)):
        assert document["$schema"].startswith(NAMED), path
        assert document["$schema"].endswith("/schema.json"), path


@needs_schemas
@pytest.mark.parametrize("region", PLACES)
@pytest.mark.parametrize("source", list(Source))
def test_every_json_file_is_as_its_schema_says(region: str, source: Source) -> None:
    assert _faults(shipped(region, source)) == []


@needs_schemas
def test_hostile_names_and_a_lake_without_pages_are_as_the_schemas_say() -> None:
    assert _faults(make(hostile_lake())) == []
    assert _faults(make(replace(CATALOG, pages={}))) == []


@needs_schemas
def test_the_schemas_refuse_what_is_wrong() -> None:
    project = shipped("eu-central-1", Source.ATHENA)
    files = {path: text.replace('"width"', '"wide"') for path, text in project.files.items()}
    assert _faults(Project(files))


def _faults(project: Project) -> list[str]:
    found = []
    registry: Any = Registry(retrieve=_resource)  # type: ignore[call-arg]  # its __init__ is made by attrs
    for path, document in documents(project):
        validator = Draft7Validator(_schema(document["$schema"]), registry=registry)
        found += [f"{path}: {error.json_path}: {error.message}" for error in validator.iter_errors(document)]
    return found


def _resource(address: str) -> Any:
    return DRAFT7.create_resource(_schema(address))


@cache
def _schema(address: str) -> Any:
    return json.loads((Path(FOLDER) / "fabric" / address.removeprefix(NAMED)).read_text("utf-8-sig"))
