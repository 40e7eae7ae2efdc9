"""Another system that webhooks tell: a small HTTP server on this machine, which answers what a test wants."""

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Delivery:
    """What arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As the page for receivers says (docs/webhooks.md)."""
        stamp, _, given = self.headers["duban-signature"].partition(",v1=")
        signed = stamp.removeprefix("t=").encode() + b"." + self.body
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        fresh = abs(time.time() - int(stamp.removeprefix("t="))) < 60
        return fresh and hmac.compare_digest(given, expected)


@dataclass
class Receiver:
    """Another system. `answers` are the statuses to come, then 204 for ever; 0 hangs up without a word."""

    answers: list[int] = field(default_factory=list)
    got: list[Delivery] = field(default_factory=list)
    location: str = ""
    pause: float = 0.0
    port: int = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/duban?from=office"

    def events(self) -> list[tuple[str, str]]:
        return [(one.said["event"], one.said["subject"]) for one in self.got]

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        self.got.append(Delivery(handler.path, {k.lower(): v for k, v in handler.headers.items()}, body))
        time.sleep(self.pause)
        status = self.answers.pop(0) if self.answers else 204
        if status == 0:
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        handler.send_response(status)
        if self.location:
            handler.send_header("Location", self.location)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


def serving(receiver: Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.handle(self)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", receiver.port), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()
