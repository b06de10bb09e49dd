"""The server: who gets in, and what it refuses."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPConnection

import cv2
import numpy as np
import pytest
import uvicorn

from ocrpipe.trying.app import MOST_BYTES, Try
from ocrpipe.trying.seeing import Eyes
from ocrpipe.web import Doors, listening
from tests.review.served import Visitor

BLANK = b64encode(cv2.imencode(".png", np.full((60, 200), 255, np.uint8))[1].tobytes()).decode()


@pytest.fixture(scope="module")
def doors(eyes: Eyes) -> Iterator[Doors]:
    with listening(0) as ours:
        doors = Doors(ours.getsockname()[1])
        app = Try(eyes, 0.03).app(doors)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [ours]})
        thread.start()
        yield doors
        server.should_exit = True
        thread.join()


def test_nobody_gets_in_without_the_token(doors: Doors) -> None:
    stranger = Visitor(Doors(doors.port, "guess"))
    for path in ("/", "/static/try.js", "/static/base.css", "/api/about"):
        assert stranger.get(path).status == 403
    assert stranger.post("/api/see", {"picture": BLANK, "kind": "zip"}).status == 403


def test_no_other_page_asks(doors: Doors) -> None:
    visitor, given = Visitor(doors), {"picture": BLANK, "kind": "zip"}
    assert visitor.post("/api/see", given, {"origin": "http://elsewhere.example"}).status == 403
    assert visitor.post("/api/see", given, {"content-type": "text/plain"}).status == 403
    assert visitor.get("/", {"host": "elsewhere.example"}).status == 421
    assert visitor.get("/api/see").status == 405


def test_every_answer_keeps_the_page_in(doors: Doors) -> None:
    visitor = Visitor(doors)
    for path in ("/", "/static/try.js", "/static/base.css", "/api/about", "/nowhere"):
        policy = visitor.get(path).getheader("content-security-policy") or ""
        assert "default-src 'none'" in policy and "unsafe" not in policy


def test_the_promise_of_the_command_is_among_those_offered(doors: Doors) -> None:
    told = json.loads(Visitor(doors).get("/api/about").body)  # type: ignore[attr-defined]
    assert told["max_error"] == 0.03 and 0.03 in told["promises"] and 0.01 in told["promises"]


@pytest.mark.parametrize(
    "given",
    [
        [], {}, {"picture": BLANK}, {"picture": BLANK, "kind": "micr"}, {"picture": BLANK, "kind": ["zip"]},
        {"picture": 7, "kind": "zip"}, {"picture": "no base64!", "kind": "zip"}, {"picture": "é", "kind": "zip"},
    ],
)  # fmt: skip
def test_nonsense_is_refused(doors: Doors, given: object) -> None:
    assert Visitor(doors).post("/api/see", given).status == 400


def test_what_is_nested_without_end_is_refused(doors: Doors) -> None:
    text = '{"picture": ' + "[" * 200_000
    connection = HTTPConnection("127.0.0.1", doors.port)
    headers = {"cookie": Visitor(doors).cookie, "origin": f"http://127.0.0.1:{doors.port}"}
    connection.request("POST", "/api/see", text, {**headers, "content-type": "application/json"})
    assert connection.getresponse().status == 400


def test_what_is_no_picture_is_refused_in_words(doors: Doors) -> None:
    for content in (b"Dear Sir", b"", b"<script>alert(1)</script>", b"\x89PNG\r\n\x1a\n" + bytes(40)):
        answer = Visitor(doors).post("/api/see", {"picture": b64encode(content).decode(), "kind": "zip"})
        trouble = json.loads(answer.body)["trouble"]  # type: ignore[attr-defined]
        assert answer.status == 422 and trouble.startswith("This picture cannot be read")


def test_more_than_is_taken_is_not_read(doors: Doors) -> None:
    answer = Visitor(doors).post("/api/see", {"picture": "A" * MOST_BYTES, "kind": "zip"})
    assert answer.status == 413 and b"32 MB" in answer.body  # type: ignore[attr-defined]


def test_maps_are_drawn_of_crops_alone(doors: Doors) -> None:
    visitor = Visitor(doors)
    for crop in (b64encode(bytes(1023)).decode(), "?", None):
        assert visitor.post("/api/maps", {"crop": crop}).status == 400
    layers = visitor.ask("/api/maps", {"crop": b64encode(bytes(1024)).decode()})["layers"]
    assert [layer["layer"] for layer in layers] == ["C1", "C3"]
