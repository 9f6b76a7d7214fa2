"""Masked tables: which there are, what they show, and that their key is made once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from watershed import catalog, names
from watershed.contracts.model import Column, Contract, Kind, Residency, Table
from watershed.gold.masking import masked_models
from watershed.gold.masking_key import MaskingKey
from watershed.gold.plan import downstream
from watershed.gold.tables import GoldTables, Written
from watershed.s3 import S3

from local.paths import LAKE

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = st.sampled_from(list(Kind))
COLUMNS = st.lists(
    st.builds(
        Column,
        name=st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True),
        kind=KINDS,
        precision=st.just(18),
        scale=st.just(2),
        description=st.text(max_size=300),
        pii=st.booleans(),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda column: column.name,
)


def contract(*tables: Table) -> Contract:
    return Contract("people", "1.0.0", "", tables, (), Residency(None), owner="crm")


def test_the_lakes_tables_with_personal_data_are_masked_and_no_others() -> None:
    lake = catalog.build(LAKE)
    personal = {
        table.name
        for each in lake.contracts.values()
        for table in each.tables
        if any(column.pii for column in table.columns)
    }
    assert {name for name in lake.models if name.startswith("masked_")} == {f"masked_{name}" for name in personal}
    assert {"customers", "conversations"} <= personal
    assert "masked_customers" in downstream(lake.models, ["silver.customers"])
    assert not any(model.exportable for name, model in lake.models.items() if name.startswith("masked_"))


def test_the_masked_table_of_a_contract_that_names_no_team_is_made() -> None:
    table = Table("people", (Column("id", Kind.INTEGER), Column("name", Kind.STRING, pii=True)), ("id",))
    (model,) = masked_models([Contract("people", "1.0.0", "", (table,), (), Residency(None))]).values()
    written = Written("run", datetime(2026, 3, 1, tzinfo=UTC), "s3://gold/masked_people/run=1/")
    with mock_aws():
        glue = boto3.client("glue", region_name="us-east-1")
        glue.create_database(DatabaseInput={"Name": names.GOLD_DB})
        assert GoldTables(glue).switch(model, written) == (True, None)
        assert glue.get_table(DatabaseName=names.GOLD_DB, Name=model.name)["Table"]["Owner"] == names.PREFIX


@given(COLUMNS)
def test_a_masked_table_has_silvers_columns_and_shows_a_personal_one_only_within_the_hash(
    columns: list[Column],
) -> None:
    table = Table("people", tuple(columns), (columns[0].name,))
    models = masked_models([contract(table)])
    if not any(column.pii for column in columns):
        assert models == {}
        return
    (model,) = models.values()
    assert [column.name for column in model.columns] == [column.name for column in columns]
    assert model.reads == ("silver.people",)
    lines = model.sql.splitlines()[1 : 1 + len(columns)]
    for column, gold, line in zip(columns, model.columns, lines, strict=True):
        hashed = line.strip().startswith(f'LOWER(TO_HEX(HMAC_SHA256(TO_UTF8(CAST(plain."{column.name}" AS varchar))')
        assert hashed == column.pii
        assert gold.pii == column.pii
        assert gold.type == ("varchar" if column.pii or column.kind is Kind.STRING else column.athena_type)
        assert len(gold.description) <= 255
        assert column.pii or line.strip().rstrip(",") == f'plain."{column.name}" AS "{column.name}"'


@pytest.fixture
def silver() -> Iterator[S3]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="silver")
        yield S3(client)


def key_of(silver: S3) -> str:
    with silver.open("silver", names.MASKING_KEY) as stream:
        return stream.read().decode().strip()


def test_the_key_is_made_once_and_is_its_own_in_each_region(silver: S3) -> None:
    MaskingKey(silver, "silver").make()
    first = key_of(silver)
    MaskingKey(silver, "silver").make()
    assert key_of(silver) == first
    assert len(bytes.fromhex(first)) == 32
    silver.delete("silver", [names.MASKING_KEY])
    MaskingKey(silver, "silver").make()
    assert key_of(silver) != first
