"""Athena's SQL text to a syntax tree in which every function keeps the name and the arguments it was written with.

sqlglot normally maps functions to nodes of its own, on the way to other dialects. Here each one is looked up by its
Trino name in the proven list, so the parser leaves them alone. It is also lenient: what Trino's grammar does not
have (other dialects' operators, reserved words as names) is refused before the tree is used.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ErrorLevel, ParseError, TokenError
from sqlglot.parsers.trino import TrinoParser

from local.athena.errors import Position, StatementFailed
from local.athena.translate import grammar
from local.athena.translate.reserved import RESERVED

MAX_QUERY_BYTES = 262_144

# Forms with a syntax of their own; every other function is an ordinary call.
_SPECIAL_FORMS = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING", "LISTAGG")
_INTERVAL_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r"(\|\||<>|!=|<=|>=|[-+*/%=<>])[\s(]*$")
_CAST = re.compile(r"(\w+)\s*\(?\s*$")
_SYMBOLS = frozenset(
    [
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        ";",
        "+",
        "-",
        "*",
        "/",
        "%",
        "=",
        "<>",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "||",
        "->",
        "=>",
        "?",
        "{",
    ]
) - {"{"}
_WORDLIKE = frozenset(
    {TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER, TokenType.UNICODE_STRING, TokenType.HEX_STRING}
)


def _typed_literal(parser: TrinoParser, this: exp.Expr, kind: exp.DataType) -> exp.Expr:
    """`DECIMAL '1.50'`: a literal, whose type follows its text, and not the cast that it resembles."""
    node = parser.expression(exp.Cast(this=this, to=kind))
    node.meta["typed_literal"] = True
    return node


def _placeholder(parser: TrinoParser) -> exp.Expr:
    """`?`, with its position: parameters are counted in the order of the text."""
    return parser.expression(exp.Placeholder(), token=parser._prev)  # noqa: SLF001 - a parser's function, as sqlglot's own


class _Parser(TrinoParser):
    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        name: parse for name, parse in TrinoParser.FUNCTION_PARSERS.items() if name in _SPECIAL_FORMS
    }
    TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = dict.fromkeys(exp.DType, _typed_literal)
    PLACEHOLDER_PARSERS: ClassVar[dict[Any, Any]] = {TokenType.PLACEHOLDER: _placeholder}

    def raise_error(self, message: str, token: Token | None = None) -> None:
        """At the end of the text, the fault is there and not at the last token."""
        if token or self._curr or self.error_level != ErrorLevel.IMMEDIATE:
            super().raise_error(message, token or self._curr or self._prev)
            return
        end = offset_position(self.sql, len(self.sql))
        raise ParseError.new(message, description=message, line=end.line, col=end.column + 4, highlight="<EOF>")

    def _parse_join(self, *args: Any, **named: Any) -> exp.Join | None:
        """Only CROSS and NATURAL joins and those with a comma do without a condition."""
        comma = bool(self._curr) and self._curr.token_type == TokenType.COMMA
        made: exp.Join | None = super()._parse_join(*args, **named)
        conditions = ("on", "using", "method")
        if made and not comma and made.kind != "CROSS" and not any(map(made.args.get, conditions)):
            self.raise_error("mismatched input")
        return made

    def _parse_interval(self, require_interval: bool = True, parse_function_unit: bool = True) -> exp.Interval | None:
        """`INTERVAL [sign] 'n' unit [TO unit]` and nothing else."""
        del require_interval, parse_function_unit
        index = self._index
        if not self._match(TokenType.INTERVAL):
            return None
        word = self._prev
        negative = self._match(TokenType.DASH)
        if not negative:
            self._match(TokenType.PLUS)
        if not self._match(TokenType.STRING):
            self._retreat(index)
            return None
        value = exp.Literal.string(self._prev.text)
        if not self._match_texts(_INTERVAL_UNITS):
            position = offset_position(self.sql, word.start)
            raise StatementFailed("TYPE_NOT_FOUND", "Unknown type: interval", position)
        units = [self._prev.text.upper()]
        if self._match_text_seq("TO") and self._match_texts(_INTERVAL_UNITS):
            units.append(self._prev.text.upper())
        made = exp.Interval(this=exp.Neg(this=value) if negative else value, unit=exp.var(" TO ".join(units)))
        return self.expression(made, token=word)


class AthenaSql(Trino):
    """Trino's grammar with functions left as they are written, and subscripts as they count."""

    INDEX_OFFSET = 0
    Parser = _Parser

    class Tokenizer(Trino.Tokenizer):
        """No word swallows the rest of the statement as one text."""

        COMMANDS: ClassVar[set[TokenType]] = set()


