"""The server: who gets in, what it refuses, and what a page learns of an item."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ocrpipe.web import Doors
from tests.builders import row_of, write_results
from tests.review.served import Visitor, served

EVIL = "<script>alert(1)</script>.png"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    picture = np.full((40, 120), 200, np.uint8)
    rows = [
        row_of(EVIL, status="review", sha256="1" * 64, picture=picture, confidence=0.4),
        row_of("../../../etc/passwd", status="review", sha256="2" * 64, confidence=0.5),
        row_of("z.png", status="accepted", sha256="3" * 64),
    ]
    write_results(tmp_path / "r.parquet", rows)
    return tmp_path / "r.parquet"


@pytest.fixture
def doors(results: Path) -> Iterator[Doors]:
    with served(results, audit=1.0) as doors:
        yield doors


def test_nobody_gets_in_without_the_token(doors: Doors) -> None:
    stranger = Visitor(Doors(doors.port, "guess"))
    assert stranger.cookie == ""
    for path in ("/", "/static/review.js", "/picture/0", "/page/0", "/api/numbers"):
        assert stranger.get(path).status == 403
    assert stranger.post("/api/next", {}).status == 403


def test_the_cookie_is_for_the_server_alone(doors: Doors) -> None:
    answer = Visitor(doors).get(f"/?token={doors.token}")
    assert answer.status == 303 and answer.getheader("location") == "/"
    fresh = Visitor(Doors(doors.port, "guess")).get(f"/?token={doors.token}")
    cookie = fresh.getheader("set-cookie") or ""
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower()


def test_no_other_page_writes(doors: Doors) -> None:
    visitor = Visitor(doors, "Ann")
    elsewhere = "http://elsewhere.example"
    assert visitor.post("/api/undo", {}, {"origin": elsewhere}).status == 403
    assert visitor.post("/api/undo", {}, {"origin": f"http://127.0.0.1:{doors.port + 1}"}).status == 403
    assert visitor.post("/api/undo", {}, {"content-type": "text/plain"}).status == 403
    assert visitor.get("/", {"host": "elsewhere.example"}).status == 421


def test_every_answer_keeps_the_page_in(doors: Doors) -> None:
    visitor = Visitor(doors)
    for path in ("/", "/static/review.css", "/picture/0", "/nowhere"):
        answer = visitor.get(path)
        policy = answer.getheader("content-security-policy") or ""
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert answer.getheader("x-content-type-options") == "nosniff"
        assert answer.getheader("cache-control") == "no-store"


def test_an_item_names_no_file_of_the_machine(doors: Doors, tmp_path: Path) -> None:
    first, second = Visitor(doors, "Ann").next(2)
    assert first["source"] == "../../../etc/passwd" and second["source"] == EVIL
    assert "cannot be opened" in first["page_picture"]["trouble"]
    assert str(tmp_path) not in json.dumps([first, second])


def test_the_kept_picture_serves_where_the_scan_is_gone(doors: Doors) -> None:
    visitor = Visitor(doors, "Ann")
    item = visitor.next(1, source=EVIL)[0]
    assert (item["field_picture"]["width"], item["field_picture"]["height"]) == (120, 40)
    answer = visitor.get(item["field_picture"]["url"])
    assert answer.status == 200 and answer.getheader("content-type") == "image/png"


def test_a_blind_item_tells_nothing_of_the_machine(doors: Doors) -> None:
    item = Visitor(doors, "Ann").next(1, part="audit")[0]
    assert item["blind"] and "1234.56" not in json.dumps(item) and "1284.56" not in json.dumps(item)


@pytest.mark.parametrize(
    "given",
    [
        {"count": "many"}, {"order": "name"}, {"chosen": {"value": "1"}}, {"chosen": {"part": "all"}}, {"held": [99]},
        {"held": ["0"]}, [],
    ],
)  # fmt: skip
def test_nonsense_is_refused(doors: Doors, given: object) -> None:
    visitor = Visitor(doors, "Ann")
    assert visitor.post("/api/next", given).status == 400
    assert visitor.post("/api/decide", {"item": -1, "action": "value", "text": "1"}).status == 400
    assert visitor.post("/api/decide", {"item": 0, "action": "drop"}).status == 400
    assert visitor.get("/picture/99").status == 404


def test_names_are_asked_for_and_checked(doors: Doors) -> None:
    visitor = Visitor(doors)
    assert visitor.post("/api/next", {}).status == 422
    for name in ("a, b", "x" * 41, "a\u202eb"):
        assert visitor.post("/api/who", {"name": name}).status == 422
    assert visitor.ask("/api/who", {"name": "  Ann  Lee "})["name"] == "Ann Lee"
    assert visitor.ask("/api/who", {})["name"] == "Ann Lee"


def test_the_numbers_of_a_short_evening(doors: Doors) -> None:
    ann = Visitor(doors, "Ann")
    for item in ann.next(3):
        text = "1234.56" if item["source"] != "z.png" else "7234.56"
        if ann.key(item["id"], text)["again"] is not None:
            ann.key(item["id"], text, confirmed=True)
    told = json.loads(ann.get("/api/numbers").body)  # type: ignore[attr-defined]
    assert (told["left"], told["promise"]["wrong"], told["promise"]["audited"]) == (0, 1, 1)
    assert sum(band["agreed"] for band in told["bands"]) == 2 and sum(band["fields"] for band in told["bands"]) == 3
    assert told["confused"] == [{"read": "1", "is": "7", "times": 1}]
    (person,) = told["people"]
    assert (
        person["who"] == "Ann"
        and person["fields"] == 4
        and person["keys_an_hour"] == pytest.approx((1 + 1 + 8 + 1) * 600)
    )
