"""The layers themselves: each handler starts from its layers alone, with byte code that Lambda's Python accepts."""

from __future__ import annotations

import importlib.util
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from watershed import names
from watershed.names import RECEIVE, Stage

from infra.lake import compile_lake
from layers.build import NAMES, build, check_sizes, function_sizes
from layers.manifest import BUILD, FUNCTION_LAYERS, HOST, LAMBDA, LIBRARY, ROOT, RUNTIME, THIRD_PARTY
from local import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from layers.build import Built

    Start = Callable[..., dict[str, Any]]

MAGIC_314 = 3627  # of Python 3.14's byte code, all releases
UNCHECKED_HASH = 0b01  # the flags of byte code that is valid whatever its source file says

# Imports the handler as Lambda does, and hands it an event if there is one. The last line of the output is its answer
# and which modules all that took, and from where.
START = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import handler
from watershed import catalog
assert catalog.load().contracts
event = json.loads(sys.stdin.read())
answer = handler.handler(event, None) if event else None
files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
print(json.dumps({"answer": answer, "files": files}))
"""
DATA_LIBRARIES = {"pandas", "numpy", "awswrangler", "pyiceberg", "pyarrow", "duckdb"}
ACCOUNT, REGION = "123456789012", "eu-central-1"


@pytest.fixture(scope="module")
def host_layers() -> dict[str, Path]:
    """This machine's layers, built if need be and unpacked once."""
    folders = {}
    for layer in build(NAMES, HOST):
        folder = BUILD / "unpacked" / layer.contents
        if not folder.is_dir():
            with zipfile.ZipFile(layer.zip) as zipped:
                zipped.extractall(folder)
        folders[layer.name] = folder / "python"
    return folders


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Lambda's own Python brings besides the standard library."""
    folder = tmp_path_factory.mktemp("runtime")
    modules = {"python-dateutil": "dateutil"}
    for package in RUNTIME:
        found = importlib.util.find_spec(modules.get(package, package))
        assert found is not None
        assert found.origin is not None
        source = Path(found.origin)
        source = source.parent if source.name == "__init__.py" else source
        (folder / source.name).symlink_to(source)
    return folder


@pytest.fixture(scope="module")
def start(host_layers: dict[str, Path], runtime: Path, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Starts a function in a process of its own, with nothing on its path but what Lambda puts there."""
    _, lake = compile_lake(ROOT / "layers" / "lake", tmp_path_factory.mktemp("lake"))
    folders = {**host_layers, "lake": lake / "python"}

    def run(stage: str, event: dict[str, Any] | None = None, **environment: str) -> dict[str, Any]:
        code = ROOT / "functions" / stage
        path = [str(folder) for folder in (code, *(folders[layer] for layer in FUNCTION_LAYERS[stage]), runtime)]
        command = [sys.executable, "-I", "-S", "-B", "-W", "error", "-c", START, json.dumps(path)]
        done = subprocess.run(  # noqa: S603
            command, input=json.dumps(event), env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{stage}: {done.stderr[-2000:]}"
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    return run


@pytest.fixture(scope="module")
def started(start: Start) -> dict[str, dict[str, str]]:
    """The modules that each function's cold start loads, and their files."""
    return {stage: start(stage)["files"] for stage in FUNCTION_LAYERS}


@pytest.mark.parametrize("stage", FUNCTION_LAYERS)
def test_every_handler_starts_from_its_layers_alone(stage: str, started: dict[str, dict[str, str]]) -> None:
    own = {name: file for name, file in started[stage].items() if name.partition(".")[0] == "watershed"}
    assert own
    assert all(str(BUILD) in file for file in own.values() if file)
    assert not [file for file in started[stage].values() if "site-packages" in file and "boto" not in file]


@pytest.mark.parametrize(
    ("stage", "never"),
    [
        (RECEIVE, {*DATA_LIBRARIES, "yaml", "sqlglot", "requests"}),
        (Stage.COLLECT, {*DATA_LIBRARIES, "yaml", "sqlglot", "requests"}),
        (Stage.POLL, {*DATA_LIBRARIES, "yaml", "sqlglot", "requests"}),
        (Stage.BRONZE, {"pandas", "numpy", "awswrangler", "pyiceberg", "duckdb", "yaml", "sqlglot", "requests"}),
        (Stage.SILVER, {"pandas", "numpy", "awswrangler", "yaml", "sqlglot", "requests", "rich", "click"}),
        (Stage.GOLD, {"pandas", "numpy", "awswrangler", "pyiceberg", "pyarrow", "duckdb", "yaml", "sqlglot"}),
        (Stage.MAINTENANCE, {"pandas", "numpy", "awswrangler", "pyiceberg", "pyarrow", "duckdb", "yaml", "sqlglot"}),
    ],
)
def test_cold_starts_import_nothing_heavy_in_vain(
    stage: str, never: set[str], started: dict[str, dict[str, str]]
) -> None:
    assert not never & {name.partition(".")[0] for name in started[stage]}


@pytest.fixture
def aws() -> Iterator[dict[str, str]]:
    """An AWS with a region's raw to silver, and the environment by which functions find it."""
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "WATERSHED_ACCOUNT": ACCOUNT,
        "WATERSHED_JURISDICTION": "DE",
        "WATERSHED_ATTEMPTS": "3",
        **{f"WATERSHED_{stage.upper()}_DEAD_LETTER_URL": f"http://{host}:{port}/dead" for stage in Stage},
    }
    try:
        yield environment
    finally:
        server.stop()


