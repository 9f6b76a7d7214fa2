"""Each fault is one change to a good contract, and gives one finding: at the right line and path, with a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from watershed.catalog import Catalog
from watershed.contracts.lint import lint
from watershed.contracts.model import BadRows, SchemaChange
from watershed.contracts.odcs import read_contracts
from watershed.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from watershed.finding import Finding

GOOD = """\
apiVersion: v3.1.0
kind: DataContract
id: shop-orders
name: orders
version: 1.0.0
status: active
description: {purpose: Every order.}
team: {name: shop}
slaProperties:
  - {property: freshness, value: 2, unit: d}
schema:
  - name: orders
    logicalType: object
    customProperties:
      - {property: versionColumn, value: changed_at}
    properties:
      - name: order_id
        logicalType: integer
        physicalType: bigint
        primaryKey: true
        primaryKeyPosition: 1
      - name: ordered_on
        logicalType: date
        required: true
        partitioned: true
        partitionKeyPosition: 1
        logicalTypeOptions: {minimum: "2020-01-01", maximum: "2030-12-31"}
        customProperties:
          - {property: partitionTransform, value: month}
      - name: amount
        logicalType: number
        physicalType: decimal(18,2)
        logicalTypeOptions: {minimum: -10.50}
        customProperties:
          - {property: money, value: true}
      - name: state
        logicalType: string
        classification: internal
        logicalTypeOptions: {pattern: '[A-Z]+', maxLength: 9}
        quality:
          - type: library
            metric: invalidValues
            arguments: {validValues: [OPEN, CLOSED]}
            mustBe: 0
      - name: level
        logicalType: integer
        quality:
          - metric: invalidValues
            arguments: {validValues: [1, 2]}
            mustBe: 0
      - name: paid
        logicalType: boolean
      - name: country
        logicalType: string
      - name: changed_at
        logicalType: timestamp
        logicalTypeOptions: {maximum: "2099-12-31 23:59:59"}
  - name: order_items
    customProperties:
      - {property: parent, value: orders}
      - {property: explode, value: Items}
    properties:
      - name: order_id
        logicalType: integer
        primaryKey: true
        primaryKeyPosition: 1
      - name: position
        logicalType: integer
        primaryKey: true
        primaryKeyPosition: 2
      - name: quantity
        logicalType: number
        physicalType: double
        customProperties:
          - {property: jsonPath, value: qty}
customProperties:
  - property: files
    value: ["orders*.csv"]
  - property: residency
    value: {column: country, missing: accept}
  - property: sources
    value:
      - name: shop
        files: ["shop-*.csv"]
        dateFormats: ["%Y-%m-%d"]
      - name: berlin
        regions: [eu-central-1]
        delimiter: ";"
        encoding: latin-1
        decimalMark: ","
        thousandsMark: "."
        dateFormats: ["%d.%m.%Y"]
        timestampFormats: ["%d.%m.%Y %H:%M:%S", "%d.%m.%Y %I:%M %p"]
        timeZone: Europe/Berlin
        nullValues: ["", "-"]
        trueValues: [ja]
        falseValues: [nein]
        columns:
          amount: Betrag
          Items: [Posten, Artikel]
      - name: rest
