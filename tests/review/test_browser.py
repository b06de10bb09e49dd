"""The review as people use it: the real server, a real browser, real results, real keys."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ocrpipe.review.record import Entry, Record, record_path
from tests.command import COMMAND, SAMPLES, Server

Open = Callable[..., Any]
Review = Callable[..., Server]


def _entries(results: Path) -> list[Entry]:
    return list(Record(record_path(results)).entries())


def _shown(page: Any) -> str:
    """What tells one item from the next."""
    return str(
        page.evaluate(
            "document.getElementById('origin').textContent + document.getElementById('field-name').textContent"
        )
    )


def _press(page: Any, key: str) -> None:
    """A key, until the next item (or nothing more) is shown."""
    before = _shown(page)
    page.keyboard.press(key)
    page.wait_for_function(
        "before => document.getElementById('work').hidden || before !== document.getElementById('origin').textContent "
        "+ document.getElementById('field-name').textContent",
        arg=before,
    )


def _meaning(page: Any, words: str) -> None:
    _says(page, "meaning", words)


def _choose(page: Any, facet: str, value: str) -> None:
    page.wait_for_selector(f"select[name={facet}] option[value={value}]", state="attached")
    page.select_option(f"select[name={facet}]", value)
    page.wait_for_selector("#work[aria-busy=false]")


def _says(page: Any, part: str, words: str) -> None:
    page.wait_for_function(
        "([part, words]) => document.getElementById(part).textContent.includes(words)", arg=[part, words]
    )


def test_keying_through_the_whole_queue(review: Review, page_of: Open, results: Path) -> None:
    page = page_of(review(results).address, "Ann")
    places, seen = set(), set()
    while page.is_visible("#work"):
        seen.add(_shown(page))
        places.add(str([page.locator(f"#{part}").bounding_box() for part in ("picture", "text", "view")]))
        _press(page, "Enter")
    assert page.is_visible("#empty") and len(seen) >= 50
    assert len(places) == 1  # nothing moves from field to field
    entries = _entries(results)
    assert len(entries) == len(seen)
    assert all(e.value == e.before and e.who == "Ann" and e.seconds > 0 for e in entries)
    assert {e.action for e in entries} == {"value", "blank"}


def test_typing_with_checks_as_one_types(review: Review, page_of: Open, results: Path) -> None:
    page = page_of(review(results).address, "Ann")
    _choose(page, "kind", "amount")
    page.keyboard.type("12.3.4")
    _meaning(page, "no amount")
    page.keyboard.press("Enter")
    _says(page, "message", "no amount")
    assert _entries(results) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+A")
    page.keyboard.type("1,204.5")
    _meaning(page, "= 1204.50")
    _press(page, "Enter")
    runner_up = page.locator("#runners-up button").nth(1).text_content().split()[1]
    page.keyboard.type("2")
    _meaning(page, f"= {runner_up}")
    _press(page, "Enter")
    first = page.input_value("#text")
    page.keyboard.press("Tab")
    page.wait_for_selector(".box.at")
    page.keyboard.type("9")
    _press(page, "Enter")
    for key in ("b", "x"):
        _press(page, key)
    told = [(entry.action, entry.value) for entry in _entries(results)]
    assert told == [
        ("value", "1204.50"), ("value", runner_up), ("value", "9" + first[1:]), ("blank", None), ("unreadable", None),
    ]  # fmt: skip


def test_undo_and_skip(review: Review, page_of: Open, results: Path) -> None:
    page = page_of(review(results).address, "Ann")
    first = _shown(page)
    _press(page, "x")
    second = _shown(page)
    _press(page, "u")
    assert _shown(page) == first
    _press(page, "Enter")
    assert _shown(page) == second
    _press(page, "s")
    assert [entry.action for entry in _entries(results)] == ["unreadable", "undo", "value", "skip"]


def test_tab_leads_out_of_the_line(review: Review, page_of: Open, results: Path) -> None:
    page = page_of(review(results).address, "Ann")
    for _ in range(page.locator("#text").input_value().__len__() + 1):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "text"


def test_two_browsers_share_the_work(review: Review, page_of: Open, results: Path) -> None:
    server = review(results)
    pages = [page_of(server.address, name) for name in ("Ann", "Bob")]
    while any(page.is_visible("#work") for page in pages):
        for page in pages:
            if page.is_visible("#work"):
                _press(page, "Enter")
    entries = _entries(results)
    assert len({entry.key for entry in entries}) == len(entries) >= 50
    assert {entry.who for entry in entries} == {"Ann", "Bob"}


def test_who_leaves_gives_back(review: Review, page_of: Open, results: Path) -> None:
    server = review(results)
    page = page_of(server.address, "Ann")
    first = _shown(page)
    page.goto("about:blank")
    assert _shown(page_of(server.address, "Bob")) == first


def test_whose_field_went_to_somebody_else_goes_on(review: Review, page_of: Open, results: Path) -> None:
    server = review(results)
    ann = page_of(server.address, "Ann")
    lost = _shown(ann)
    leave = "() => fetch('/api/leave', {method: 'POST', headers: {'content-type': 'application/json'}, body: '{}'})"
    ann.evaluate(leave)
    assert _shown(page_of(server.address, "Bob")) == lost
    _press(ann, "Enter")
    _says(ann, "message", "went to somebody else")
    assert _entries(results) == []


def test_a_third_settles_what_two_keyed_differently(review: Review, page_of: Open, results: Path) -> None:
    server = review(results, "--double-key")
    for name, text in (("Ann", "1.00"), ("Bob", "7.00")):
        page = page_of(server.address, name)
        _choose(page, "kind", "amount")
        assert page.input_value("#text") == "" and page.locator(".figure").count() == 0
        page.keyboard.type(text)
        _press(page, "Enter")
        page.context.close()
    page = page_of(server.address, "Eve")
    _says(page, "why", "“1.00” and “7.00”")
    page.keyboard.press("Control+A")
    page.keyboard.type("7.00")
    _press(page, "Enter")
    page.get_by_role("button", name="Export").click()
    _says(page, "message", "1 fields")
    told = duckdb.sql(f"select * from '{results.with_name('reviewed.parquet')}' where reviewed_at is not null")
    assert told.select("value, status, reviewed_by").fetchall() == [("7.00", "accepted", "Ann, Bob, Eve")]


def test_killed_in_the_middle(review: Review, page_of: Open, results: Path) -> None:
    server = review(results)
    page = page_of(server.address, "Ann")
    for _ in range(7):
        _press(page, "Enter")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    page.keyboard.press("Enter")
    _says(page, "message", "does not answer")
    assert len(_entries(results)) == 7
    page = page_of(review(results).address, "Ann")
    while page.is_visible("#work"):
        _press(page, "Enter")
    entries = _entries(results)
    assert len({entry.key for entry in entries}) == len(entries) >= 50


def test_the_original_never_changes(review: Review, page_of: Open, results: Path) -> None:
    before = results.read_bytes()
    page = page_of(review(results).address, "Ann")
    _press(page, "b")
    page.get_by_role("button", name="Export").click()
    _says(page, "message", "reviewed.parquet")
    assert results.read_bytes() == before
    store = sqlite3.connect(record_path(results))
    assert store.execute("PRAGMA journal_mode").fetchall() == [("wal",)]


def test_a_name_of_a_file_is_never_run(review: Review, page_of: Open, tmp_path: Path) -> None:
    evil = '<img src=x onerror=alert(1)><script>alert(2)</script>".jpg'.replace("/", "∕")
    (tmp_path / "scans").mkdir()
    shutil.copy(SAMPLES / "envelopes" / "handwritten.jpg", tmp_path / "scans" / evil)
    results = tmp_path / "results.parquet"
    subprocess.run(
        [
            *COMMAND,
            "run",
            str(tmp_path / "scans"),
            "--max-error",
            "0.001",
            "--out",
            str(results),
            "--jobs",
            "1",
            "--quiet",
        ],
        check=True,
    )
    page = page_of(review(results).address, "<b>Ann</b>")
    page.wait_for_selector("#view img")
    assert evil in page.locator("#origin").text_content()
    assert page.locator("#who").text_content() == "<b>Ann</b>"
    page.wait_for_timeout(200)  # a dialog would be a complaint


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_to_all(review: Review, page_of: Open, results: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = page_of(review(results).address, color_scheme=scheme, bypass_csp=True)

    def check(what: str) -> None:
        found = axe.run(page).response["violations"]
        assert found == [], (what, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found])

    page.wait_for_selector("#name-dialog[open]")
    check("name")
    page.fill("#name", "Ann")
    page.keyboard.press("Enter")
    page.wait_for_selector(".figure")
    check("field")
    page.keyboard.type("1.1.1")
    _meaning(page, "no ")
    check("refused")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    check("keys")
    page.keyboard.press("Escape")
    for _ in range(3):
        _press(page, "Enter")
    page.goto(page.url.rstrip("/") + "/numbers")
    page.wait_for_selector("#bands svg")
    check("numbers")
