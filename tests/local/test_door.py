"""Webhooks, end to end: through the synthesized API and the real functions, to rows that Athena shows."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from schemathesis import GenerationMode, openapi
from watershed import catalog, names
from watershed.door.signature import sign
from watershed.names import Layer, Stage

from local.aws import LocalAWS
from local.aws.http_apis import HttpAnswer, HttpRequest
from local.commands.connectors import openapi_text
from local.paths import LAKE
from local.region import Region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REGIONS = ("eu-central-1", "us-east-1")
CONNECTORS = catalog.build(LAKE).connectors
NOT_FOUND = {"message": "Not Found"}


def order(number: int, updated: str, **fields: Any) -> dict[str, Any]:
    """An order as Shopify sends it, without most of its fields."""
    return {
        "id": number,
        "name": f"#{number}",
        "created_at": "2026-03-01T10:00:00+01:00",
        "updated_at": updated,
        "email": "ann@example.com",
        "currency": "EUR",
        "total_price": "199.90",
        "current_total_price": "199.90",
        "financial_status": "paid",
        "customer": {"id": 7, "first_name": "Ann"},
        "shipping_address": {"country_code": "DE", "city": "Köln"},
        "note_attributes": [{"name": "gift", "value": "yes"}],
        "line_items": [
            {"id": 11, "product_id": 5, "title": "Tea", "sku": "T-1", "quantity": 2, "price": "49.95"},
            {"id": 12, "product_id": None, "title": "Wrapping", "quantity": 1, "price": "100.00"},
        ],
        **fields,
    }


@dataclass
class Door:
    """The shipped lake with its doors, in two regions."""

    aws: LocalAWS

    def secret(self, source: str) -> bytes:
        client = self.aws.client("secretsmanager", CONNECTORS[source].region)
        return str(
            json.loads(client.get_secret_value(SecretId=names.push_secret(source))["SecretString"])["current"]
        ).encode()

    def headers(self, source: str, body: bytes, **headers: str) -> dict[str, str]:
        push = CONNECTORS[source].push
        assert push
        signed = sign(push.signature, self.secret(source), body, int(datetime.now(UTC).timestamp()))
        return {"content-type": "application/json", **signed, **headers}

    def push(self, source: str, dataset: str, payload: Any, *, region: str = "", **headers: str) -> HttpAnswer:
        body = json.dumps(payload).encode()
        given = self.headers(source, body, **{name.replace("_", "-"): value for name, value in headers.items()})
        request = HttpRequest("POST", f"/v1/{source}/{dataset}", list(given.items()), body)
        return self.aws.ask(region or CONNECTORS[source].region, request)

    def rows(self, region: str, sql: str) -> list[list[Any]]:
        return Region.on(self.aws, region).athena.typed_rows(sql)[1]

    def keys(self, region: str, layer: Layer = Layer.RAW, prefix: str = "") -> list[str]:
        bucket = names.bucket(layer, self.aws.account, region)
        found = self.aws.client("s3", region).list_objects_v2(Bucket=bucket, Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", [])]

    def bronze(self, region: str, prefix: str) -> list[dict[str, Any]]:
        s3, bucket = self.aws.client("s3", region), names.bucket(Layer.BRONZE, self.aws.account, region)
        bodies = [
            s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in self.keys(region, Layer.BRONZE, prefix)
        ]
        return [row for body in bodies for row in parquet.read_table(io.BytesIO(body)).to_pylist()]


@pytest.fixture(scope="module")
def door(shipped: Path) -> Iterator[Door]:
    with LocalAWS(port=0) as aws:
        aws.deploy(shipped, REGIONS)
        for region in REGIONS:  # gold has nothing to do with a door, and takes the most time
            client = aws.client("lambda", region)
            (mapping,) = client.list_event_source_mappings(FunctionName=names.function(Stage.GOLD))[
                "EventSourceMappings"
            ]
            client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        yield Door(aws)


def test_an_orders_life(door: Door) -> None:
    """Made, refunded, told again, told late, deleted, and told late again: each event is one of the last."""
    one, region = order(1001, "2026-03-01T10:00:00+01:00"), "eu-central-1"
    refunded = order(
        1001,
        "2026-03-03T09:00:00+01:00",
        current_total_price="99.90",
        financial_status="partially_refunded",
        line_items=one["line_items"][:1],
    )
    late = order(1001, "2026-03-02T09:00:00+01:00", financial_status="authorized")
    other = order(1002, "2026-03-01T11:00:00+01:00", total_price="0.10", line_items=[])
    receipts = [door.push("shopify", "orders", each, x_shopify_topic="orders/create") for each in (one, other)]
    assert [answer.status for answer in receipts] == [202, 202]
    assert door.push("shopify", "orders", refunded, x_shopify_topic="orders/updated").status == 202
    again = door.push("shopify", "orders", one, x_shopify_topic="orders/create")
    assert again.document == receipts[0].document
    assert door.keys(region) == [], "nothing is raw before the window ends"
    door.aws.pump(REGIONS)
    (key,) = door.keys(region)
    assert key.startswith("orders/shopify/20")
    assert key.endswith(".jsonl")
    columns = "order_id, total_amount, current_amount, payment_status, customer_id, country, deleted_at"
    shown = f"SELECT {columns} FROM silver.orders ORDER BY order_id"
    lines = "SELECT order_id, position, product_id, title, quantity, price FROM silver.order_lines ORDER BY 1, 2"
    assert [[str(value) for value in row] for row in door.rows(region, shown)] == [
        ["1001", "199.90", "99.90", "partially_refunded", "7", "DE", "None"],
        ["1002", "0.10", "199.90", "paid", "7", "DE", "None"],
    ]
    assert [[str(value) for value in row] for row in door.rows(region, lines)] == [
        ["1001", "1", "5", "Tea", "2", "49.95"]
    ]
    assert door.push("shopify", "orders", late, x_shopify_topic="orders/updated").status == 202
    gone = {"x_shopify_topic": "orders/delete", "x_shopify_triggered_at": "2026-03-04T00:00:00Z"}
    assert door.push("shopify", "orders", {"id": 1001}, **gone).status == 202
    door.aws.pump(REGIONS)
    later = order(1001, "2026-03-03T23:00:00Z", financial_status="paid")
    assert door.push("shopify", "orders", later, x_shopify_topic="orders/updated").status == 202
    door.aws.pump(REGIONS)
    first, _ = door.rows(region, shown)
    assert first == [1001, None, None, None, None, None, datetime(2026, 3, 4)]  # noqa: DTZ001 - UTC, as silver has it
    assert door.rows(region, lines) == []
    stale = door.rows(region, "SELECT sum(stale) FROM ops.ledger WHERE table_name = 'orders' AND stage = 'silver'")
    assert stale == [[3]], "the order as it was first, the late one, and the one told after its end"
    assert door.rows(region, "SELECT count(*) FROM ops.quarantine") == [[0]]
    kept = [row for row in door.bronze(region, "orders/") if row["id"] == "1002"]
    assert [row["note_attributes"] for row in kept] == ['[{"name":"gift","value":"yes"}]'], "no contract names it"
    assert [row["_topic_source"] for row in kept] == ["orders/create"]


def test_the_same_row_by_file_and_by_webhook_is_one_row(door: Door) -> None:
    region = "us-east-1"
    customer = {
        "customer_id": 5, "customer_name": "Bo", "gender": True, "birth_date": "1990-02-03", "region": "Ohio",
        "email": "bo@example.com", "country": "US", "updated_at": "2026-03-01T10:00:00Z",
    }  # fmt: skip
    header = "Member No,Full Name,Male,DOB,Sales Area,Email Address,Country Code,Last Modified"
    line = "5,Bo,Y,02/03/1990,Ohio,bo@example.com,US,03/01/2026 05:00:00 AM"
    bucket = names.bucket(Layer.RAW, door.aws.account, region)
    door.aws.client("s3", region).put_object(Bucket=bucket, Key="customers/a.csv", Body=f"{header}\n{line}\n".encode())
    event = {"id": "evt_1", "type": "customer.updated", "created": 1_772_359_200, "data": {"object": customer}}
    assert door.push("payments", "customers", event).status == 202
    door.aws.pump(REGIONS)
    shown = "SELECT customer_id, customer_name, gender, CAST(birth_date AS varchar), country FROM silver.customers"
    assert door.rows(region, shown) == [[5, "Bo", True, "1990-02-03", "US"]]
    outcome = "SELECT sum(inserted), sum(duplicate), sum(updated) FROM ops.ledger WHERE stage = 'silver'"
    assert door.rows(region, f"{outcome} AND table_name = 'customers'") == [[1, 1, 0]]
    at = 1_772_400_000
    deleted = {**event, "id": "evt_2", "type": "customer.deleted", "created": at}
    assert door.push("payments", "customers", deleted).status == 202
    late = {**customer, "customer_name": "Bob", "updated_at": "2026-03-01T21:00:00Z"}
    told = {**event, "id": "evt_3", "data": {"object": late}}
    assert door.push("payments", "customers", told).status == 202
    door.aws.pump(REGIONS)
    gone = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    stands = "SELECT customer_id, customer_name, updated_at, deleted_at FROM silver.customers"
    assert door.rows(region, stands) == [[5, "Bo", gone, gone]], "it counts from then on, not from its record's time"


def test_a_source_of_another_region_is_sent_there_and_kept_nowhere(door: Door) -> None:
    receipts = door.aws.client("dynamodb", "us-east-1")
    before, noted = door.keys("us-east-1"), receipts.scan(TableName=names.RECEIPTS_TABLE)["Count"]
    body = order(1, "2026-03-01T10:00:00Z")
    answer = door.push("shopify", "orders", body, region="us-east-1", x_shopify_topic="orders/create")
    assert (answer.status, answer.document["region"]) == (421, "eu-central-1")
    door.aws.pump(REGIONS)
    assert door.keys("us-east-1") == before
    assert receipts.scan(TableName=names.RECEIPTS_TABLE)["Count"] == noted
    with pytest.raises(door.aws.client("secretsmanager", "us-east-1").exceptions.ResourceNotFoundException):
        door.aws.client("secretsmanager", "us-east-1").get_secret_value(SecretId=names.push_secret("shopify"))


def test_a_poisoned_message_is_given_up_alone_and_comes_back_by_redrive(door: Door) -> None:
    from watershed import redrive

    region = "eu-central-1"
    sqs = door.aws.client("sqs", region)
    url = sqs.get_queue_url(QueueName=names.queue(Stage.COLLECT))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    door.push("shopify", "products", {"id": 3, "title": "Cup"}, x_shopify_topic="products/create")
    report = door.aws.pump(REGIONS)
    assert [dead.queue for dead in report.dead_letters] == [names.dead_letter_queue(Stage.COLLECT)]
    assert door.rows(region, "SELECT product_id, name FROM silver.products") == [[3, "Cup"]]
    (letter,), _ = redrive.look(sqs, Stage.COLLECT)
    assert (letter.about, letter.cause) == ("not one of ours", "Terminal")
    assert redrive.redrive(sqs, Stage.COLLECT, datetime.now(UTC)) == [letter]
    door.aws.pump(REGIONS)


def test_over_http_the_door_says_the_same(door: Door) -> None:
    base = f"{door.aws.endpoint}/_door/eu-central-1"

    def post(path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(f"{base}{path}", body, headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    body = json.dumps({"id": 9, "title": "Bowl"}).encode()
    headers = door.headers("shopify", body, **{"x-shopify-topic": "products/create"})
    status, document = post("/v1/shopify/products", body, headers)
    assert (status, set(document)) == (202, {"receipt"})
    assert post("/v1/shopify/products", body + b" ", headers) == (401, {"message": "Unauthorized"})
    assert post("/v1/shopify/none", body, headers) == post("/v1/none/orders", body, headers) == (404, NOT_FOUND)
    assert post("/v1/shopify", body, headers) == post("/elsewhere", body, headers) == (404, NOT_FOUND)
    assert post("/../none/v1/shopify/products", body, headers)[0] == 404
    base = f"{door.aws.endpoint}/_door/eu-west-9"
    assert post("/v1/shopify/products", body, headers) == (404, NOT_FOUND)


def test_no_log_holds_a_secret_or_anything_that_was_sent(door: Door) -> None:
    """All that was logged by every function in both regions, after a delivery that is taken and some that go wrong."""
    ann = order(1003, "2026-03-01T10:00:00+01:00", email="ann@example.com", shipping_address={"city": "Köln"})
    assert door.push("shopify", "orders", ann, x_shopify_topic="orders/create").status == 202
    door.aws.pump(REGIONS)
    secret = door.secret("shopify").decode()
    marks = ["ann@example.com", "Köln", "partially_refunded", "bo@example.com", secret]
    body = json.dumps({"id": 1, "email": "ann@example.com"}).encode()
    signed = door.headers("shopify", body, **{"x-shopify-topic": "ann@example.com", "content-type": "application/json"})
    for path in ("/v1/shopify/orders", "/v1/ann@example.com/orders", "/v1/shopify/ann"):
        for headers in (signed, {**signed, "x-shopify-hmac-sha256": secret}, {"authorization": secret}):
            door.aws.ask("eu-central-1", HttpRequest("POST", path, list(headers.items()), body))
    logged = ""
    for region in REGIONS:
        logs = door.aws.client("logs", region)
        for name in (names.RECEIVE, names.Stage.COLLECT):
            for stream in logs.describe_log_streams(logGroupName=names.log_group(name))["logStreams"]:
                events = logs.get_log_events(logGroupName=names.log_group(name), logStreamName=stream["logStreamName"])
                logged += "\n".join(event["message"] for event in events["events"])
    assert '"reason":"accepted"' in logged
    assert '"reason":"wrong_signature"' in logged
    assert not [mark for mark in marks if mark in logged or mark.encode("unicode_escape").decode() in logged]


# --- the door under fire: what its own description allows, and what nothing allows

DESCRIBED: list[Any] = list(openapi.from_dict(json.loads(openapi_text())).get_all_operations())
# One of each source: what differs between its datasets is their names.
OPERATIONS = list({operation.path.split("/")[2]: operation for operation in (each.ok() for each in DESCRIBED)}.values())
STATUSES = {202, 400, 401, 404, 413, 415, 421, 422}
FEW = settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def sent(case: Any) -> HttpRequest:
    """A generated case as it goes over the network."""
    made = requests.Request(**case.as_transport_kwargs(base_url="http://door")).prepare()
    given_body: Any = made.body or b""
    body = given_body.encode() if isinstance(given_body, str) else given_body
    path, _, query = made.path_url.partition("?")
    headers = [
        (name, value if isinstance(value, str) else value.decode("latin-1")) for name, value in made.headers.items()
    ]
    return HttpRequest(str(made.method), path, headers, body, query)


def is_sound(answer: HttpAnswer) -> bool:
    document = answer.document
    said = {"receipt"} if answer.status == 202 else {"message", "region"} if answer.status == 421 else {"message"}
    return (
        answer.status in STATUSES and set(document) == said and all(isinstance(each, str) for each in document.values())
    )


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as-described", "otherwise"])
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_whatever_comes_is_answered_soundly(door: Door, operation: Any, mode: GenerationMode, *, signed: bool) -> None:
    """No 5xx, nothing but the answers that are described; and what is not signed is never taken."""
    source = operation.path.split("/")[2]
    region = CONNECTORS[source].region if CONNECTORS[source].region in REGIONS else REGIONS[0]

    @FEW
    @given(case=operation.as_strategy(generation_mode=mode))
    def fire(case: Any) -> None:
        request = sent(case)
        if signed and region == CONNECTORS[source].region:
            headers = {**{name.lower(): value for name, value in request.headers}, **door.headers(source, request.body)}
            request = HttpRequest(request.method, request.path, list(headers.items()), request.body, request.query)
        answer = door.aws.ask(region, request)
        assert is_sound(answer), answer
        assert signed or answer.status != 202
        taken.add(answer.status)

    taken: set[int] = set()
    fire()
    if signed and mode is GenerationMode.POSITIVE and region == CONNECTORS[source].region:
        assert 202 in taken, "what is described is taken"


METHODS = st.sampled_from(
    ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "post"]
) | st.text(st.characters(categories=["Lu"]), min_size=1, max_size=8)
PATHS = st.text(max_size=30).map("/{}".format) | st.sampled_from(
    [
        "/v1/shopify/orders/../../..",
        "/v1/shopify//orders",
        "/v1/%73hopify/orders",
        "/v1/shopify/orders%2f",
        "/V1/shopify/orders",
    ]
)


@settings(FEW, max_examples=100)
@given(METHODS, PATHS, st.binary(max_size=50))
def test_no_other_method_or_path_gets_in(door: Door, method: str, path: str, body: bytes) -> None:
    headers = door.headers("shopify", body, **{"x-shopify-topic": "orders/create"})
    answer = door.aws.ask("eu-central-1", HttpRequest(method, path, list(headers.items()), body))
    assert (answer.status, answer.document) == (404, NOT_FOUND)


@settings(FEW, max_examples=50)
@given(headers=st.dictionaries(st.text(min_size=1, max_size=12), st.text(max_size=40), max_size=6), twice=st.booleans())
def test_no_header_gets_in_or_breaks_the_door(door: Door, headers: dict[str, str], twice: bool) -> None:
    body = b'{"id": 1}'
    signed = list(door.headers("shopify", body, **{"x-shopify-topic": "orders/create"}).items())
    others = [pair for pair in headers.items() if pair[0].lower() not in dict(signed)]
    wrong = [(name, f"{value}x" if "hmac" in name else value) for name, value in signed]
    for given_headers in (wrong + others, signed + wrong if twice else [*others]):
        answer = door.aws.ask("eu-central-1", HttpRequest("POST", "/v1/shopify/orders", given_headers, body))
        assert answer.status in {401, 415}
        assert is_sound(answer)
