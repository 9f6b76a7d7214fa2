"""Trino's REST protocol, as far as a comparison needs it: send a statement, follow the pages, keep every digit."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

from tests.trino import text
from tests.trino.answer import Answer, Refused

_BUSY = (502, 503, 504)
_HEADERS = {
    "X-Trino-User": "watershed",
    "X-Trino-Time-Zone": "UTC",
    # Without this, every timestamp is cut to milliseconds.
    "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
}


class Trino:
    """A server at an address such as `http://127.0.0.1:8080`; the session's time zone is UTC, as in Athena."""

    def __init__(self, address: str) -> None:
        self._address = address

    def started(self) -> bool:
        """Whether the server has finished starting."""
        return self._json(f"{self._address}/v1/info")["starting"] is False

    def version(self) -> str:
        """The server's version, e.g. `476`."""
        return str(self._json(f"{self._address}/v1/info")["nodeVersion"]["version"])

    def run(self, sql: str, *, catalog: str | None = None) -> Answer:
        """Run one statement to its end. Tables without a catalog are looked up in `catalog`.

        Raises:
            Refused: with Trino's code and words.
        """
        headers = _HEADERS | ({"X-Trino-Catalog": catalog} if catalog else {})
        page = self._json(f"{self._address}/v1/statement", headers, sql.encode())
        columns: list[dict[str, Any]] = []
        rows: list[list[Any]] = []
        while True:
            if page.get("error"):
                raise Refused(page["error"]["errorName"], page["error"]["message"])
            columns = columns or page.get("columns") or []
            rows += page.get("data") or []
            if not page.get("nextUri"):
                break
            page = self._json(page["nextUri"], headers)
        signatures = [column["typeSignature"] for column in columns]
        return Answer(
            tuple((column["name"], column["type"]) for column in columns),
            tuple(tuple(map(text.athena, row, signatures)) for row in rows),
        )

    def ask(self, sql: str) -> Answer | str:
        """As `run`, with the code of a failure as the answer. A final semicolon is dropped, as Athena does."""
        try:
            return self.run(sql.rstrip().rstrip(";"))
        except Refused as refused:
            return refused.code

    def _json(self, address: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> dict[str, Any]:
        request = urllib.request.Request(address, data=body, headers=headers or {})  # noqa: S310 - http, loopback
        while True:
            try:
                with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
                    made: dict[str, Any] = json.loads(response.read(), parse_float=str)
                    return made
            except urllib.error.HTTPError as error:
                if error.code not in _BUSY:
                    raise
                time.sleep(0.1)
