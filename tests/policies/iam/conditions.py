"""Condition operators, by AWS's reference "IAM JSON policy elements: Condition operators"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.policies.iam.context import Context
from tests.policies.iam.errors import NotModelled
from tests.policies.iam.patterns import arn_matches, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Comparison = Callable[[str, str, Context], bool]


def _equals(wanted: str, found: str, context: Context) -> bool:
    return matches(wanted, found, context, wild=False)


def _equals_ignoring_case(wanted: str, found: str, context: Context) -> bool:
    return matches(wanted.lower(), found.lower(), context, wild=False)


def _like(wanted: str, found: str, context: Context) -> bool:
    return matches(wanted, found, context)


def _number(compare: Callable[[float, float], bool]) -> Comparison:
    return lambda wanted, found, _: compare(float(found), float(wanted))


_POSITIVE: dict[str, Comparison] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": _like,
    "ArnEquals": arn_matches,
    "ArnLike": arn_matches,
    "Bool": _equals_ignoring_case,
    "NumericEquals": _number(float.__eq__),
    "NumericLessThan": _number(float.__lt__),
    "NumericLessThanEquals": _number(float.__le__),
    "NumericGreaterThan": _number(float.__gt__),
    "NumericGreaterThanEquals": _number(float.__ge__),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
}


def check(conditions: Mapping[str, Mapping[str, object]]) -> None:
    """See that every operator and key is known, whether or not a request ever comes to them.

    Raises:
        NotModelled: for one that is not.
    """
    nothing = Context({})
    for operator, keys in conditions.items():
        for key in keys:
            _holds(operator, key, [], nothing)


def hold(conditions: Mapping[str, Mapping[str, object]], context: Context) -> bool:
    """Whether all conditions of a statement hold. All are looked at, so that no unknown word hides behind a false one.

    Raises:
        NotModelled: for an operator or key that is not known here.
    """
    held = [
        _holds(
            operator,
            key,
            [str(value).lower() if isinstance(value, bool) else str(value) for value in listed(wanted)],
            context,
        )
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    ]
    return all(held)


def listed(value: object) -> list[object]:
    """A policy's value as a list: JSON policies write one item without brackets."""
    return value if isinstance(value, list) else [value]


def _holds(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    quantifier, _, name = operator.rpartition(":")
    found = context.get(key)
    if name == "Null" and not quantifier:
        return all((text == "true") == (not found) for text in wanted)
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = name in _NEGATED
    compare = _POSITIVE.get(_NEGATED.get(name, name))
    if compare is None or quantifier not in {"", "ForAnyValue", "ForAllValues"}:
        raise NotModelled(f"The condition operator {operator} is not known.")

    def meets(value: str) -> bool:
        return any(compare(each, value, context) for each in wanted) != negated

    if not found:
        # What is absent equals nothing: that fails a test for equality, and passes one for difference.
        return optional or quantifier == "ForAllValues" or (negated and not quantifier)
    if quantifier == "ForAnyValue":
        return any(map(meets, found))
    if quantifier == "ForAllValues":
        return all(map(meets, found))
    if len(found) > 1:
        raise NotModelled(f"{key} has several values, which {operator} does not compare.")
    return meets(found[0])
