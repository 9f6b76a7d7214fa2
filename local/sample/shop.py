"""One region's shop: its customers, products, orders, conversations and stores, each made from its number alone.

Every record has versions: 1 is what the source first sent, 0 an older state of it, 2 a newer one.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from local.sample.dice import Dice, pick

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.sample.habits import Habits

Record = dict[str, Any]

OLD, FIRST, NEW = 0, 1, 2
_YEAR = datetime.fromisoformat("2024-01-01")
_MINUTES = 365 * 24 * 60  # of that year, less its last day
_BIRTHS, _ADULTS = date(1945, 1, 1), 22_000  # days in which today's customers were born
_INSTALLS, _INSTALL_DAYS = datetime.fromisoformat("2022-04-29"), 600
_CHANNELS = ("INBOX", "COMMENT", "RATING")
_STATES = ("Completed", "Completed", "Completed", "Pending", "Failed")
_ENDS = (None, None, "CUSTOMER_CANCELLED", "CUSTOMER_CLOSED")
_PLANS = (("regular_1", 19.0), ("regular_2_5", 29.0), ("plus_1", 69.0), ("plus_5", 99.0), ("regular_1_discount", 15.2))
_CLOCK_CHANGE_EVERY = 97  # one order in so many falls on an hour that the clocks skip or repeat
_ENGAGED, _OF = 3, 5  # three customers of five have conversations
_LAST_SECOND = timedelta(hours=23, minutes=59, seconds=59)


class Shop:
    """A region's shop.

    Args:
        habits: The region's; its words are used, its formats are not.
        seed: Equal seeds make equal shops.
        orders: How many orders it has; all else scales with them.
    """

    def __init__(self, habits: Habits, seed: int, orders: int) -> None:
        self._people = habits.people
        self._clock_changes = habits.clock_changes
        kinds = ("customer", "product", "order", "talk", "store")
        self._dice = {kind: Dice(seed, habits.region, kind) for kind in kinds}
        self._mail = [_plain(name) for name in self._people.first_names]
        customers = max(10, orders // 5)
        self._products = max(20, orders // 20)
        # dataset -> how many records, and how to make one from its number (from 1) and version
        self.records: dict[str, tuple[int, Callable[[int, int], Record]]] = {
            "customers": (customers, self.customer),
            "products": (self._products, self.product),
            "transactions": (orders, self.transaction),
            "conversations": (customers, self.conversation),
            "stores": (max(10, orders // 50), self.store),
        }
        self._buyers, self._orders = customers, orders

    def customer(self, number: int, version: int) -> Record:
        """A person; moves and changes the e-mail address from version to version."""
        people, word = self._people, self._dice["customer"].roll(number)
        word, place = divmod(word, len(people.first_names))
        word, last_name = pick(word, people.last_names)
        word, area = divmod(word, len(people.areas))
        word, days = divmod(word, _ADULTS)
        return {
            "customer_id": number,
            "customer_name": f"{people.first_names[place]} {last_name}",
            "gender": bool(word & 1),
            "birth_date": _BIRTHS + timedelta(days=days),
            "region": people.areas[(area + version) % len(people.areas)],
            "email": f"{self._mail[place]}.{number}@example.{('net', 'com', 'org')[version]}",
            "country": self._country(number),
            "updated_at": _changed(_YEAR + timedelta(minutes=word % _MINUTES), version),
        }

    def product(self, number: int, version: int) -> Record:
        """A product; its price rises from version to version."""
        word = self._dice["product"].roll(number)
        kinds = self._people.products
        name, category, unit = kinds[number % len(kinds)]
        word, cents = divmod(word, 400_00)
        word, grams = divmod(word, 9_900)
        created = _YEAR + timedelta(minutes=word % _MINUTES)
        return {
            "product_id": number,
            "name": f"{name} {number}",
            "category_id": 1 + sorted({kind[1] for kind in kinds}).index(category),
            "category_name": category,
            "base_price": _money(5_00 + cents + version),
            "unit": unit,
            "weight": (100 + grams) // 10 / 100,
            "created_date": created,
            "updated_at": _changed(created, version),
        }

    def transaction(self, number: int, version: int) -> Record:
        """An order of one product, some time in 2024; pending at first, completed in the end."""
        word = self._dice["order"].roll(number)
        word, jitter = divmod(word, 60 * 60)
        word, buyer = divmod(word, self._buyers)
        word, product = divmod(word, self._products)
        word, quantity = divmod(word, 5)
        word, cents = divmod(word, 995_00)
        word, branch = divmod(word, len(self._people.branches))
        minutes = number * _MINUTES // self._orders % _MINUTES  # orders are numbered as they come in
        ordered = _YEAR + timedelta(minutes=minutes, seconds=jitter)
        if self._clock_changes and number % _CLOCK_CHANGE_EVERY in {3, 4}:
            ordered = self._clock_changes[number % 2]
        price = 5_00 + cents
        state = _STATES[word % len(_STATES)]
        return {
            "transaction_id": number,
            "order_date": ordered,
            "branch_id": branch + 1,
            "branch_name": self._people.branches[branch],
            "customer_id": buyer + 1,
            "total_amount": _money(price * (quantity + 1)),
            "status": word & 1,
            "status_value": ("Pending", state, "Completed" if state == "Pending" else "Failed")[version],
            "product_id": product + 1,
            "price": _money(price),
            "country": self._country(buyer + 1),
            "updated_at": _changed(ordered, version),
        }

    def conversation(self, number: int, version: int) -> Record:
        """A message of one of the engaged customers, each of whom has at least one; gains likes."""
        people, word = self._people, self._dice["talk"].roll(number)
        engaged = self._buyers // _OF * _ENGAGED
        word, chance = divmod(word, engaged)
        place = number - 1 if number <= engaged else chance
        customer = place // _ENGAGED * _OF + place % _ENGAGED + 1
        writer = self.customer(customer, FIRST)
        word, minute = divmod(word, _MINUTES)
        word, message = pick(word, people.messages)
        word, channel = pick(word, _CHANNELS)
        word, likes = divmod(word, 100)
        word, has_phone = divmod(word, 2)
        inserted = _YEAR + timedelta(minutes=minute)
        return {
            "conversation_id": f"conv_{number}",
            "from_id": f"user_{customer}",
            "from_name": writer["customer_name"],
            "from_email": writer["email"],
            "message_id": f"msg_{word % 1_000_000}",
            "message": message,
            "type": channel,
            "inserted_at": inserted,
            "has_phone": bool(has_phone),
            "phone_info": f"{people.phone_prefix}{word % 10_000_000:07}" if has_phone else None,
            "is_hidden": word % 11 == 0,
            "is_removed": word % 13 == 0,
            "like_count": likes + version,
            "page_id": f"page_{word % 100}",
            "customer_id": customer,
            "country": writer["country"],
            "updated_at": _changed(inserted, version),
        }

    def store(self, number: int, version: int) -> Record:
        """A merchant's store: its installations, one after another, and a longer list of subscriptions each version."""
        word = self._dice["store"].roll(number)
        word, day = divmod(word, _INSTALL_DAYS)
        word, periods = divmod(word, 3)
        start = _INSTALLS + timedelta(days=day)
        installs = []
        for period in range(periods + 1):
            days = self._dice["store"].roll(number, 1 + period) % 120
            is_open = period == periods and bool(word & 1)
            end = _ENDS[days % len(_ENDS)]
            installs.append({
                "toNow": is_open,
                "startType": "CUSTOMER_REACTIVATED" if period and days % 2 else None,
                "fromDate": start,
                "endType": None if is_open else end,
                "toDate": None if is_open else start + timedelta(days=days) + _LAST_SECOND,
            })  # fmt: skip
            start += timedelta(days=days + 1)
        subscriptions = [self._subscription(number, place) for place in range(word % 3 + version)]
        changed = _changed(_YEAR, version)
        return {
            "store_id": f"Store_{1000 + number}",
            "installs": installs,
            "subscriptions": subscriptions,
            "updated_at": changed,
        }

    def _subscription(self, number: int, place: int) -> Record:
        word = self._dice["store"].roll(number, 100 + place)
        word, (plan, price) = pick(word, _PLANS)
        start = _INSTALLS + timedelta(days=word % _INSTALL_DAYS, seconds=word % 86_400)
        end = start + timedelta(days=30 * (1 + word % 12))
        return {"price": price, "planName": plan, "fromDate": start, "toDate": end, "billingOnDate": None}

    def _country(self, customer: int) -> str:
        countries = self._people.countries
        return countries[customer % len(countries)]


def _changed(first: datetime, version: int) -> datetime:
    """When a version was written: days apart, so that no zone's clocks can turn their order around."""
    return first + timedelta(days=7 * version, hours=1)


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _plain(name: str) -> str:
    """A first name as it stands in an e-mail address."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("ø", "o").replace("đ", "d"))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())