def position_of(node: exp.Expr, sql: str) -> Position | None:
    """Where Trino says that `node` stands in `sql`: at its operator or keyword, else at its first token."""
    if isinstance(node, exp.Binary) and not isinstance(node, exp.Dot):
        found = _before(node.expression, sql, _OPERATOR)
    else:
        found = _before(node.this, sql, _CAST) if isinstance(node, exp.Cast) else None
    start = _first(node) if found is None else found
    return None if start is None else offset_position(sql, start)


def _first(node: exp.Expr) -> int | None:
    """The first of the node's tokens that the parser remembers."""
    return min((found.meta["start"] for found in node.walk() if "start" in found.meta), default=None)


def _before(node: exp.Expr, sql: str, wanted: re.Pattern[str]) -> int | None:
    start = _first(node)
    found = wanted.search(sql[:start]) if start is not None else None
    return found.start(1) if found else None


def offset_position(sql: str, start: int) -> Position:
    """Line and column of the character at `start`."""
    before = sql[:start]
    return Position(before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1)


def tokenize(sql: str) -> list[Token]:
    """The statement's tokens.

    Raises:
        StatementFailed: for text that has no tokens in Trino's grammar.
    """
    if len(sql.encode()) > MAX_QUERY_BYTES:
        raise StatementFailed(
            "QUERY_TEXT_TOO_LARGE", f"Query text length exceeds the maximum of {MAX_QUERY_BYTES} bytes"
        )
    try:
        tokens = AthenaSql().tokenize(sql)
    except TokenError as error:
        place, message = grammar.unclosed(sql) or (0, str(error).splitlines()[0])
        raise StatementFailed("SYNTAX_ERROR", message, offset_position(sql, place)) from error
    for token in tokens:
        word = token.token_type in _WORDLIKE or token.text[:1].isalpha() or token.text[:1] == "_"
        if not word and token.text not in _SYMBOLS:
            raise _foreign_symbol(token, sql)
    return tokens


def _foreign_symbol(token: Token, sql: str) -> StatementFailed:
    if token.text == "`":
        message = "backquoted identifiers are not supported; use double quotes to quote identifiers"
        return StatementFailed("SYNTAX_ERROR", message, offset_position(sql, token.start))
    known = len(token.text) > 1 and token.text[0] in _SYMBOLS  # `==`: Trino stumbles over the second one
    shown = token.text[1] if known else token.text
    return StatementFailed("SYNTAX_ERROR", f"mismatched input '{shown}'", offset_position(sql, token.start + known))


def parse(sql: str) -> exp.Expr:
    """The tree of one statement; a trailing semicolon is taken as nothing.

    Raises:
        StatementFailed: with Athena's position, if the text is not one statement of Trino's grammar.
    """
    tokens = tokenize(sql)
    fault = grammar.fault_in_tokens(tokens, sql)
    if fault:
        code = "TYPE_MISMATCH" if fault[1].startswith("Unknown type") else "SYNTAX_ERROR"
        raise StatementFailed(code, fault[1], offset_position(sql, fault[0]))
    try:
        trees = [tree for tree in AthenaSql().parser().parse(tokens, sql) if tree is not None]
    except ParseError as error:
        raise _syntax_error(error) from error
    except RecursionError as error:
        message = "statement is too large (stack overflow while parsing)"
        raise StatementFailed("SYNTAX_ERROR", message, Position(1, 1)) from error
    _check_limit(tokens, sql)
    misplaced = grammar.fault_in_tree(trees[0]) if trees else None
    if misplaced:
        node, code, message = misplaced
        raise StatementFailed(code, message, position_of(node, sql))
    if len(trees) != 1:
        raise StatementFailed("SYNTAX_ERROR", "Only one sql statement is allowed.")
    for name in trees[0].find_all(exp.Identifier):
        if not name.args.get("quoted") and (name.name.lower() in RESERVED or not _NAME.fullmatch(name.name)):
            raise StatementFailed("SYNTAX_ERROR", f"mismatched input '{name.name}'", position_of(name, sql))
    return trees[0]


def _check_limit(tokens: list[Token], sql: str) -> None:
    """`LIMIT 1, 2` is another dialect's."""
    for first, number, comma in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if first.token_type == TokenType.LIMIT and number.token_type == TokenType.NUMBER and comma.text == ",":
            raise StatementFailed("SYNTAX_ERROR", "mismatched input ','", offset_position(sql, comma.start))


def _syntax_error(error: ParseError) -> StatementFailed:
    detail = error.errors[0] if error.errors else {}
    token = detail.get("highlight") or ""
    column = max(1, (detail.get("col") or 1) - len(token) + 1)
    message = f"mismatched input '{token}'" if token else str(detail.get("description", "the text is not a statement"))
    return StatementFailed("SYNTAX_ERROR", message, Position(detail.get("line") or 1, column))
