"""The door to S3: ranges read are the object's bytes, writes are whole or not at all, nothing is deleted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from watershed import ranges
from watershed.silver.file_io import CLIENT, S3FileIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        made = boto3.Session("test", "test", region_name="us-east-1").client("s3")
        made.create_bucket(Bucket="lake")
        yield made


@pytest.fixture
def store(client: Any) -> S3FileIO:
    return S3FileIO({CLIENT: client})


def put(store: S3FileIO, location: str, data: bytes, *, overwrite: bool = False) -> None:
    with store.new_output(location).create(overwrite=overwrite) as stream:
        stream.write(data)


@pytest.mark.parametrize("key", ["a", "data/day=2024-01-05/x.parquet", "data/c=a%2Fb+c/x y#1?.parquet", "ü/👍"])
def test_what_was_written_is_read(store: S3FileIO, key: str) -> None:
    location = f"s3://lake/{key}"
    assert not store.new_input(location).exists()
    output = store.new_output(location)
    with output.create() as stream:
        stream.write(b"some")
        stream.write(b"thing")
    assert len(output) == 9
    assert output.exists()
    read = output.to_input_file()
    assert len(read) == len(store.new_output(location)) == 9
    assert read.open().read() == b"something"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(-1, 40)),
        st.tuples(st.just("start"), st.integers(0, 60)),
        st.tuples(st.just("here"), st.integers(-20, 20)),
        st.tuples(st.just("end"), st.integers(-60, 5)),
    ),
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 50), steps=STEPS)
def test_ranges_are_the_object_s_bytes(
    store: S3FileIO, monkeypatch: pytest.MonkeyPatch, size: int, steps: list[tuple[str, int]]
) -> None:
    monkeypatch.setattr(ranges, "_AT_ONCE", 8)
    data = bytes(range(size))
    put(store, "s3://lake/x", data, overwrite=True)
    stream, reference = store.new_input("s3://lake/x").open(), io.BytesIO(data)
    for step, number in steps:
        if step == "read":
            assert stream.read(number) == reference.read(number)
        else:
            base = {"start": 0, "here": reference.tell(), "end": size}[step]
            assert stream.seek(max(base + number, 0)) == reference.seek(max(base + number, 0))
        assert stream.tell() == reference.tell()


def test_a_small_object_costs_one_request(store: S3FileIO, client: Any) -> None:
    put(store, "s3://lake/x", b"0123456789")
    requests: list[Any] = []
    client.meta.events.register("before-call.s3", lambda **call: requests.append(call["model"].name))
    with store.new_input("s3://lake/x").open() as stream:
        stream.seek(-4, io.SEEK_END)
        assert stream.read(2) == b"67"
        stream.seek(0)
        assert stream.read() == b"0123456789"
    assert requests == ["GetObject"]


def test_nothing_is_written_when_writing_fails(store: S3FileIO) -> None:
    def write_half() -> None:
        with store.new_output("s3://lake/x").create() as stream:
            stream.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert not store.new_input("s3://lake/x").exists()


def test_an_object_is_overwritten_only_when_told_so(store: S3FileIO) -> None:
    put(store, "s3://lake/x", b"first")
    with pytest.raises(FileExistsError, match="s3://lake/x"):
        put(store, "s3://lake/x", b"second")
    assert store.new_input("s3://lake/x").open().read() == b"first"
    put(store, "s3://lake/x", b"third", overwrite=True)
    assert store.new_input("s3://lake/x").open().read() == b"third"


def test_a_missing_object_is_said_to_be_missing(store: S3FileIO) -> None:
    with pytest.raises(FileNotFoundError, match="s3://lake/x"):
        store.new_input("s3://lake/x").open()


@pytest.mark.parametrize(
    ("operation", "use"),
    [
        ("head_object", lambda store: store.new_input("s3://lake/x").exists()),
        ("get_object", lambda store: store.new_input("s3://lake/x").open()),
        ("put_object", lambda store: put(store, "s3://lake/x", b"")),
    ],
)
def test_other_errors_are_not_taken_for_absence(
    store: S3FileIO, client: Any, operation: str, use: Callable[[S3FileIO], object]
) -> None:
    with Stubber(client) as refusing:
        refusing.add_client_error(operation, "AccessDenied", http_status_code=403)
        with pytest.raises(ClientError, match="AccessDenied"):
            use(store)


def test_nothing_is_ever_deleted(store: S3FileIO) -> None:
    put(store, "s3://lake/x", b"kept")
    store.delete("s3://lake/x")
    assert store.new_input("s3://lake/x").exists()