def test_files_become_silver_by_the_layers_alone(aws: dict[str, str], start: Start, tmp_path: Path) -> None:
    def client(service: Any) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=aws["AWS_ENDPOINT_URL"],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    s3, sqs, glue = client("s3"), client("sqs"), client("glue")
    for layer in names.Layer:
        where = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=names.bucket(layer, ACCOUNT, REGION), CreateBucketConfiguration=where)
    glue.create_database(DatabaseInput={"Name": names.SILVER_DB})
    silver_queue = sqs.create_queue(QueueName=names.queue(Stage.SILVER), Attributes={"FifoQueue": "true"})["QueueUrl"]
    gold_queue = sqs.create_queue(QueueName=names.queue(Stage.GOLD))["QueueUrl"]

    raw, records = names.bucket(names.Layer.RAW, ACCOUNT, REGION), []
    for file in sample.write(tmp_path, rows=30):
        if file.region == REGION:
            key = f"{file.dataset}/{file.path.name}"
            s3.put_object(Bucket=raw, Key=key, Body=file.path.read_bytes())
            told = {"bucket": {"name": raw}, "object": {"key": key, "size": file.path.stat().st_size}}
            body = json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": told}]})
            records.append({"messageId": key, "body": body})
    assert len({record["messageId"].partition("/")[0] for record in records}) >= 5
    bronze = start(Stage.BRONZE, {"Records": records}, **aws, WATERSHED_SILVER_QUEUE_URL=silver_queue)
    assert bronze["answer"] == {"batchItemFailures": []}

    parts = []
    while batch := sqs.receive_message(
        QueueUrl=silver_queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["MessageGroupId"]
    ).get("Messages"):
        for message in batch:
            parts.append(
                {"messageId": message["MessageId"], "body": message["Body"], "attributes": message["Attributes"]}
            )
            sqs.delete_message(QueueUrl=silver_queue, ReceiptHandle=message["ReceiptHandle"])
    assert len(parts) >= 5
    silver = start(Stage.SILVER, {"Records": parts}, **aws, WATERSHED_GOLD_QUEUE_URL=gold_queue)
    assert silver["answer"] == {"batchItemFailures": []}

    tables = glue.get_tables(DatabaseName=names.SILVER_DB)["TableList"]
    assert {"customers", "transactions", "stores", "store_installs"} <= {table["Name"] for table in tables}
    bucket = names.bucket(names.Layer.SILVER, ACCOUNT, REGION)
    written = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="customers/")["Contents"]]
    assert [key for key in written if key.endswith(".parquet")]
    assert sqs.receive_message(QueueUrl=gold_queue).get("Messages")


@pytest.fixture(scope="module")
def lambda_layers() -> list[Built]:
    return build(NAMES, LAMBDA)


def test_functions_fit_into_lambda_with_room_to_spare(lambda_layers: list[Built]) -> None:
    sizes = function_sizes(lambda_layers)
    check_sizes(sizes)
    assert sizes["silver"] < 225 * 1024**2


@pytest.mark.parametrize("name", NAMES)
def test_byte_code_is_lambdas_and_not_tied_to_times(name: str, lambda_layers: list[Built]) -> None:
    (layer,) = [each for each in lambda_layers if each.name == name]
    assert layer.warning == ""
    with zipfile.ZipFile(layer.zip) as zipped:
        names = set(zipped.namelist())
        modules = {name for name in names if name.endswith(".py")}
        assert modules
        for module in modules:
            folder, _, file = module.rpartition("/")
            compiled = f"{folder}/__pycache__/{file.removesuffix('.py')}.cpython-314.pyc"
            assert compiled in names, f"{module} has no byte code"
            magic, line_end, flags = struct.unpack("<H2sI", zipped.open(compiled).read(8))
            assert (magic, line_end, flags) == (MAGIC_314, b"\r\n", UNCHECKED_HASH)


@pytest.mark.parametrize("name", THIRD_PARTY)
def test_libraries_are_for_lambdas_processor(name: str, lambda_layers: list[Built]) -> None:
    (layer,) = [each for each in lambda_layers if each.name == name]
    aarch64 = 183  # the ELF header's e_machine
    with zipfile.ZipFile(layer.zip) as zipped:
        assert "python/requirements.txt" in zipped.namelist()
        for member in zipped.namelist():
            if ".so" in member.rpartition("/")[2]:
                with zipped.open(member) as library:
                    head: Any = library.read(20)
                assert struct.unpack_from("<H", head, 18) == (aarch64,), member
                assert "x86_64" not in member


def test_the_library_carries_its_sql(lambda_layers: list[Built]) -> None:
    (layer,) = [each for each in lambda_layers if each.name == LIBRARY]
    source = ROOT / "layers" / LIBRARY
    expected = {str(file.relative_to(source)) for file in source.rglob("*.sql")}
    with zipfile.ZipFile(layer.zip) as zipped:
        assert expected <= set(zipped.namelist())
        assert expected
