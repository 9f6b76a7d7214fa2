"""The same AWS over HTTP, for clients in other processes, on the loopback address only."""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from watershed.errors import ConfigurationError

from local.aws.http_apis import LARGEST, HttpAnswer, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Ask = Callable[[str, HttpRequest], HttpAnswer]  # the region, and what its door is asked

HOST = "127.0.0.1"
DOOR = "/_door/"  # no bucket's name begins with an underscore, so no request to S3 begins like this


@contextmanager
def serving(port: int, ask: Ask) -> Iterator[str]:
    """Serve while the context lasts; gives the endpoint's address. Each region's door is `<address>/_door/<region>`.

    Args:
        port: 0 takes a free one.
        ask: What a door answers; raises LookupError for a region without one.

    Raises:
        ConfigurationError: if the port is taken; moto's server would wait for ever.
    """
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:  # the latter: no port has this number
            remedy = "Choose another port, or stop what uses it."
            raise ConfigurationError(
                f"Port {port} on {HOST} cannot be used: {getattr(error, 'strerror', error)}.", remedy=remedy
            ) from error
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # one line per request otherwise
    moto = DomainDispatcherApplication(create_backend_app)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(DOOR):
            answered: Iterable[bytes] = moto(environ, start_response)
            return answered
        answer = _asked(environ, ask)
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        start_response(status, [*answer.headers.items(), ("content-length", str(len(answer.body)))])
        return [answer.body]

    server = make_server(HOST, port, application, threaded=True, request_handler=MotoRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _asked(environ: dict[str, Any], ask: Ask) -> HttpAnswer:
    """Ask a door. Whatever a request holds, it is answered."""
    target, _, query = str(environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")
    region, _, path = target.removeprefix(DOOR).partition("/")
    names = (key for key in environ if key.startswith("HTTP_"))
    headers = [(key.removeprefix("HTTP_").replace("_", "-"), environ[key]) for key in names]
    headers += [("content-type", environ["CONTENT_TYPE"])] if environ.get("CONTENT_TYPE") else []
    length = str(environ.get("CONTENT_LENGTH") or "0")
    size = min(int(length), LARGEST + 1) if length.isdecimal() else 0
    body = environ["wsgi.input"].read(size)
    request = HttpRequest(environ["REQUEST_METHOD"], f"/{path}", headers, body, query)
    try:
        return ask(region, request)
    except LookupError:
        return HttpAnswer(HTTPStatus.NOT_FOUND, {"content-type": "application/json"}, b'{"message": "Not Found"}')
