"""Functions in this process: their own modules, environment and logs, and errors as Lambda reports them."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from local.aws import LocalAWS

REGION = "eu-central-1"
Resources = Callable[..., dict[str, Any]]
Deploy = Callable[..., None]


def invoke(aws: LocalAWS, event: Any = None, *, name: str = "work", region: str = REGION) -> Any:
    answer = aws.client("lambda", region).invoke(FunctionName=name, Payload=json.dumps(event))
    return json.load(answer["Payload"])


def layer(key: str) -> dict[str, Any]:
    content = {"S3Bucket": {"Fn::Sub": "assets-${AWS::AccountId}-${AWS::Region}"}, "S3Key": key}
    return {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {"LayerName": key.split(".", maxsplit=1)[0], "Content": content},
    }


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_the_sandbox_stays_warm_and_regions_do_not_share_it(aws: LocalAWS, deploy: Deploy, function: Resources) -> None:
    code = "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return count"
    deploy(function(code), regions=(REGION, "us-east-1"))
    assert [invoke(aws), invoke(aws), invoke(aws, region="us-east-1")] == [1, 2, 1]


def test_functions_have_their_own_modules_and_share_third_party_ones(
    aws: LocalAWS, deploy: Deploy, function: Resources, tmp_path: Path
) -> None:
    library = write(tmp_path / "library", {"python/shared_state/__init__.py": "seen = []\n"})
    code = (
        "import boto3, shared_state\n"
        "def handler(event, context):\n"
        "    shared_state.seen.append(event)\n"
        "    return [shared_state.seen, id(boto3)]"
    )
    deploy(
        {
            **function(code, name="one", Layers=[{"Ref": "Library"}]),
            **function(code, name="two", Layers=[{"Ref": "Library"}]),
            "Library": layer("library.zip"),
        },
        assets={"library.zip": library},
    )
    first, second = invoke(aws, "a", name="one"), invoke(aws, "b", name="two")
    assert first[0] == ["a"]
    assert second[0] == ["b"]
    assert first[1] == second[1]
    assert "shared_state" not in sys.modules


def test_the_deployed_library_is_used_and_never_the_checkout(
    aws: LocalAWS, deploy: Deploy, function: Resources, tmp_path: Path
) -> None:
    import watershed

    deployed = write(tmp_path / "library", {"python/watershed/__init__.py": "VALUE = 'deployed'\n"})
    code = "import watershed\ndef handler(event, context): return watershed.VALUE"
    bare = "def handler(event, context):\n    import {}\n    return 'found'"
    deploy(
        {
            **function(code, Layers=[{"Ref": "Library"}]),
            **function(bare.format("watershed"), name="bare"),
            **function(bare.format("infra"), name="app"),
            "Library": layer("library.zip"),
        },
        assets={"library.zip": deployed},
    )
    assert invoke(aws) == "deployed"
    assert invoke(aws, name="bare")["errorType"] == "ModuleNotFoundError"
    assert invoke(aws, name="app")["errorType"] == "ModuleNotFoundError"
    assert sys.modules["watershed"] is watershed


def test_code_comes_before_layers_and_packages_can_be_imported_late(
    aws: LocalAWS, deploy: Deploy, function: Resources, tmp_path: Path
) -> None:
    packed = write(tmp_path / "code", {"pkg/main.py": "def handler(e, c):\n    from both import WHO\n    return WHO\n"})
    write(packed, {"both.py": "WHO = 'function'\n", "pkg/__init__.py": ""})
    library = write(tmp_path / "library", {"python/both.py": "WHO = 'layer'\n"})
    resources = {
        **function("", Layers=[{"Ref": "Library"}], Handler="pkg.main.handler"),
        "Library": layer("library.zip"),
    }
    bucket = {"Fn::Sub": "assets-${AWS::AccountId}-${AWS::Region}"}
    resources["Work"]["Properties"]["Code"] = {"S3Bucket": bucket, "S3Key": "code.zip"}
    deploy(resources, assets={"code.zip": packed, "library.zip": library})
    assert invoke(aws) == "function"
    assert invoke(aws) == "function"


def test_the_environment_is_the_functions_alone(
    aws: LocalAWS, deploy: Deploy, function: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_DEVELOPER", "x")
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    code = (
        "import os, time, datetime\n"
        "def handler(event, context):\n"
        "    os.environ['LEFT_BEHIND'] = 'x'\n"
        "    return [dict(os.environ), datetime.datetime.now().astimezone().utcoffset().total_seconds()]"
    )
    deploy(function(code, Environment={"Variables": {"STAGE": "bronze"}}))
    before = dict(os.environ)
    environment, offset = invoke(aws)
    assert dict(os.environ) == before
    assert time.tzname[0] == "EST"
    monkeypatch.undo()
    time.tzset()
    assert offset == 0
    assert environment["STAGE"] == "bronze"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == REGION
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "work"
    assert "SECRET_OF_THE_DEVELOPER" not in environment
    assert invoke(aws)[0]["LEFT_BEHIND"] == "x", "the sandbox is warm"


def test_the_environment_is_seen_by_the_functions_threads_alone(
    aws: LocalAWS, deploy: Deploy, function: Resources
) -> None:
    """Whoever goes through the variables while a function starts or ends would else miss one that it has just seen."""
    code = (
        "import os\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def handler(event, context):\n"
        "    with ThreadPoolExecutor() as pool:\n"
        "        return pool.submit(os.environ.get, 'STAGE').result()"
    )
    deploy(function(code, Environment={"Variables": {"STAGE": "bronze"}}))
    before, ended = dict(os.environ), threading.Event()

    def look() -> int:
        looks = 0
        while not ended.is_set():
            assert dict(os.environ.items()) == before
            looks += 1
        return looks

    with ThreadPoolExecutor() as pool:
        looking = pool.submit(look)
        try:
            assert {invoke(aws) for _ in range(50)} == {"bronze"}
        finally:
            ended.set()
        assert looking.result()


def test_the_context_counts_down(aws: LocalAWS, deploy: Deploy, function: Resources) -> None:
    code = (
        "import time\n"
        "def handler(event, context):\n"
        "    first = context.get_remaining_time_in_millis()\n"
        "    time.sleep(0.05)\n"
        "    return [first, context.get_remaining_time_in_millis(), context.invoked_function_arn,"
        " context.memory_limit_in_mb, context.aws_request_id]"
    )
    deploy(function(code, MemorySize=256))
    first, second, arn, memory, request = invoke(aws)
    assert 19_000 < second < first <= 20_000
    assert first - second >= 50
    assert arn == f"arn:aws:lambda:{REGION}:{aws.account}:function:work"
    assert memory == 256
    assert request == aws.invocations[0].request_id


def test_an_error_becomes_the_runtimes_document_and_is_logged(
    aws: LocalAWS, deploy: Deploy, function: Resources
) -> None:
    deploy(function("def handler(event, context):\n    print('before')\n    raise KeyError('column')"))
    answer = aws.client("lambda", REGION).invoke(FunctionName="work")
    assert answer["FunctionError"]
    document = json.load(answer["Payload"])
    assert document["errorType"] == "KeyError"
    assert document["errorMessage"] == "'column'"
    assert any("in handler" in line for line in document["stackTrace"])
    (run,) = aws.invocations
    assert run.error is not None
    assert "before\n" in run.log
    assert "KeyError: 'column'" in run.log


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def handler(event, context): return {1, 2}", "TypeError"),
        ("import nothing_of_the_kind\ndef handler(event, context): pass", "ModuleNotFoundError"),
        ("def other(event, context): pass", "AttributeError"),
        ("def handler(event, context): raise SystemExit(1)", "SystemExit"),
        ("def handler(event, context): return 'x' * 7_000_000", "Function.ResponseSizeTooLarge"),
    ],
)
def test_what_lambda_reports_as_errors(
    code: str, error: str, aws: LocalAWS, deploy: Deploy, function: Resources
) -> None:
    deploy(function(code))
    assert invoke(aws)["errorType"] == error


def test_a_function_that_takes_too_long_has_failed(aws: LocalAWS, deploy: Deploy, function: Resources) -> None:
    deploy(function("import time\ndef handler(event, context): time.sleep(1.05)", Timeout=1))
    document = invoke(aws)
    assert document["errorType"] == "Sandbox.Timedout"
    assert "timed out after 1.00 seconds" in document["errorMessage"]


@pytest.mark.parametrize(("statement", "calls"), [("raise SystemExit(1)", [1, 1]), ("raise ValueError", [1, 2])])
def test_after_an_exit_the_sandbox_is_cold_and_after_an_error_it_is_warm(
    statement: str, calls: list[int], aws: LocalAWS, deploy: Deploy, function: Resources
) -> None:
    code = (
        "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    print(count)\n    " + statement
    )
    deploy(function(code))
    invoke(aws)
    invoke(aws)
    assert [int(run.log.splitlines()[0]) for run in aws.invocations] == calls


def test_output_goes_to_cloudwatch_logs(
    aws: LocalAWS, deploy: Deploy, function: Resources, capsys: pytest.CaptureFixture[str]
) -> None:
    code = (
        "import logging, sys\n"
        "logger = logging.getLogger('own'); logger.addHandler(logging.StreamHandler(sys.stdout))\n"
        "def handler(event, context):\n"
        "    print('printed', event)\n"
        "    print('to standard error', file=sys.stderr)\n"
        "    logger.warning('logged')\n"
    )
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/lake/work"}}
    deploy({**function(code, LoggingConfig={"LogFormat": "JSON", "LogGroup": {"Ref": "Group"}}), "Group": group})
    invoke(aws, 1)
    invoke(aws, 2)
    logs = aws.client("logs", REGION)
    (stream,) = logs.describe_log_streams(logGroupName="/lake/work")["logStreams"]
    events = logs.get_log_events(logGroupName="/lake/work", logStreamName=stream["logStreamName"])["events"]
    messages = [event["message"] for event in events]
    assert messages[1:4] == ["printed 1", "to standard error", "logged"]
    assert "printed 2" in messages
    assert messages[0].startswith("START RequestId: ")
    logging.getLogger("own").handlers.clear()
    assert capsys.readouterr().out == ""


def test_a_logger_of_the_process_writes_to_the_functions_log_during_an_invocation(
    aws: LocalAWS, deploy: Deploy, function: Resources
) -> None:
    stream = io.StringIO()
    before = sys.stdout
    sys.stdout = stream
    try:
        handler = logging.StreamHandler(sys.stdout)
        logging.getLogger("everyone's").addHandler(handler)
        deploy(function("import logging\ndef handler(e, c): logging.getLogger(\"everyone's\").error('inside')"))
        invoke(aws)
        logging.getLogger("everyone's").error("outside")
    finally:
        logging.getLogger("everyone's").removeHandler(handler)
        sys.stdout = before
    assert aws.invocations[0].log == "inside\n"
    assert stream.getvalue() == "outside\n"


def test_so_does_one_that_was_made_when_standard_output_was_another_object(
    aws: LocalAWS, deploy: Deploy, function: Resources
) -> None:
    with open(1, "w", encoding="utf-8", closefd=False) as own:  # a descriptor
        handler = logging.StreamHandler(own)
        logging.getLogger("everyone's").addHandler(handler)
        try:
            deploy(function("import logging\ndef handler(e, c): logging.getLogger(\"everyone's\").error('inside')"))
            invoke(aws)
            assert handler.stream is own
        finally:
            logging.getLogger("everyone's").removeHandler(handler)
    assert aws.invocations[0].log == "inside\n"


def test_threads_that_ran_before_keep_their_output(
    aws: LocalAWS, deploy: Deploy, function: Resources, capsys: pytest.CaptureFixture[str]
) -> None:
    code = (
        "import threading, time\n"
        "def handler(event, context):\n"
        "    thread = threading.Thread(target=print, args=('of the handler',)); thread.start(); thread.join()\n"
        "    time.sleep(0.3)\n"
    )
    deploy(function(code))
    started, stop = threading.Event(), threading.Event()

    def progress() -> None:
        started.set()
        while not stop.wait(0.01):
            print("tick")  # noqa: T201 - what is tested

    thread = threading.Thread(target=progress)
    thread.start()
    started.wait()
    invoke(aws)
    stop.set()
    thread.join()
    assert aws.invocations[0].log == "of the handler\n"
    assert "tick" in capsys.readouterr().out


def test_handlers_may_use_threads_and_invoke_functions(aws: LocalAWS, deploy: Deploy, function: Resources) -> None:
    code = (
        "import boto3, json\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def handler(event, context):\n"
        "    s3 = boto3.client('s3')\n"
        "    with ThreadPoolExecutor(8) as pool:\n"
        "        list(pool.map(lambda n: s3.put_object(Bucket='bucket', Key=str(n), Body=b'x'), range(40)))\n"
        "    inner = boto3.client('lambda').invoke(FunctionName='inner', Payload=json.dumps(7))\n"
        "    return [s3.list_objects_v2(Bucket='bucket')['KeyCount'], json.load(inner['Payload'])]"
    )
    deploy(
        {
            **function(code),
            **function("import os\ndef handler(event, context): return [event, os.environ['WHO']]", name="inner")
            | {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "bucket"}}},
        }
        | function(
            "import os\ndef handler(event, context): return [event, os.environ['WHO']]",
            name="inner",
            Environment={"Variables": {"WHO": "inner"}},
        )
    )
    assert invoke(aws) == [40, [7, "inner"]]


def test_the_event_is_a_copy(aws: LocalAWS, deploy: Deploy, function: Resources) -> None:
    from moto.awslambda.utils import get_backend

    deploy(function("def handler(event, context):\n    event['list'].append(1)\n    return event"))
    event: dict[str, list[int]] = {"list": []}
    backend = get_backend(aws.account, REGION)
    backend.get_function("work")._invoke_lambda(event)
    assert event == {"list": []}
