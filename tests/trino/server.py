"""A Trino server on the loopback address for as long as a context lasts."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.trino import distribution
from tests.trino.client import Trino

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAP = "-Xmx2G"
PATIENCE = 180  # seconds until it must answer
_JVM = (
    "-server",
    HEAP,
    "-XX:+UseG1GC",
    "-XX:+ExitOnOutOfMemoryError",
    "--add-modules=jdk.incubator.vector",
    "-Djdk.attach.allowAttachSelf=true",
    "-Duser.timezone=UTC",
)

Properties = dict[str, str]


@contextmanager
def running(catalogs: Mapping[str, Properties]) -> Iterator[Trino]:
    """Start a server with these catalogs (name to properties), wait until it answers, and stop it at the end.

    Raises:
        TrinoMissing: if there is no server or no Java.
        RuntimeError: if it does not start, or ends before it is stopped; ends with the last lines of its log.
    """
    home, java, port = distribution.home(), distribution.java(), free_port()
    with tempfile.TemporaryDirectory(prefix="watershed-trino-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        etc, log = folder / "etc", folder / "server.log"
        _write(etc / "config.properties", _configuration(port, home, etc))
        for catalog, properties in catalogs.items():
            _write(etc / "catalog" / f"{catalog}.properties", properties)
        identity = {"node.environment": "judge", "node.data-dir": str(folder / "data"), "node.bind-ip": "127.0.0.1"}
        options = [f"-D{key}={value}" for key, value in identity.items()]
        command = [str(java), "-cp", f"{home}/lib/*", *_JVM, *options, f"-Dconfig={etc}/config.properties"]
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(  # noqa: S603 - our own arguments
                [*command, "io.trino.server.TrinoServer"], cwd=folder, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            _wait(process, port)
            yield Trino(f"http://127.0.0.1:{port}")
        finally:
            ended = process.poll()
            _stop(process)
            if ended is not None:
                last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
                raise RuntimeError(f"Trino ended on its own with code {ended}. Its log ends:\n{last}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _configuration(port: int, home: Path, etc: Path) -> Properties:
    return {
        "coordinator": "true",
        "node-scheduler.include-coordinator": "true",
        "http-server.http.port": str(port),
        "node.internal-address": "127.0.0.1",
        "discovery.uri": f"http://127.0.0.1:{port}",
        "query.max-memory": "1GB",
        "catalog.config-dir": str(etc / "catalog"),
        "plugin.dir": str(home / "plugin"),
    }


def _write(path: Path, properties: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{key}={value}\n" for key, value in properties.items()), encoding="utf-8")


def free_port() -> int:
    """A port on the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None:
        if _answers(port):
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"Trino did not start within {PATIENCE} s.")
        time.sleep(0.5)
    raise RuntimeError("Trino did not start.")


def _answers(port: int) -> bool:
    """Whether the server has started; until then it refuses connections or says so."""
    try:
        return Trino(f"http://127.0.0.1:{port}").started()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
