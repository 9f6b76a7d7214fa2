"""A Power BI project: all files of a region's semantic model and report, by path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.powerbi import m, report, tmdl
from local.powerbi.derive import derive
from local.powerbi.names import identity

if TYPE_CHECKING:
    from watershed.catalog import Catalog

    from infra.config import RegionConfig
    from local.powerbi.m import Source

_FABRIC = "https://developer.microsoft.com/json-schemas/fabric"
_MODEL, _REPORT = "SemanticModel", "Report"
_IGNORED = "**/.pbi/cache.abf\n**/.pbi/localSettings.json\n"  # the cache holds rows, which git must not get


def files(lake: Catalog, place: RegionConfig, source: Source) -> dict[str, str]:
    """The project of one region's gold read from `source`; equal lakes give equal files.

    Raises:
        ConfigurationError: if a column's type or a page's total cannot be said in Power BI.
    """
    derived = derive(lake, place, source)
    name = derived.model.name
    documents: dict[str, Any] = {
        f"{name}.pbip": _shortcut(name),
        f"{name}.{_MODEL}/.platform": _platform(name, source, _MODEL),
        f"{name}.{_MODEL}/definition.pbism": {
            "$schema": f"{_FABRIC}/item/semanticModel/definitionProperties/1.0.0/schema.json",
            "version": "4.2",
            "settings": {},
        },
        f"{name}.{_REPORT}/.platform": _platform(name, source, _REPORT),
        f"{name}.{_REPORT}/definition.pbir": {
            "$schema": f"{_FABRIC}/item/report/definitionProperties/2.0.0/schema.json",
            "version": "4.0",
            "datasetReference": {"byPath": {"path": f"../{name}.{_MODEL}"}},
        },
        **{f"{name}.{_REPORT}/{path}": text for path, text in report.files(name, derived.pages).items()},
    }
    found = {path: json.dumps(document, indent=2, ensure_ascii=False) + "\n" for path, document in documents.items()}
    found |= {f"{name}.{_MODEL}/definition/{path}": text for path, text in tmdl.files(derived.model).items()}
    found[".gitignore"] = _IGNORED
    connection = m.connection_file(source, place.region)
    return found | ({f"{name}.pbids": connection} if connection else {})


def _shortcut(name: str) -> dict[str, Any]:
    return {
        "$schema": f"{_FABRIC}/pbip/pbipProperties/1.0.0/schema.json",
        "version": "1.0",
        "artifacts": [{"report": {"path": f"{name}.{_REPORT}"}}],
        "settings": {"enableAutoRecovery": True},
    }


def _platform(name: str, source: Source, item: str) -> dict[str, Any]:
    return {
        "$schema": f"{_FABRIC}/gitIntegration/platformProperties/2.0.0/schema.json",
        "metadata": {"type": item, "displayName": name},
        "config": {"version": "2.0", "logicalId": identity(name, source, item)},
    }