"""

S, P = "schema.orders", "schema.orders.properties"
ITEMS = "schema.order_items"
SOURCE = "customProperties.sources.value"
BERLIN = f"{SOURCE}.berlin"
MISFITS = """\
customProperties:
  - {property: schemaChange, value: freeze}
  - {property: badRows, value: {share: 0.25, atLeast: 10}}"""
CALLED = "        customProperties: [{property: renamedFrom, value: number}]"
RENAMED = "        logicalType: boolean\n        customProperties: [{{property: renamedFrom, value: {}}}]"
ITEMS_HEAD = """\
      - {property: explode, value: Items}
    properties:
      - name: order_id
        logicalType: """

# (text to replace, what with, path of the finding, part of its message)
MUTATIONS = [
    # the standard's frame
    ("apiVersion: v3.1.0", "apiVersion: v3.0.0", "apiVersion", "`v3.0.0` is not allowed"),
    ("kind: DataContract", "kind: Contract", "kind", "not allowed"),
    ("id: shop-orders\n", "", "", "`id` is missing"),
    ("version: 1.0.0", "version: 1.0", "version", "not text"),
    ("status: active", "status: actve", "status", "not allowed"),
    ("team: {name: shop}", "teams: {name: shop}", "teams", "Unknown key `teams`"),
    ("team: {name: shop}", "team: {nam: shop}", "team.nam", "Unknown key"),
    ("team: {name: shop}", "team: shop", "team", "not a mapping"),
    ("purpose: Every order.", "purpose: [a]", "description.purpose", "not text"),
    ("property: freshness", "property: retention", "slaProperties.retention.property", "not allowed"),
    ("value: 2, unit: d", "value: soon, unit: d", "slaProperties.freshness.value", "not a whole number"),
    ("value: 2, unit: d", "value: 0, unit: d", "slaProperties.freshness.value", "not a whole number"),
    ("unit: d", "unit: week", "slaProperties.freshness.unit", "not allowed"),
    # YAML itself
    ("kind: DataContract", "kind: [DataContract", "", "not valid YAML"),
    ("kind: DataContract", "kind: Data\x07Contract", "", "not valid YAML"),
    ("kind: DataContract", "kind: DataContract\nkind: DataContract", "kind", "twice"),
    ("team: {name: shop}", "team: &team {members: *team}", "team.members", "contains itself"),
    # names
    ("name: orders\nversion", "name: Orders\nversion", "name", "The dataset `Orders` is in the file orders.yaml"),
    ("  - name: orders\n", "  - name: Orders\n", "schema.Orders.name", "not an identifier"),
    ("  - name: orders\n", "  - name: other\n", "schema.other", "not the dataset's own"),
    ("name: state\n", "name: 2state\n", f"{P}.2state.name", "not an identifier"),
    ("name: state\n", "name: _state\n", f"{P}._state.name", "not an identifier"),
    ("name: state\n", "name: amount\n", f"{P}.amount", "another column `amount`"),
    ("  - name: order_items\n", "  - name: orders\n", S, "another table `orders`"),
    # tables and columns
    ("schema:\n", "schema: []\nservers:\n", "schema", "no table"),
    ("        primaryKey: true\n        primaryKeyPosition: 1\n      - name: ordered_on", "      - name: ordered_on",
     f"{P}", "no primary key"),
    ("primaryKeyPosition: 1\n      - name: ordered_on", "primaryKeyPosition: 3\n      - name: ordered_on",
     f"{P}.order_id", "no column 1"),
    ("primaryKey: true\n        primaryKeyPosition: 1\n      - name: ordered_on",
     "primaryKeyPosition: 1\n      - name: ordered_on", f"{P}.order_id.primaryKeyPosition", "not in the key"),
    ("logicalType: integer\n        physicalType: bigint", "physicalType: bigint", f"{P}.order_id", "`logicalType`"),
    ("physicalType: bigint", "physicalType: int", f"{P}.order_id.physicalType", "does not go with `integer`"),
    ("logicalType: boolean", "logicalType: bool", f"{P}.paid.logicalType", "not allowed"),
    ("logicalType: boolean", "logicalType: array", f"{P}.paid.logicalType", "not allowed"),
    ("decimal(18,2)", "decimal(39,2)", f"{P}.amount.physicalType", "exact physical type"),
    ("decimal(18,2)", "decimal(4,5)", f"{P}.amount.physicalType", "exact physical type"),
    ("decimal(18,2)", "decimal(0,0)", f"{P}.amount.physicalType", "exact physical type"),
    ("        physicalType: decimal(18,2)\n", "", f"{P}.amount.logicalType", "exact physical type"),
    ("decimal(18,2)", "double", f"{P}.amount", "Money is exact"),
    ("required: true", "required: yes please", f"{P}.ordered_on.required", "neither true nor false"),
    ("required: true", 'required: "true"', f"{P}.ordered_on.required", "neither true nor false"),
    ("classification: internal", "classification: PII", f"{P}.state.classification", "not allowed"),
    ("classification: internal", "unique: true", f"{P}.state.unique", "does not carry out `unique`"),
    ("classification: internal", "clasification: pii", f"{P}.state.clasification", "Unknown key"),
    # values
    ("maxLength: 9", "minLength: 9", f"{P}.state.logicalTypeOptions.minLength", "does not carry out"),
    ("maxLength: 9", "maxLength: nine", f"{P}.state.logicalTypeOptions.maxLength", "whole number"),
    ("maxLength: 9", "minimum: 9", f"{P}.state.logicalTypeOptions.minimum", "A string has no minimum"),
    ("'[A-Z]+'", "'[A-Z+'", f"{P}.state.logicalTypeOptions.pattern", "not a regular expression"),
    ("'[A-Z]+'", "'(?=A)A'", f"{P}.state.logicalTypeOptions.pattern", "Look-around"),
    ("'[A-Z]+'", r"'(A)\1'", f"{P}.state.logicalTypeOptions.pattern", "back-references"),
    ("'[A-Z]+'", r"'[A-Z]+\Z'", f"{P}.state.logicalTypeOptions.pattern", r"invalid escape sequence: \Z"),
    ("'[A-Z]+'", r"'\u20ac'", f"{P}.state.logicalTypeOptions.pattern", "RE2"),
    ("'[A-Z]+'", "'[A-Z]{2,1001}'", f"{P}.state.logicalTypeOptions.pattern", "invalid repetition size"),
    ("'[A-Z]+'", "'(?x)A B'", f"{P}.state.logicalTypeOptions.pattern", "RE2"),
    ("'[A-Z]+'", r"'(?i)[^\W\d]+€'", None, None),
    ("minimum: -10.50", "minimum: -10.505", f"{P}.amount.logicalTypeOptions.minimum", "`-10.505` is not a decimal"),
    ("minimum: -10.50", "minimum: low", f"{P}.amount.logicalTypeOptions.minimum", "`low` is not a decimal"),
    ("minimum: -10.50", "pattern: '1'", f"{P}.amount.logicalTypeOptions.pattern", "A decimal has no pattern"),
    ('minimum: "2020-01-01"', 'minimum: "2020-02-30"', f"{P}.ordered_on.logicalTypeOptions.minimum", "not a date"),
    ('minimum: "2020-01-01"', 'minimum: "2031-01-01"', f"{P}.ordered_on.logicalTypeOptions.maximum", "below"),
    ('minimum: "2020-01-01"', 'minimum: "20200101"', f"{P}.ordered_on.logicalTypeOptions.minimum", "not a date"),
    ('minimum: "2020-01-01"', 'minimum: "2020-W01-1"', f"{P}.ordered_on.logicalTypeOptions.minimum", "not a date"),
    ("minimum: -10.50", 'minimum: "٣"', f"{P}.amount.logicalTypeOptions.minimum", "`٣` is not a decimal"),
    ("2099-12-31 23:59:59", "2099-12-31 23:59:59Z", f"{P}.changed_at.logicalTypeOptions.maximum", "not a timestamp"),
    ("2099-12-31 23:59:59", "20991231T235959", f"{P}.changed_at.logicalTypeOptions.maximum", "not a timestamp"),
    ("2099-12-31 23:59:59", "2099-12-31T23", f"{P}.changed_at.logicalTypeOptions.maximum", "not a timestamp"),
    ("2099-12-31 23:59:59", "2099-12-31T23:59", None, None),
    ("[1, 2]", "[1, 9223372036854775808]", f"{P}.level.quality", "`9223372036854775808` is not an integer"),
    ("[1, 2]", "[1, -9223372036854775808]", None, None),
    ("[1, 2]", "[1, two]", f"{P}.level.quality", "`two` is not an integer"),
    ("[1, 2]", "[1, 1]", f"{P}.level.quality", "twice"),
    ("[1, 2]", "1", f"{P}.level.quality.invalidValues.arguments.validValues", "not a list"),
    (("name: state\n        logicalType: string\n        classification: internal\n"
     "        logicalTypeOptions: {pattern: '[A-Z]+', maxLength: 9}"), "name: state\n        logicalType: boolean",
     f"{P}.state.quality", "A boolean has no list"),
    ("metric: invalidValues\n            arguments: {validValues: [OPEN", ("metric: nullValues\n"
     "            arguments: {validValues: [OPEN"), f"{P}.state.quality.nullValues.metric", "not allowed"),
    ("type: library", "type: sql", f"{P}.state.quality.invalidValues.type", "not allowed"),
    ("[OPEN, CLOSED]}\n            mustBe: 0", "[OPEN, CLOSED]}\n            mustBe: 5",
     f"{P}.state.quality.invalidValues", "no invalid value passes"),
    ("            metric: invalidValues\n            arguments: {validValues: [OPEN, CLOSED]}\n", "",
     f"{P}.state.quality.0", "no metric"),
    # version and partition
    ("value: changed_at", "value: changed", f"{S}.customProperties.versionColumn", "no column `changed`"),
    ("value: changed_at", "value: state", f"{S}.customProperties.versionColumn", "`state` is a string"),
    ("value: changed_at", "value: [a]", f"{S}.customProperties.versionColumn.value", "not text"),
    ("property: versionColumn", "property: versionColum", f"{S}.customProperties.versionColum.property",
     "`versionColum` is not allowed"),
    ("value: month", "value: week", f"{P}.ordered_on.customProperties.partitionTransform.value", "not allowed"),
    ("value: month", "value: identity", None, None),
    ("value: month", "value: bucket(8)", None, None),
    ("value: month", "value: bucket(0)", f"{P}.ordered_on.customProperties.partitionTransform.value", "not allowed"),
    ("        partitioned: true\n", "", f"{P}.ordered_on.customProperties.partitionTransform.value", "not partitioned"),
    ("name: level\n", "name: level\n        partitioned: true\n", f"{P}.level", "one partition column"),
    ("required: true\n        partitioned", "partitioned", f"{P}.ordered_on", "never empty"),
    ("value: changed_at", "value: order_id", None, None),
    ("name: ordered_on\n        logicalType: date", "name: ordered_on\n        logicalType: timestamp", None, None),
    (('name: ordered_on\n        logicalType: date\n        required: true\n        partitioned: true\n'
     '        partitionKeyPosition: 1\n        logicalTypeOptions: {minimum: "2020-01-01", maximum: "2030-12-31"}'),
     "name: ordered_on\n        logicalType: string\n        required: true\n        partitioned: true",
     f"{P}.ordered_on", "`month` does not go with `string`"),
    # child tables
    ("      - {property: parent, value: orders}\n", "", ITEMS, "needs `parent` and `explode`"),
    ("      - {property: explode, value: Items}\n", "", ITEMS, "needs `parent` and `explode`"),
    ("value: orders}", "value: order}", f"{ITEMS}.customProperties.parent", "not the dataset's own table"),
    ("name: position", "name: place", f"{ITEMS}.properties", "starts with its parent's key"),
    ("name: position\n        logicalType: integer", "name: position\n        logicalType: string",
     f"{ITEMS}.properties.position", "A position is an integer"),
    (ITEMS_HEAD + "integer", ITEMS_HEAD + "string",
     f"{ITEMS}.properties.order_id", "another type"),
    ("        primaryKey: true\n        primaryKeyPosition: 2\n", "", f"{ITEMS}.properties", "A child's key"),
    ("        customProperties:\n          - {property: jsonPath, value: qty}\n", "", f"{ITEMS}.properties.quantity",
     "which field"),
    ("      - {property: explode, value: Items}\n",
     "      - {property: explode, value: Items}\n      - {property: versionColumn, value: order_id}\n",
     f"{ITEMS}.customProperties.versionColumn", "version of their parent"),
    ("        primaryKeyPosition: 2\n",
     "        primaryKeyPosition: 2\n        customProperties: [{property: jsonPath, value: p}]\n",
     f"{ITEMS}.properties.position", "not fields of the element"),
    ("name: country\n", "name: country\n        customProperties: [{property: jsonPath, value: p}]\n",
     f"{P}.country.customProperties.jsonPath", "Only a child"),
    # what does not fit
    ("customProperties:\n  - property: files", f"{MISFITS}\n  - property: files", None, None),
    ("customProperties:\n  - property: files", f"{MISFITS.replace('freeze', 'thaw')}\n  - property: files",
     "customProperties.schemaChange.value", "`thaw` is not allowed"),
    *(("customProperties:\n  - property: files", f"{MISFITS.replace('0.25', share)}\n  - property: files",
       "customProperties.badRows.value.share", "is not a share") for share in ("0", "1.01", "-0.5", "half", "NaN")),
    ("customProperties:\n  - property: files", f"{MISFITS.replace('share: 0.25, ', '')}\n  - property: files",
     "customProperties.badRows.value", "`share` is missing"),
    ("customProperties:\n  - property: files", f"{MISFITS.replace('10}', '0}')}\n  - property: files",
     "customProperties.badRows.value.atLeast", "whole number from 1"),
    # renames
    ("- name: paid\n        logicalType: boolean", f"- name: paid\n{RENAMED.format('settled')}", None, None),
    ("- name: paid\n        logicalType: boolean", f"- name: paid\n{RENAMED.format('level')}",
     f"{P}.paid.customProperties.renamedFrom", "`level` is a column of this table still"),
    ("- name: paid\n        logicalType: boolean", f"- name: paid\n{RENAMED.format('paid')}",
     f"{P}.paid.customProperties.renamedFrom", "`paid` is a column of this table still"),
    ("- name: paid\n        logicalType: boolean", f"- name: paid\n{RENAMED.format('Was Paid')}",
     f"{P}.paid.customProperties.renamedFrom.value", "not an identifier"),
    ("- name: paid\n        logicalType: boolean",
     f"- name: paid\n{RENAMED.format('b')}\n      - name: open\n{RENAMED.format('b')}",
     f"{P}.open.customProperties.renamedFrom", "`paid` was called `b` too"),
    ("        primaryKeyPosition: 1\n      - name: ordered_on",
     f"        primaryKeyPosition: 1\n{CALLED}\n      - name: ordered_on",
     f"{ITEMS}.properties.order_id.customProperties.renamedFrom", "called otherwise"),
    # residency
    ("  - property: residency\n    value: {column: country, missing: accept}\n", "", "customProperties",
     "`residency` is missing"),
    ("{column: country, missing: accept}", "{column: null}", "customProperties.residency.value", "Nothing tells"),
    ("{column: country, missing: accept}", "{column: null, reason: No people here.}", None, None),
    ("{column: country, missing: accept}", "{column: land, missing: accept}", "customProperties.residency",
     "no column `land`"),
    ("{column: country, missing: accept}", "{column: level, missing: accept}", "customProperties.residency",
     "`level` is not text"),
    ("{column: country, missing: accept}", "{column: country}", "customProperties.residency.value", "empty country"),
    ("missing: accept", "missing: drop", "customProperties.residency.value.missing", "not allowed"),
    # subject
    ("customProperties:\n  - property: files\n",
     "customProperties:\n  - {property: subject, value: buyer}\n  - property: files\n",
     "customProperties.subject", "no column `buyer`"),
    ("customProperties:\n  - property: files\n",
     "customProperties:\n  - {property: subject, value: ordered_on}\n  - property: files\n",
     "customProperties.subject", "neither text nor an integer"),
    ("customProperties:\n  - property: files\n",
     "customProperties:\n  - {property: subject, value: country}\n  - property: files\n", None, None),
    # sources
    ("  - property: files\n", "  - property: file\n", "customProperties.file.property", "`file` is not allowed"),
    ("name: berlin", "name: shop", f"{SOURCE}.shop.name", "another source `shop`"),
    ("      - name: rest\n", "      - name: rest\n      - name: more\n", f"{SOURCE}.more", "No file gets here"),
    ("      - name: rest\n", '      - name: rest\n        regions: [eu-central-1]\n        files: ["a.csv"]\n',
     f"{SOURCE}.rest", "No file gets here"),
    ("      - name: rest\n", '      - name: rest\n        files: ["shop-?.csv"]\n', f"{SOURCE}.rest", "No file gets"),
    ("      - name: rest\n", '      - name: rest\n        files: ["*.csv"]\n', None, None),
    ("regions: [eu-central-1]", "regions: [Frankfurt]", f"{BERLIN}.regions", "not an AWS region"),
    ("regions: [eu-central-1]", "regions: [eu-centrall-1]", f"{BERLIN}.regions", "no region `eu-centrall-1`"),
    ('delimiter: ";"', 'delimiter: ";;"', f"{BERLIN}.delimiter", "one character"),
    ('delimiter: ";"', "delimiter: '\"'", f"{BERLIN}.delimiter", "one character"),
    ('delimiter: ";"', "delimiter: '§'", f"{BERLIN}.delimiter", "one character"),
    ('delimiter: ";"', 'delimiter: "\\t"', None, None),
    ('delimiter: ";"', "delimter: ;", f"{BERLIN}.delimter", "Unknown key"),
    ("encoding: latin-1", "encoding: latin-99", f"{BERLIN}.encoding", "not a known text encoding"),
    ("encoding: latin-1", "encoding: base64", f"{BERLIN}.encoding", "not a known text encoding"),
    ("encoding: latin-1", "encoding: idna", f"{BERLIN}.encoding", "not a known text encoding"),
    ("encoding: latin-1", "encoding: undefined", f"{BERLIN}.encoding", "not a known text encoding"),
    ("encoding: latin-1", "encoding: utf-16", None, None),
    ('decimalMark: ","', 'decimalMark: "\'"', f"{BERLIN}.decimalMark", "point or a comma"),
    ('thousandsMark: "."', 'thousandsMark: ","', f"{BERLIN}.thousandsMark", "Both marks"),
    ('thousandsMark: "."', 'thousandsMark: "0"', f"{BERLIN}.thousandsMark", "one sign"),
    ("Europe/Berlin", "Europe/Berlim", f"{BERLIN}.timeZone", "not a time zone"),
    ("Europe/Berlin", "localtime", f"{BERLIN}.timeZone", "not a time zone"),
    ('["%d.%m.%Y"]', '["%d.%q.%Y"]', f"{BERLIN}.dateFormats", "%q is not supported"),
    ('["%d.%m.%Y"]', '["%d.%m."]', f"{BERLIN}.dateFormats", "%Y is missing"),
    ('["%d.%m.%Y"]', '["%d.%m.%Y %Y"]', f"{BERLIN}.dateFormats", "%Y is there twice"),
    ('["%d.%m.%Y"]', '["%d.%m.%Y %H"]', f"{BERLIN}.dateFormats", "has a time"),
    ('["%d.%m.%Y"]', '["%d.%m.%Y", "%m.%d.%Y"]', f"{BERLIN}.dateFormats", "different days"),
    ('["%d.%m.%Y"]', "[]", f"{BERLIN}.dateFormats", "no format"),
    ('["%d.%m.%Y"]', '["%d.%m.%"]', f"{BERLIN}.dateFormats", "ends in a single %"),
    ("%I:%M %p", "%I:%M", f"{BERLIN}.timestampFormats", "%I together with %p"),
    ("%H:%M:%S", "%M:%S", f"{BERLIN}.timestampFormats", "has %M without %H or %I"),
    ("%H:%M:%S", "%H:%M:%SZ", f"{BERLIN}.timestampFormats", "means UTC"),
    ("%H:%M:%S", "%H:%M:%S%z", None, None),
    ("falseValues: [nein]", "falseValues: [nein, Ja]", f"{BERLIN}.falseValues", "`ja` is both true and false"),
    ("falseValues: [nein]", "falseValues: []", f"{BERLIN}.falseValues", "Nothing is written"),
    ("falseValues: [nein]", "falseValues: [no]", f"{BERLIN}.falseValues.0", "not text"),
    ('["", "-"]', '["", "ja"]', f"{BERLIN}.nullValues", "both a truth value and empty"),
    ("amount: Betrag", "amunt: Betrag", f"{BERLIN}.columns.amunt", "no column `amunt`"),
    ("amount: Betrag", "amount: State", f"{BERLIN}.columns.state", "both read the file's `state`"),
    ("amount: Betrag", "amount: ''", f"{BERLIN}.columns.amount", "A name is empty"),
    ("          amount: Betrag\n          Items: [Posten, Artikel]\n", "          - amount\n", f"{BERLIN}.columns",
     "not a mapping"),
]  # fmt: skip


def lint_of(folder: Path, text: str) -> list[Finding]:
    (folder / "orders.yaml").write_text(text, encoding="utf-8")
    return lint(folder, regions=["eu-central-1", "us-east-1"])


def test_the_good_contract_has_no_findings(tmp_path: Path) -> None:
    assert lint_of(tmp_path, GOOD) == []


@pytest.mark.parametrize(("old", "new", "path", "message"), MUTATIONS)
def test_one_fault_gives_one_finding(tmp_path: Path, old: str, new: str, path: str | None, message: str | None) -> None:
    assert GOOD.count(old) == 1 or (GOOD.count(old) > 1 and old.startswith("name:")), "the mutation must be plain"
    findings = lint_of(tmp_path, GOOD.replace(old, new, 1))
    if path is None or message is None:
        assert findings == []
        return
    assert [finding.path for finding in findings] == [path], findings
    assert message in findings[0].message
    assert findings[0].remedy
    assert findings[0].file.endswith("orders.yaml")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("logicalType: boolean", "logicalType: bool", GOOD[: GOOD.index("logicalType: boolean")].count("\n") + 1),
        ("value: changed_at", "value: changed", GOOD[: GOOD.index("value: changed_at")].count("\n") + 1),
        ("Europe/Berlin", "Nowhere", GOOD[: GOOD.index("Europe/Berlin")].count("\n") + 1),
        ("kind: DataContract", "kind: Data\x07Contract", 2),
        ("status: active", "status: [active", 7),
    ],
)
def test_a_finding_names_the_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert [finding.line for finding in lint_of(tmp_path, GOOD.replace(old, new))] == [line]


def test_a_misspelt_key_is_answered_with_the_right_one(tmp_path: Path) -> None:
    (finding,) = lint_of(tmp_path, GOOD.replace('delimiter: ";"', 'delimter: ";"'))
    assert finding.remedy == "Did you mean `delimiter`?"
    assert str(finding).endswith(
        f"orders.yaml:{finding.line} {BERLIN}.delimter: Unknown key `delimter`. Did you mean `delimiter`?"
    )


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("Europe/Berlin", "Nowhere").replace("value: changed_at", "value: nope")
    assert len(lint_of(tmp_path, text)) == 2
    with pytest.raises(ConfigurationError) as caught:
        read_contracts(tmp_path)
    assert "2 fault(s)" in str(caught.value)
    assert "Nowhere" in str(caught.value)
    assert "`nope`" in str(caught.value)


SECOND = (
    GOOD.replace("shop-orders", "shop-returns")
    .replace("name: orders\n", "name: returns\n")
    .replace("value: orders}", "value: returns}")
    .replace("order_items", "return_items")
    .replace("orders*.csv", "returns*.csv")
)


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("returns*.csv", "returns*.csv", None, None),
        ("returns*.csv", "*.csv", "customProperties.files", "can take the same file"),
        ("returns*.csv", "ORDERS-?.c*", "customProperties.files", "can take the same file"),
        ("return_items", "order_items", "schema.order_items", "has a table `order_items` too"),
    ],
)
def test_two_contracts_do_not_take_the_same_file_or_table(
    tmp_path: Path, old: str, new: str, path: str | None, message: str | None
) -> None:
    (tmp_path / "returns.yaml").write_text(SECOND.replace(old, new), encoding="utf-8")
    findings = lint_of(tmp_path, GOOD)
    assert [finding.path for finding in findings] == ([path] if path else [])
    assert all(str(message) in finding.message and finding.file.endswith("returns.yaml") for finding in findings)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("orders.yml", b"", "not a contract"),
        ("README.md", b"notes", "not a contract"),
        ("more.yaml", b"", "No contract here"),
        ("more.yaml", b"- a\n", "No contract here"),
        ("more.yaml", b"name: caf\xe9\n", "not UTF-8"),
        ("more.yaml", b"a: 1\n---\nb: 2\n", "not valid YAML"),
        ("more.yaml", b"[" * 1000 + b"]" * 1000, "nested too deeply"),
    ],
)
def test_no_file_is_skipped_in_silence(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    findings = lint_of(tmp_path, GOOD)
    assert [(finding.file.endswith(name), message in finding.message) for finding in findings] == [(True, True)]


def test_a_folder_in_the_folder_is_a_finding_and_a_hidden_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / ".editor").write_text("x", encoding="utf-8")
    assert [finding.message for finding in lint_of(tmp_path, GOOD)] == ["This is not a contract."]


def test_an_empty_or_missing_folder_is_a_finding(tmp_path: Path) -> None:
    assert [finding.message for finding in lint(tmp_path)] == ["There are no contracts."]
    assert [finding.message for finding in lint(tmp_path / "nowhere")] == ["There is no such folder."]
    assert str(lint(tmp_path)[0]) == f"{tmp_path}: There are no contracts. Write one: see docs/contracts.md."
    with pytest.raises(ConfigurationError, match="no such folder"):
        read_contracts(tmp_path / "nowhere")


def test_what_does_not_fit_and_old_names_are_read(tmp_path: Path) -> None:
    text = GOOD.replace("customProperties:\n  - property: files", f"{MISFITS}\n  - property: files")
    text = text.replace("- name: paid\n        logicalType: boolean", f"- name: paid\n{RENAMED.format('settled')}")
    (tmp_path / "orders.yaml").write_text(text, encoding="utf-8")
    contract = read_contracts(tmp_path)["orders"]
    assert (contract.schema_change, contract.bad_rows) == (SchemaChange.FREEZE, BadRows("0.25", 10))
    assert contract.table.column("paid").renamed_from == "settled"
    assert {source.names_of("paid") for source in contract.sources} == {("paid", "settled")}
    catalog = Catalog({"orders": contract}, {}, {})
    assert Catalog.from_json(catalog.to_json()) == catalog


def test_a_name_that_a_source_gives_stands_alone_and_defaults_are_lenient(tmp_path: Path) -> None:
    text = GOOD.replace("- name: paid\n        logicalType: boolean", f"- name: paid\n{RENAMED.format('settled')}")
    text = text.replace("          amount: Betrag\n", "          amount: Betrag\n          paid: bezahlt\n")
    (tmp_path / "orders.yaml").write_text(text, encoding="utf-8")
    contract = read_contracts(tmp_path)["orders"]
    names = {source.name: source.names_of("paid") for source in contract.sources}
    assert names == {"shop": ("paid", "settled"), "berlin": ("bezahlt",), "rest": ("paid", "settled")}
    assert (contract.schema_change, contract.bad_rows) == (SchemaChange.EVOLVE, None)


@pytest.mark.parametrize(
    ("rows", "bad", "stops"), [(99, 99, False), (100, 10, False), (100, 11, True), (10**9, 10**8, False)]
)
def test_a_part_is_stopped_above_the_share_and_from_so_many_rows(rows: int, bad: int, stops: bool) -> None:
    assert BadRows("0.1", 100).stops(rows, bad) is stops


@pytest.mark.parametrize("text", ["nan", "inf", "1e400", "1_000"])
def test_a_limit_of_a_binary_number_is_one_that_silver_can_compare_with(tmp_path: Path, text: str) -> None:
    quantity = "physicalType: double\n"
    limited = GOOD.replace(quantity, f'{quantity}        logicalTypeOptions: {{maximum: "{text}"}}\n')
    (finding,) = lint_of(tmp_path, limited)
    assert finding.message == f"`{text}` is not a double."
