"""OVER (…): partitions, order and frames; and the functions that only exist over a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.ordering import ordered
from local.athena.translate.registry import window_function
from local.athena.translate.typed import Typed, cast
from local.athena.translate.types import BIGINT, DOUBLE

if TYPE_CHECKING:
    from local.athena.translate.binder import Binder
    from local.athena.translate.functions.call import AggregateCall

_BOUNDS = ("UNBOUNDED", "CURRENT ROW")
_PLACES = {"UNBOUNDED PRECEDING": 0, "PRECEDING": 1, "CURRENT ROW": 2, "FOLLOWING": 3, "UNBOUNDED FOLLOWING": 4}


@dataclass(frozen=True)
class WindowSpec:
    """A translated window."""

    partition_by: list[exp.Expr]
    order: list[exp.Ordered]
    frame: exp.WindowSpec | None

    def around(self, made: exp.Expr) -> exp.Window:
        """`made OVER (…)`."""
        order = exp.Order(expressions=[item.copy() for item in self.order]) if self.order else None
        return exp.Window(
            this=made,
            partition_by=[item.copy() for item in self.partition_by],
            order=order,
            spec=self.frame.copy() if self.frame else None,
        )


def window_of(binder: Binder, node: exp.Window) -> WindowSpec:
    """The window of `node`, its name looked up in the WINDOW clause."""
    name = node.args.get("alias")
    named = (binder.named_windows or {}).get(name.name.lower()) if name else None
    if name and named is None:
        raise binder.failure("INVALID_WINDOW_REFERENCE", f"Cannot resolve WINDOW name {name.name}", node)
    if named is not None and (node.args.get("partition_by") or node.args.get("order") or node.args.get("spec")):
        raise binder.refusal("A window that extends a named one", "Write it out.", node)
    source = named or node
    partition_by = [binder.bind(item).node for item in source.args.get("partition_by") or []]
    order = source.args.get("order")
    items = [ordered(binder.bind(i.this), i, binder.statement) for i in (order.expressions if order else [])]
    spec = source.args.get("spec")
    return WindowSpec(partition_by, items, _frame(binder, spec, has_order=bool(items)) if spec else None)


def _frame(binder: Binder, spec: exp.WindowSpec, *, has_order: bool) -> exp.WindowSpec:
    """ROWS with any bounds; RANGE only with UNBOUNDED and CURRENT ROW, which need no arithmetic."""
    kind = spec.args["kind"]
    if kind not in {"ROWS", "RANGE"} or spec.args.get("exclude"):
        raise binder.refusal(f"A window frame in {kind}, or with EXCLUDE", "Use ROWS.", spec)
    bounds = {"start": spec.args["start"], "end": spec.args.get("end") or "CURRENT ROW"}
    first, last = (_place(bounds[side], spec.args.get(f"{side}_side")) for side in ("start", "end"))
    if first > last or first == _PLACES["UNBOUNDED FOLLOWING"] or last == _PLACES["UNBOUNDED PRECEDING"]:
        raise binder.failure("INVALID_WINDOW_FRAME", "Window frame cannot start after it ends", spec)
    for side, bound in bounds.items():
        if bound in _BOUNDS:
            continue
        literal = isinstance(bound, exp.Literal) and bound.is_int
        if kind == "RANGE" or not literal:
            raise binder.refusal("A computed window frame, or RANGE with an offset", "Use ROWS with a number.", spec)
        bounds[side] = bound.copy()
    if kind == "RANGE" and not has_order and "CURRENT ROW" not in bounds.values():
        kind = "ROWS"  # without an order all rows are peers
    return exp.WindowSpec(
        kind=kind,
        start=bounds["start"],
        start_side=spec.args.get("start_side"),
        end=bounds["end"],
        end_side=spec.args.get("end_side"),
    )


def _place(bound: object, side: object) -> int:
    """How far along a bound lies, as far as its form tells."""
    words = (str(bound) if bound in _BOUNDS else "", str(side or ""))
    return _PLACES[" ".join(word for word in words if word)]


@window_function("row_number", "rank", "dense_rank")
def position(made: AggregateCall) -> Typed:
    """1, 2, 3, …: bigint."""
    made.expect(0)
    return Typed(made.apply(made.name), BIGINT)


@window_function("percent_rank", "cume_dist")
def share(made: AggregateCall) -> Typed:
    """A share of the partition: double."""
    made.expect(0)
    return Typed(made.apply(made.name), DOUBLE)


@window_function("ntile")
def ntile(made: AggregateCall) -> Typed:
    """The number of the bucket."""
    made.expect(1)
    return Typed(made.apply("ntile", made.value(0, BIGINT).node), BIGINT)


_WITHOUT_NULLS: dict[str, type[exp.Expr]] = {
    "first_value": exp.FirstValue,
    "last_value": exp.LastValue,
    "lag": exp.Lag,
    "lead": exp.Lead,
}


def _of_neighbour(made: AggregateCall, *arguments: exp.Expr) -> exp.Expr:
    """The call, with IGNORE NULLS where it is written; DuckDB has that inside the parentheses."""
    if not made.ignore_nulls:
        return made.apply(made.name, *arguments)
    return made.decorate(exp.IgnoreNulls(this=_WITHOUT_NULLS[made.name](this=arguments[0])))


@window_function("first_value", "last_value")
def boundary(made: AggregateCall) -> Typed:
    """The first or last of the frame; the default frame ends with the current row's peers in both engines."""
    made.expect(1)
    value = made.binder.bind(made.arguments[0])
    return Typed(_of_neighbour(made, value.node), value.type)


@window_function("nth_value")
def nth_value(made: AggregateCall) -> Typed:
    """The n-th of the frame, NULL if there is none."""
    made.expect(2)
    value, place = made.binder.bind(made.arguments[0]), made.literal_integer(1, "position")
    if place < 1 or made.ignore_nulls:
        raise made.refusal(
            "nth_value with this position or IGNORE NULLS", "Use a position of 1 or more, without IGNORE NULLS."
        )
    return Typed(made.apply("nth_value", value.node, cast(exp.Literal.number(place), BIGINT)), value.type)


@window_function("lag", "lead")
def neighbour(made: AggregateCall) -> Typed:
    """The row so many before or after, or the default."""
    made.expect(1, 3)
    if not made.ordered_window:
        raise made.binder.failure(
            "MISSING_ORDER_BY", f"{made.name} function requires an ORDER BY window clause", made.node
        )
    if made.framed:
        raise made.binder.failure(
            "INVALID_WINDOW_FRAME", f"Cannot specify window frame for {made.name} function", made.node
        )
    value = made.binder.bind(made.arguments[0])
    offset = made.literal_integer(1, "offset") if len(made.arguments) > 1 else 1
    if offset < 0 or (made.ignore_nulls and len(made.arguments) > 1):
        raise made.refusal(
            f"'{made.name}' with this offset or IGNORE NULLS", "Use an offset of 0 or more, without IGNORE NULLS."
        )
    arguments = [value.node]
    if len(made.arguments) > 1:
        arguments.append(exp.Literal.number(offset))
    if made.arguments[2:]:
        default = made.binder.bind(made.arguments[2])
        arguments.append(made.binder.coerce(default, value.type, made.arguments[2]).node)
    return Typed(_of_neighbour(made, *arguments), value.type)
