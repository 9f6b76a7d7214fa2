"""Relationships of models made by hand."""

from __future__ import annotations

from watershed.gold.model import GoldColumn, GoldModel

from local.powerbi.model import End, Relationship
from local.powerbi.star import relationships

CALENDAR = End("Calendar", "Date")


def _model(name: str, keys: str, **columns: str) -> GoldModel:
    described = tuple(GoldColumn(column, kind.replace("_", "(")) for column, kind in columns.items())
    return GoldModel(name, "", "", tuple(keys.split()), described, (), "")


def _related(*models: GoldModel) -> dict[str, bool]:
    found = relationships(models, CALENDAR)
    return {f"{r.many.table}.{r.many.column} {r.one.table}.{r.one.column}": r.is_active for r in found}


def test_a_models_one_key_relates_the_models_that_carry_it() -> None:
    shops = _model("shops", "shop_id", shop_id="varchar", opened="varchar")
    orders = _model("orders", "order_id", order_id="bigint", shop_id="varchar")
    by_shop = _model("by_shop", "shop_id status", shop_id="varchar", status="varchar")
    assert _related(shops, orders, by_shop) == {
        "orders.shop_id shops.shop_id": True,
        "by_shop.shop_id shops.shop_id": True,
    }


def test_another_type_the_same_key_or_two_keys_relate_nothing() -> None:
    shops = _model("shops", "shop_id", shop_id="varchar")
    other = _model("other", "shop_id", shop_id="varchar")
    typed = _model("typed", "order_id", order_id="bigint", shop_id="bigint")
    pair = _model("pair", "order_id line", order_id="bigint", line="bigint")
    lines = _model("lines", "line_id", line_id="bigint", line="bigint")
    assert _related(shops, other) == {}
    assert _related(shops, typed) == {}
    assert _related(pair, lines) == {}


def test_a_day_that_is_a_key_is_the_calendars_alone() -> None:
    by_day = _model("by_day", "day", day="date", sold="bigint")
    sales = _model("sales", "sale", sale="bigint", day="date")
    assert _related(by_day, sales) == {"by_day.day Calendar.Date": True, "sales.day Calendar.Date": True}


def test_of_several_days_the_keys_is_the_tables_and_else_the_first() -> None:
    keyed = _model("keyed", "seen day", seen="varchar", told="date", day="date")
    free = _model("free", "id", id="bigint", started="date", ended="date")
    assert _related(keyed) == {"keyed.day Calendar.Date": True, "keyed.told Calendar.Date": False}
    assert _related(free) == {"free.started Calendar.Date": True, "free.ended Calendar.Date": False}


def test_a_second_way_is_kept_inactive() -> None:
    stores = _model("stores", "store", store="varchar", started="date", ended="date")
    revenue = _model("revenue", "store day", store="varchar", day="date")
    assert _related(stores, revenue) == {
        "revenue.day Calendar.Date": True,
        "revenue.store stores.store": True,
        "stores.started Calendar.Date": False,
        "stores.ended Calendar.Date": False,
    }


def test_a_chain_is_not_shortened() -> None:
    shops = _model("shops", "shop", shop="bigint")
    orders = _model("orders", "order_", order_="bigint", shop="bigint")
    lines = _model("lines", "line", line="bigint", order_="bigint", shop="bigint")
    related = _related(shops, orders, lines)
    assert related["orders.shop shops.shop"]
    assert related["lines.shop shops.shop"] != related["lines.order_ orders.order_"]


def test_models_that_carry_each_others_keys_make_no_circle() -> None:
    first = _model("first", "a", a="bigint", b="bigint")
    second = _model("second", "b", b="bigint", a="bigint")
    assert sorted(_related(first, second).values()) == [False, True]


def test_nothing_is_related_of_nothing() -> None:
    assert relationships([], CALENDAR) == ()
    assert relationships([_model("alone", "a", a="bigint")], CALENDAR) == ()
    assert Relationship(CALENDAR, CALENDAR).is_active
