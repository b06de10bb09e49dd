"""Leases, undo, skipping, blind keys and two keyers, without a browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrpipe.fields.template import load_template
from ocrpipe.review import desk as desk_module
from ocrpipe.review.desk import Desk, Gone, Keying, Person, Refused
from ocrpipe.review.record import Record, record_path
from tests.builders import row_of, write_results

ANN, BOB, EVE = Person("Ann", "1"), Person("Bob", "2"), Person("Eve", "3")
Opened = Callable[..., Desk]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A review of four fields in doubt, the first and surest of which was accepted."""
    results = tmp_path / "r.parquet"
    rows = [
        row_of(f"{n}.png", status="accepted" if n == 0 else "review", confidence=1 - n / 10, sha256=f"{n:064x}")
        for n in range(4)
    ]
    write_results(results, rows)

    def open_it(double_key: bool = False, audit: float = 1.0) -> Desk:
        return Desk(results, audit, Record(record_path(results)), double_key, ())

    return open_it


def _take(desk: Desk, person: Person, count: int = 1, held: tuple[int, ...] = ()) -> list[int]:
    return desk.take(person, count, "doubt", {}, held)


def test_nobody_is_shown_what_somebody_else_has(opened: Opened) -> None:
    desk = opened()
    assert (_take(desk, ANN, 2), _take(desk, BOB, 4)) == ([3, 2], [1, 0])
    with pytest.raises(Gone, match="somebody else"):
        desk.decide(BOB, Keying(3, "blank"))
    desk.give_back(ANN)
    assert _take(desk, BOB, 4, held=(1, 0)) == [3, 2]


def test_a_lease_ends_by_itself(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = opened()
    _take(desk, ANN, 4)
    assert _take(desk, BOB) == []
    later = time.monotonic() + desk_module.LEASE_S + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert _take(desk, BOB) == [3]
    with pytest.raises(Gone):
        desk.decide(ANN, Keying(3, "blank"))
    assert desk.decide(ANN, Keying(2, "blank")).state == "settled"  # hers is over, but nobody took it


def test_decisions_outlive_the_desk(opened: Opened) -> None:
    desk = opened()
    _take(desk, ANN, 4)
    assert desk.decide(ANN, Keying(3, "value", "99.5")).entry.value == "99.50"
    desk.decide(ANN, Keying(2, "unreadable"))
    desk.record.close()
    again = opened()
    assert _take(again, BOB, 4) == [1, 0]
    assert again.counts({})["left"] == 2


def test_undo_brings_it_back(opened: Opened) -> None:
    desk = opened()
    _take(desk, ANN, 2)
    desk.decide(ANN, Keying(3, "blank"))
    desk.decide(ANN, Keying(2, "value", "7"))
    assert desk.undo(ANN) == 2
    assert desk.settlement(2).state == "open"
    assert desk.undo(ANN) == 3
    with pytest.raises(Refused, match="nothing to undo"):
        desk.undo(ANN)
    assert _take(desk, BOB) == [1]  # both are Ann's again
    desk.decide(ANN, Keying(3, "value", "8"))
    verdict = desk.settlement(3).verdict
    assert verdict is not None and verdict.value == "8.00"


def test_undo_reaches_what_was_keyed_before_the_server_was_killed(opened: Opened) -> None:
    desk = opened()
    _take(desk, ANN, 2)
    desk.decide(ANN, Keying(3, "blank"))
    desk.decide(ANN, Keying(2, "blank"))
    desk.undo(ANN)
    assert opened().undo(ANN) == 3


def test_what_was_skipped_comes_last(opened: Opened) -> None:
    desk = opened()
    assert _take(desk, ANN) == [3]
    desk.decide(ANN, Keying(3, "skip"))
    assert _take(desk, ANN, 4) == [2, 1, 0]
    for item in (2, 1):
        desk.decide(ANN, Keying(item, "blank"))
    desk.decide(ANN, Keying(0, "value", "1234.56"))
    assert _take(desk, ANN) == [3]


def test_what_is_no_value_is_refused_and_not_on_the_record(opened: Opened) -> None:
    desk = opened()
    _take(desk, ANN)
    with pytest.raises(Refused, match="no amount"):
        desk.decide(ANN, Keying(3, "value", "12.3.4"))
    assert list(desk.record.entries()) == []


def test_a_lone_figure_is_a_runner_up(opened: Opened) -> None:
    desk = opened()
    _take(desk, ANN)
    assert desk.decide(ANN, Keying(3, "value", "1")).entry.value == "1284.56"


def test_who_checks_the_accepted_is_asked_again_where_they_differ(opened: Opened) -> None:
    desk = opened()
    _take(desk, ANN, 4)
    assert desk.is_blind(0)
    outcome = desk.decide(ANN, Keying(0, "value", "1234.65"))
    assert (outcome.again, outcome.entry.action, outcome.state) == ("1234.56", "first", "open")
    outcome = desk.decide(ANN, Keying(0, "value", "1234.65", confirmed=True))
    assert (outcome.again, outcome.entry.action, outcome.entry.blind) == (None, "value", False)
    assert [entry.action for entry in desk.record.entries()] == ["first", "value"]


def test_two_who_agree_settle(opened: Opened) -> None:
    desk = opened(double_key=True)
    assert desk.is_blind(3)
    _take(desk, ANN)
    assert desk.decide(ANN, Keying(3, "value", "5")).state == "open"
    assert 3 not in _take(desk, ANN, 4)
    desk.give_back(ANN)
    assert _take(desk, BOB) == [3]
    assert desk.decide(BOB, Keying(3, "value", "5.00")).state == "settled"


def test_a_third_settles_where_two_differ(opened: Opened) -> None:
    desk = opened(double_key=True)
    for person, text in ((ANN, "5"), (BOB, "6")):
        assert _take(desk, person)[0] == 3
        desk.decide(person, Keying(3, "value", text))
        desk.give_back(person)
    assert desk.settlement(3).state == "disputed" and not desk.is_blind(3)
    assert 3 not in _take(desk, ANN, 4)
    desk.give_back(ANN)
    assert _take(desk, EVE)[0] == 3
    assert desk.decide(EVE, Keying(3, "value", "7")).state == "settled"
    verdict = desk.settlement(3).verdict
    assert verdict is not None and (verdict.value, verdict.who) == ("7.00", "Eve")


def test_a_template_says_what_may_stand_in_its_fields(tmp_path: Path) -> None:
    template = load_template("samples/forms/remittance.toml")
    row = row_of("a.png", "date", "2024-07-28", kind="date", status="review", template=template.name)
    write_results(tmp_path / "r.parquet", [row])
    desk = Desk(tmp_path / "r.parquet", 0.0, Record(tmp_path / "r.sqlite"), False, [template])
    layout = desk.spec_of(desk.queue.row(0)).format
    assert layout == "MMDDYYYY"
    assert desk.check(0, "07282024").value == "2024-07-28" == desk.check(0, "2024-07-28").value
