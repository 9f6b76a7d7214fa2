"""The one place that quotes names and texts for Power BI's languages, and that makes its identifiers.

TMDL is what a model is written in, M what its queries are in, DAX what its measures are in. Each quotes differently.
"""

from __future__ import annotations

import re
import uuid

from watershed.errors import ConfigurationError

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://watershed/powerbi")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_M_ESCAPES = {"\r": "#(cr)", "\n": "#(lf)", "\t": "#(tab)"}


def identity(*parts: str) -> str:
    """A UUID that depends on `parts` alone: lineage tags and logical ids, the same at every run."""
    return str(uuid.uuid5(_NAMESPACE, "\x00".join(parts)))


def short_identity(*parts: str) -> str:
    """Twenty hexadecimal digits, as Power BI calls pages and visuals, and so their folders."""
    return identity(*parts).replace("-", "")[:20]


def one_line(text: str) -> str:
    """A text without line breaks, tabs and other control characters, each run of them one space.

    What people read as a name or description loses nothing by it, and TMDL has no way to write them there.
    """
    return " ".join("".join(" " if _is_control(c) else c for c in text).split())


def tmdl_name(name: str) -> str:
    """A name in TMDL: plain if it can be, else in single quotes.

    Raises:
        ConfigurationError: if it is empty, begins or ends with a space, or holds control characters.
    """
    if not name or name != name.strip() or any(_is_control(c) for c in name):
        raise ConfigurationError(f"{name!r} is no name in Power BI.", remedy="Call it by letters, digits and spaces.")
    return name if _PLAIN.fullmatch(name) else "'" + name.replace("'", "''") + "'"


def tmdl_text(text: str) -> str:
    """A property's text in TMDL, on one line: as it is if it can be, else in double quotes."""
    plain = text and text == text.strip() and not {'"', "`"} & set(text)  # backquotes could begin a block
    return text if plain else '"' + text.replace('"', '""') + '"'


def m_text(text: str) -> str:
    """A text literal in M."""
    escaped = text.replace("#(", "#(#)(").replace('"', '""')
    return '"' + "".join(_m_character(c) for c in escaped) + '"'


def dax_table(table: str) -> str:
    """A table in DAX."""
    return "'" + table.replace("'", "''") + "'"


def dax_column(table: str, column: str) -> str:
    """A column in DAX, always with its table."""
    return dax_table(table) + dax_measure(column)


def dax_measure(name: str) -> str:
    """A measure in DAX, always without its table; also a column that an expression adds."""
    return "[" + name.replace("]", "]]") + "]"


def dax_text(text: str) -> str:
    """A text in DAX. Control characters, line breaks too, are spelled out: TMDL would not keep them."""
    parts = re.split(r"([\x00-\x1f\x7f-\x9f\u2028\u2029])", text)
    said = [_dax_part(part) for part in parts if part]
    return " & ".join(said) if said else '""'


def _dax_part(part: str) -> str:
    return f"UNICHAR({ord(part)})" if _is_control(part[0]) else '"' + part.replace('"', '""') + '"'


def _m_character(character: str) -> str:
    if character in _M_ESCAPES:
        return _M_ESCAPES[character]
    return f"#({ord(character):04x})" if _is_control(character) else character


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f" or character in "\u2028\u2029"
