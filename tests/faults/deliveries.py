"""What arrives while functions fail: few rows, but of every kind that ends differently."""

from __future__ import annotations

from pathlib import Path

LAKE = Path(__file__).parent / "lake"

_ORDERS = "order_id,ordered_at,shop_id,amount,country,updated_at\n"

DELIVERIES: tuple[dict[str, str], ...] = (
    # Two good rows, the first also a second time; a bad amount, another jurisdiction's row, and a malformed line.
    {
        "orders/first.csv": _ORDERS
        + "1,2024-01-05 10:00:00,a,10.50,DE,2024-01-05 10:00:00\n"
        + "2,2024-01-06 11:00:00,b,20.00,AT,2024-01-06 11:00:00\n"
        + "1,2024-01-05 10:00:00,a,10.50,DE,2024-01-05 10:00:00\n"
        + "3,2024-01-07 12:00:00,b,much,DE,2024-01-07 12:00:00\n"
        + "4,2024-01-08 12:00:00,b,1.00,US,2024-01-08 12:00:00\n"
        + "5,2024-01-09 12:00:00,b,1.00,DE,2024-01-09 12:00:00,one too many\n",
    },
    # Three plans, of which one has an impossible price.
    {
        "shops/first.jsonl": '{"shop_id": "a", "updated_at": "2024-01-01 00:00:00", '
        '"plans": [{"price": 5}, {"price": 7}]}\n'
        '{"shop_id": "b", "updated_at": "2024-01-01 00:00:00", "plans": [{"price": -1}]}\n',
    },
    # An update, a stale row, a duplicate, a new row in a new partition, a malformed line. The second file has other
    # keys, so that what the ledger says of each does not depend on whether silver takes both together.
    {
        "orders/second.csv": _ORDERS
        + "1,2024-01-05 10:00:00,a,11.00,DE,2024-02-01 10:00:00\n"
        + "2,2024-01-06 11:00:00,b,99.00,AT,2023-12-31 11:00:00\n"
        + "6,2024-02-09 12:00:00,c,3.00,DE,2024-02-09 12:00:00\n"
        + "6,2024-02-09 12:00:00,c,3.00,DE,2024-02-09 12:00:00\n"
        + "short\n",
        "orders/third.csv": _ORDERS
        + "7,2024-02-10 12:00:00,a,4.25,DE,2024-02-10 12:00:00\n"
        + "8,2024-02-31 12:00:00,c,4.00,DE,2024-02-10 12:00:00\n",
    },
    # A shop whose plans are replaced by fewer, and a new shop.
    {
        "shops/second.jsonl": '{"shop_id": "a", "updated_at": "2024-02-01 00:00:00", "plans": [{"price": 6}]}\n'
        '{"shop_id": "c", "updated_at": "2024-02-01 00:00:00", "plans": [{"price": 8}, {"price": 9}]}\n',
    },
)
