"""Finds the rule of a call: scalar, aggregate, or over a window; and says what to write instead where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import StatementFailed
from local.athena.translate import registry
from local.athena.translate.functions.call import AggregateCall, Call
from local.athena.translate.functions.known import TRINO_FUNCTIONS
from local.athena.translate.functions.signatures import SIGNATURES, call_by_signature
from local.athena.translate.functions.windows import WindowSpec, window_of
from local.athena.translate.ordering import ordered
from local.athena.translate.registry import rule

if TYPE_CHECKING:
    from local.athena.translate.binder import Binder
    from local.athena.translate.typed import Typed

AGGREGATION = "aggregation"  # the clause of an aggregate's arguments

# Functions that Athena has and whose meaning is not proven equal here -> what to write instead.
ALTERNATIVES: dict[str, str] = {
    "all": "Compare with max or min in a subquery.",
    "any": "Use IN, or compare with max or min in a subquery.",
    "array_except": "Use filter and contains.",
    "array_intersect": "Use filter and contains.",
    "array_union": "Use array_distinct of a concatenation.",
    "at_time": "Use AT TIME ZONE.",
    "char2hexint": "Use to_hex and to_utf8.",
    "checksum": "Compare counts and sums.",
    "corr": "Its last digits differ. Compute it from sums of decimals.",
    "covar_pop": "Its last digits differ. Compute it from sums of decimals.",
    "covar_samp": "Its last digits differ. Compute it from sums of decimals.",
    "current_timezone": "It is UTC in Athena.",
    "date_part": "Use EXTRACT.",
    "format": "Use lpad, CAST and ||.",
    "format_number": "Use CAST and ||.",
    "from_unixtime_nanos": "Use from_unixtime.",
    "human_readable_seconds": "Compute with seconds.",
    "json_exists": "Use json_extract_scalar.",
    "json_query": "Use json_extract_scalar.",
    "json_size": "Use json_array_length.",
    "json_value": "Use json_extract_scalar.",
    "map_filter": "Use UNNEST and WHERE.",
    "merge": "Use approx_distinct.",
    "normalize": "Normalize texts before they are stored.",
    "numeric_histogram": "Use width computed with floor and GROUP BY.",
    "parse_datetime": "Use date_parse.",
    "rand": "Results must not depend on chance.",
    "random": "Results must not depend on chance.",
    "regexp_position": "Use strpos.",
    "regexp_split": "Use split.",
    "shuffle": "Results must not depend on chance.",
    "some": "Compare with max or min in a subquery.",
    "soundex": "Use levenshtein_distance.",
    "to_char": "Use date_format.",
    "to_json": "Use CAST(… AS JSON).",
    "translate": "Use replace.",
    "url_extract_host": "Use regexp_extract.",
    "uuid": "Results must not depend on chance.",
    "width_bucket": "Use floor.",
    "xxhash64": "Use sha256.",
}


@rule(exp.Anonymous, parts="this expressions")
def function_call(binder: Binder, node: exp.Anonymous) -> Typed:
    """A call by name."""
    return _call(binder, node, node, None)


@rule(exp.Filter)
def filtered(binder: Binder, node: exp.Filter) -> Typed:
    """agg(x) FILTER (WHERE condition)."""
    return _call(binder, node.this, node, None, filter_by=node.expression)


@rule(exp.GroupConcat, exp.IgnoreNulls, parts="this separator")
def bare_aggregate(binder: Binder, node: exp.Expr) -> Typed:
    """LISTAGG, and IGNORE NULLS without a window."""
    return _call(binder, node, node, None)


@rule(exp.Window, parts="this partition_by order spec alias over")
def over_window(binder: Binder, node: exp.Window) -> Typed:
    """f(x) [FILTER (…)] OVER (…)."""
    if not binder.windows:
        raise binder.failure(
            "EXPRESSION_NOT_SCALAR",
            f"{binder.clause} clause cannot contain aggregations, window functions or grouping operations",
            node,
        )
    spec = window_of(binder, node)
    inner, filter_by = node.this, None
    if isinstance(inner, exp.Filter):
        inner, filter_by = inner.this, inner.expression
    return _call(binder, inner, node, spec, filter_by=filter_by)


def _call(
    binder: Binder, core: exp.Expr, node: exp.Expr, window: WindowSpec | None, filter_by: exp.Expr | None = None
) -> Typed:
    ignore_nulls = isinstance(core, exp.IgnoreNulls)
    if isinstance(core, (exp.IgnoreNulls, exp.RespectNulls)):
        core = core.this
    name, arguments = _name_and_arguments(core)
    if name in registry.AGGREGATES or (window and name in registry.WINDOW_FUNCTIONS):
        return _aggregate(binder, name, arguments, node, window, filter_by=filter_by, ignore_nulls=ignore_nulls)
    if window or filter_by or ignore_nulls:
        raise binder.refusal(
            f"'{name}' with OVER, FILTER or IGNORE NULLS", "Use an aggregate or window function.", node
        )
    if name in registry.WINDOW_FUNCTIONS:
        raise binder.failure("MISSING_OVER", f"Window function {name} requires an OVER clause", node)
    made = Call(binder, name, node, arguments)
    if name in registry.FUNCTIONS:
        return registry.FUNCTIONS[name](made)
    if name in SIGNATURES:
        return call_by_signature(made)
    if name in ALTERNATIVES:
        raise binder.refusal(f"Function '{name}'", ALTERNATIVES[name], node)
    if name in TRINO_FUNCTIONS:
        raise binder.refusal(f"Function '{name}'", "Write it with the functions that are.", node)
    raise binder.failure("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", node)


def _name_and_arguments(core: exp.Expr) -> tuple[str, list[exp.Expr]]:
    if isinstance(core, exp.GroupConcat):
        return "listagg", [core.this, core.args.get("separator") or exp.Literal.string("")]
    if isinstance(core, exp.Anonymous):
        return core.name.lower(), list(core.expressions)
    raise StatementFailed("SYNTAX_ERROR", f"'{core.key}' is no function call")


def _aggregate(
    binder: Binder,
    name: str,
    arguments: list[exp.Expr],
    node: exp.Expr,
    window: WindowSpec | None,
    *,
    filter_by: exp.Expr | None,
    ignore_nulls: bool,
) -> Typed:
    inner = binder if window else binder.aggregates
    if inner is None and binder.clause == AGGREGATION:
        raise binder.failure("NESTED_AGGREGATION", f"Cannot nest aggregations inside aggregation: {name}", node)
    if inner is None:
        raise binder.failure(
            "EXPRESSION_NOT_SCALAR",
            f"{binder.clause} clause cannot contain aggregations, window functions or grouping operations",
            node,
        )
    distinct, order = False, []
    if arguments and isinstance(arguments[-1], exp.Order):
        order = list(arguments[-1].expressions)
        arguments = [*arguments[:-1], arguments[-1].this]
    elif name == "listagg" and isinstance(arguments[0], exp.Order):
        order, arguments = list(arguments[0].expressions), [arguments[0].this, *arguments[1:]]
    if arguments and isinstance(arguments[0], exp.Distinct):
        distinct, arguments = True, [*arguments[0].expressions, *arguments[1:]]
    condition = inner.bind_boolean(filter_by.this, "FILTER expression") if filter_by else None

    def decorate(made: exp.Expr) -> exp.Expr:
        if condition is not None:
            made = exp.Filter(this=made, expression=exp.Where(this=condition.copy()))
        return window.around(made) if window else made

    made = AggregateCall(
        inner,
        name,
        node,
        arguments,
        distinct=distinct,
        order=[ordered(inner.bind(item.this), item, binder.statement) for item in order],
        decorate=decorate,
        windowed=window is not None,
        ordered_window=bool(window and window.order),
        framed=bool(window and window.frame),
        ignore_nulls=ignore_nulls,
    )
    table = registry.WINDOW_FUNCTIONS if window and name in registry.WINDOW_FUNCTIONS else registry.AGGREGATES
    if window and distinct:
        raise binder.refusal("DISTINCT over a window", "Aggregate in a subquery first.", node)
    if window and filter_by:
        raise binder.refusal("FILTER over a window", "Put the condition into a CASE inside the function.", node)
    if ignore_nulls and not (window and name in {"first_value", "last_value", "lag", "lead"}):
        raise binder.refusal(f"IGNORE NULLS of '{name}'", "Use it with first_value, last_value, lag or lead.", node)
    return table[name](made)


def is_aggregate_call(node: exp.Expr) -> bool:
    """Whether `node` itself calls an aggregate function that is not over a window."""
    if isinstance(node, exp.GroupConcat):
        name = "listagg"
    elif isinstance(node, exp.Anonymous):
        name = node.name.lower()
    else:
        return False
    parent = node.parent
    while isinstance(parent, (exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        parent = parent.parent
    over = isinstance(parent, exp.Window) and _inside_function(parent, node)
    return name in registry.AGGREGATES and not over


def _inside_function(window: exp.Window, node: exp.Expr) -> bool:
    inner = window.this
    while isinstance(inner, (exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        inner = inner.this
    return inner is node
