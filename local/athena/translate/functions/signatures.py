"""Functions that need nothing but a signature: read from `signatures.txt`, matched as Trino resolves overloads."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING

from local.athena.translate.typed import Typed, call
from local.athena.translate.types import DOUBLE, UNKNOWN, Type, can_coerce, common_super_type

if TYPE_CHECKING:
    from local.athena.translate.functions.call import Call

_LINE = re.compile(r"(?P<name>\w+)\((?P<arguments>.*?)\) -> (?P<result>[^=]+?)(?: = (?P<target>\w+))?")
_VARIABLE = re.compile(r"[A-Z]")
_PATTERN = re.compile(r"(?P<name>\w+)(?:\((?P<items>.*)\))?(?P<zone> with time zone)?")


@dataclass(frozen=True)
class Signature:
    """One overload. Types may hold variables (`T`), and timestamps any precision (`timestamp(p)`)."""

    arguments: tuple[Type, ...]
    result: Type
    target: str  # the DuckDB function or macro that is called with the same arguments


def _split(items: str) -> list[str]:
    """`a, b(c, d)` at its outer commas."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(items):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(items[start:place].strip())
            start = place + 1
    return [part for part in [*parts, items[start:].strip()] if part]


def _pattern(written: str) -> Type:
    match = _PATTERN.fullmatch(written.strip())
    if match is None:
        raise ValueError(f"'{written}' is no type.")
    name = match["name"].replace("_", " ") + (match["zone"] or "")
    items = _split(match["items"] or "")
    if name.startswith("timestamp"):
        numbers = tuple(int(item) for item in items if item.isdigit())
        return Type(name, numbers, zone="UTC" if match["zone"] and numbers else None)
    return Type(name, items=tuple(_pattern(item) for item in items))


def _read() -> dict[str, list[Signature]]:
    table: dict[str, list[Signature]] = {}
    for line in files(__package__).joinpath("signatures.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.split("  #")[0].strip())
        if match is None:
            raise ValueError(f"'{line}' is no signature.")
        arguments = tuple(_pattern(item) for item in _split(match["arguments"]))
        signature = Signature(arguments, _pattern(match["result"]), match["target"] or match["name"])
        table.setdefault(match["name"], []).append(signature)
    return table


SIGNATURES = _read()
# What NaN means to these depends on how Trino finds the value.
_NAN_MATTERS = ("contains", "element_at", "array_position", "array_max", "array_min", "arrays_overlap")
# Trino compares the items of these, and fails where one holds a NULL inside.
_ITEMS_ARE_COMPARED = ("contains", "array_position", "array_max", "array_min", "array_sort")
# Of these Trino has a form for texts and one for bytes, and chooses neither where these arguments are untyped NULLs.
_TEXTS_OR_BYTES = {"reverse": (0,), "substr": (0,), "lpad": (0, 2), "rpad": (0, 2)}


def call_by_signature(made: Call) -> Typed:
    """The call of a function of `signatures.txt`: an exact overload first, then one that implicit casts reach.

    Raises:
        StatementFailed: `FUNCTION_NOT_FOUND` if none takes the arguments.
    """
    values = [made.binder.bind(argument) for argument in made.arguments]
    kinds = [value.type for value in values]
    if {kinds[place] for place in _TEXTS_OR_BYTES.get(made.name, ()) if place < len(kinds)} == {UNKNOWN}:
        message = "Could not choose a best candidate operator. Explicit type casts must be added."
        raise made.binder.failure("AMBIGUOUS_FUNCTION_CALL", message, made.node)
    for coercing in (False, True):
        for signature in SIGNATURES[made.name]:
            bindings: dict[str, Type] = {}
            if len(signature.arguments) == len(kinds) and all(
                _matches(pattern, kind, bindings, coercing=coercing)
                for pattern, kind in zip(signature.arguments, kinds, strict=True)
            ):
                if made.name in _NAN_MATTERS and DOUBLE in bindings.values():
                    raise made.refusal(f"Function '{made.name}' on doubles", "Cast them to decimal.")
                if made.name in _ITEMS_ARE_COMPARED and any(kind.items for kind in bindings.values()):
                    raise made.refusal(f"Function '{made.name}' on arrays of arrays or rows", "Use UNNEST.")
                nodes = [
                    made.binder.coerce(value, _substitute(pattern, bindings, value.type), argument).node
                    for pattern, value, argument in zip(signature.arguments, values, made.arguments, strict=True)
                ]
                return Typed(call(signature.target, *nodes), _substitute(signature.result, bindings, UNKNOWN))
    raise made.unexpected(kinds)


def _matches(pattern: Type, kind: Type, bindings: dict[str, Type], *, coercing: bool) -> bool:
    """Whether `kind` fits, noting what variables stand for."""
    if _VARIABLE.fullmatch(pattern.name):
        meeting = common_super_type(bindings.get(pattern.name, UNKNOWN), kind)
        if meeting is not None:
            bindings[pattern.name] = meeting
        return meeting is not None
    if kind == UNKNOWN:
        return True
    if pattern.name == kind.name:
        if pattern.name.startswith("timestamp") and not pattern.numbers:
            bindings[pattern.name] = common_super_type(bindings.get(pattern.name, kind), kind) or kind
        return all(_matches(a, b, bindings, coercing=coercing) for a, b in zip(pattern.items, kind.items, strict=True))
    return coercing and can_coerce(kind, _substitute(pattern, bindings, Type("timestamp", (0,))))


def _substitute(pattern: Type, bindings: dict[str, Type], kind: Type) -> Type:
    """The pattern with its variables filled in; `kind` is the argument's own type, whose length a varchar keeps."""
    if _VARIABLE.fullmatch(pattern.name):
        return bindings.get(pattern.name, UNKNOWN)
    if pattern.name.startswith("timestamp") and not pattern.numbers:
        found = bindings.get(pattern.name)
        return found or Type(
            pattern.name, kind.numbers[:1] or (0,), zone=kind.zone or "UTC" if "zone" in pattern.name else None
        )
    if pattern.name == kind.name and kind.name in {"varchar", "json"}:
        return kind
    if pattern.items:
        inner = kind.items if kind.name == pattern.name else (UNKNOWN,) * len(pattern.items)
        items = tuple(_substitute(a, bindings, b) for a, b in zip(pattern.items, inner, strict=True))
        return replace(pattern, items=items)
    return pattern
