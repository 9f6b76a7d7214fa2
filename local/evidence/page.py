"""Writes the evidence: JSON whose bytes the digest is of, and a page that shows the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

if TYPE_CHECKING:
    from local.evidence.document import Evidence

_TEMPLATES = Path(__file__).parent


def as_json(evidence: Evidence) -> str:
    """The evidence as JSON; the same evidence gives the same bytes."""
    return json.dumps(asdict(evidence), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def digest(document: str) -> str:
    """SHA-256 of a document's bytes, as `sha256sum` prints it."""
    return hashlib.sha256(document.encode()).hexdigest()


def as_html(evidence: Evidence) -> str:
    """The page: it needs nothing from anywhere, and every value in it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(evidence=evidence, digest=digest(as_json(evidence)))


def write(evidence: Evidence, folder: Path) -> tuple[Path, Path]:
    """Write `residency-<region>.html` and `.json` to a folder, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, document = (folder / f"residency-{evidence.region}.{kind}" for kind in ("html", "json"))
    page.write_text(as_html(evidence), encoding="utf-8")
    document.write_text(as_json(evidence), encoding="utf-8")
    return page, document
