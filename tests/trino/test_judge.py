"""The parts of the judge that need no Trino: what they say must be right before their verdict means anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local.athena.errors import LOCAL_NOTE
from tests.trino import distribution, probing, snippets, sweep, text, verdict
from tests.trino.answer import Answer, Refused
from tests.trino.snippets import Snippet
from tests.trino.values import VALUES
from tests.trino.verdict import Kind

if TYPE_CHECKING:
    from pathlib import Path

INTEGER = {"rawType": "integer", "arguments": []}
VARCHAR = {"rawType": "varchar", "arguments": [{"kind": "LONG", "value": 1}]}
ONE = Answer((("x", "integer"),), (("1",),))


def _of(raw: str, *inner: Any) -> dict[str, Any]:
    return {"rawType": raw, "arguments": [{"kind": "TYPE", "value": item} for item in inner]}


def _field(name: str | None, kind: dict[str, Any]) -> dict[str, Any]:
    return {"fieldName": {"name": name} if name else None, "typeSignature": kind}


@pytest.mark.parametrize(
    ("value", "signature", "printed"),
    [
        (None, INTEGER, None),
        (True, _of("boolean"), "true"),
        (7, INTEGER, "7"),
        ("1.0E10", _of("double"), "1.0E10"),
        ("1.50", _of("decimal"), "1.50"),
        ("3q2+7w==", _of("varbinary"), "de ad be ef"),
        ([1, None], _of("array", INTEGER), "[1, null]"),
        ({"a": None, "b": 2}, _of("map", VARCHAR, INTEGER), "{a=null, b=2}"),
        ([[1, "x"]], _of("array", _of("row", _field("a", INTEGER), _field(None, VARCHAR))), "[{a=1, field1=x}]"),
    ],
)
def test_values_are_printed_as_athena_prints_them(value: Any, signature: dict[str, Any], printed: str | None) -> None:
    assert text.athena(value, signature) == printed


@pytest.mark.parametrize(
    ("trino", "athena"),
    [
        ("decimal(18, 2)", "decimal(18,2)"),
        ("varchar(3)", "varchar"),
        ("timestamp(6) with time zone", "timestamp with time zone"),
        ("array(row(a decimal(3, 1)))", "array"),
        ("INTERVAL DAY TO SECOND", "interval day to second"),
    ],
)
def test_types_are_named_as_athena_names_them(trino: str, athena: str) -> None:
    assert text.athena_type(trino) == athena


@pytest.mark.parametrize(
    ("recorded", "local", "kind"),
    [
        (ONE, ONE, Kind.EQUAL),
        (ONE, Answer(ONE.columns, (("2",),)), Kind.SILENT),
        (ONE, Answer(ONE.columns, (("1",), ("1",))), Kind.SILENT),
        (ONE, Answer((("x", "bigint"),), ONE.rows), Kind.SILENT),
        (ONE, Refused("NOT_SUPPORTED", f"No. {LOCAL_NOTE}"), Kind.REFUSED),
        (ONE, Refused("COLUMN_NOT_FOUND", "x"), Kind.UNEXPLAINED),
        ("TYPE_MISMATCH", Refused("TYPE_MISMATCH", "x"), Kind.EQUAL),
        ("TYPE_MISMATCH", Refused("SYNTAX_ERROR", "x"), Kind.CODE),
        ("TYPE_MISMATCH", ONE, Kind.SILENT),
        (verdict.BROKEN, Refused("SYNTAX_ERROR", "x"), Kind.EQUAL),
        (verdict.BROKEN, ONE, Kind.SILENT),
    ],
)
def test_every_kind_of_verdict(recorded: Answer | str, local: Answer | Refused, kind: Kind) -> None:
    assert verdict.judge(recorded, local).kind is kind


def test_snippets_survive_being_written(tmp_path: Path) -> None:
    answer = Answer((("a", "varchar"), ("b", "decimal(3, 1)")), (("x: 'y' # z", None), ("", "1.5")))
    written = [
        Snippet("topic", "one", "SELECT 'a: b', '#'", expected=answer),
        Snippet("topic", "two", "SELECT\n  1", refused=True, expected="SYNTAX_ERROR"),
        Snippet("topic", "three", "SELECT 3"),
    ]
    path = tmp_path / "topic.yaml"
    snippets.write(path, written, "1")
    assert snippets.read(path) == written


def test_every_snippet_is_recorded() -> None:
    found = snippets.read_all()
    assert len(found) >= 120
    assert [snippet.title for snippet in found if snippet.expected is None] == []


def test_two_snippets_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "topic.yaml"
    snippets.write(path, [Snippet("topic", "one", "SELECT 1"), Snippet("topic", "one", "SELECT 2")], "1")
    with pytest.raises(ValueError, match="one name"):
        snippets.read(path)


def test_a_probe_asks_for_every_combination() -> None:
    probe = sweep.Probe("{0} + {1}", ("integer", "boolean"))
    assert probe.statement().count("NULL") == 2
    assert len(list(probe.parts())) == len(VALUES["integer"]) + 1


def test_a_null_is_asked_for_without_try() -> None:
    statement = sweep.Probe("{0} + {1}", ("integer", "boolean"), sweep.Form.NULLS).statement()
    assert "TRY" not in statement
    assert "WHERE i0 = 0 OR i1 = 0" in statement


def test_every_expression_is_asked_for_in_two_forms() -> None:
    forms: dict[tuple[str, tuple[str, ...]], set[sweep.Form]] = {}
    for probe in sweep.probes():
        forms.setdefault((probe.expression, probe.types), set()).add(probe.form)
    assert {frozenset(found) for found in forms.values()} == {
        frozenset({sweep.Form.VALUES, sweep.Form.NULLS}),
        frozenset({sweep.Form.AGGREGATE}),
    }


class Engine:
    """Answers every statement with one row, but those with TRY not at all."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def run(self, sql: str) -> Answer:
        self.asked.append(sql)
        if "TRY" in sql:
            raise Refused("NOT_SUPPORTED", f"TRY is not supported here. {LOCAL_NOTE}")
        return ONE

    def ask(self, sql: str) -> Answer:
        return self.run(sql)


def test_where_try_is_refused_all_values_are_asked_for_without_it() -> None:
    trino: Any = Engine()
    local: Any = Engine()
    found = list(probing.outcomes(sweep.Probe("f({0})", ("boolean",)), trino, local))
    assert [(outcome.verdict.kind, outcome.values) for outcome in found] == [(Kind.EQUAL, 1)]
    assert trino.asked == [sweep.Probe("f({0})", ("boolean",), sweep.Form.BARE).statement()]
    assert "WHERE" not in trino.asked[0]


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(distribution, "FOLDER", tmp_path / "trino")
    monkeypatch.delenv(distribution.HOME_VARIABLE, raising=False)
    with pytest.raises(distribution.TrinoMissing, match=r"no `mvn` on the PATH.*WATERSHED_TRINO_HOME"):
        distribution.home()
    monkeypatch.setenv(distribution.HOME_VARIABLE, str(tmp_path))
    with pytest.raises(distribution.TrinoMissing, match="no lib and no plugin/hive"):
        distribution.home()


def test_an_old_java_is_not_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr(distribution, "OLDEST_JAVA", 999)
    with pytest.raises(distribution.TrinoMissing, match="is version 17"):
        distribution.java()
