from __future__ import annotations

from collections.abc import Iterator

from ocrpipe.clock import Clock


class Hand:
    """A clock's hand that the test moves."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


def test_stages_add_up_to_the_whole_and_inner_ones_count_for_themselves() -> None:
    hand = Hand()
    clock = Clock(hand)
    with clock.stage("outer"):
        hand.at += 1
        with clock.stage("inner"):
            hand.at += 2
        with clock.stage("inner"):
            hand.at += 4
        hand.at += 8
    with clock.stage("outer"):
        hand.at += 16
    assert clock.taken() == {"outer": 25, "inner": 6}
    assert clock.taken() == {}


def test_what_is_done_with_the_items_of_a_stage_is_not_its_own() -> None:
    hand = Hand()
    clock = Clock(hand)

    def pages() -> Iterator[int]:
        for page in range(3):
            hand.at += 1
            yield page

    for _ in clock.each("decode", pages()):
        hand.at += 10
    assert clock.taken() == {"decode": 3}


def test_a_stage_that_fails_has_taken_its_time() -> None:
    hand = Hand()
    clock = Clock(hand)
    try:
        with clock.stage("decode"):
            hand.at += 3
            raise ValueError
    except ValueError:
        pass
    with clock.stage("read"):
        hand.at += 1
    assert clock.taken() == {"decode": 3, "read": 1}
