"""A review behind its real server, and somebody who talks to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import uvicorn

from ocrpipe.review.app import Review
from ocrpipe.review.desk import Desk
from ocrpipe.review.pictures import Scans
from ocrpipe.review.record import Record, record_path
from ocrpipe.web import Doors, listening


@contextmanager
def served(results: Path, *, audit: float = 0.01, double_key: bool = False) -> Iterator[Doors]:
    """The review of `results`, as `ocrpipe review` opens it, in a thread."""
    record = Record(record_path(results))
    desk = Desk(results, audit, record, double_key, ())
    app = Review(desk, Scans(results, None), results, results.with_name("reviewed.parquet"))
    with listening(0) as ours:
        doors = Doors(ours.getsockname()[1])
        server = uvicorn.Server(uvicorn.Config(app.app(doors), log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [ours]})
        thread.start()
        try:
            yield doors
        finally:
            server.should_exit = True
            thread.join()
            record.close()


class Visitor:
    """A browser without a page: it has the cookie and asks."""

    def __init__(self, doors: Doors, name: str | None = None) -> None:
        self.doors = doors
        self.cookie = ""
        answer = self.get(f"/?token={doors.token}")
        self.cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
        if name is not None:
            self.ask("/api/who", {"name": name})

    def get(self, path: str, headers: dict[str, str] | None = None) -> HTTPResponse:
        return self._asked("GET", path, None, headers or {})

    def post(self, path: str, given: Any, headers: dict[str, str] | None = None) -> HTTPResponse:
        origin = f"http://127.0.0.1:{self.doors.port}"
        usual = {"origin": origin, "content-type": "application/json"}
        return self._asked("POST", path, json.dumps(given), {**usual, **(headers or {})})

    def ask(self, path: str, given: Any) -> Any:
        """What the page gets."""
        answer = self.post(path, given)
        assert answer.status == 200, (answer.status, answer.body)  # type: ignore[attr-defined]
        return json.loads(answer.body)  # type: ignore[attr-defined]

    def next(self, count: int = 1, held: tuple[int, ...] = (), order: str = "source", **chosen: str) -> list[Any]:
        given = {"count": count, "held": held, "order": order, "chosen": chosen}
        return list(self.ask("/api/next", given)["items"])

    def key(self, item: int, text: str = "", action: str = "value", *, confirmed: bool = False) -> Any:
        given = {"item": item, "action": action, "text": text, "seconds": 1.5, "confirmed": confirmed}
        return self.ask("/api/decide", given)

    def _asked(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.doors.port)
        connection.request(method, path, body, {"cookie": self.cookie, **headers})
        answer = connection.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        connection.close()
        return answer
