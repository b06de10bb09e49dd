"""What the record tells: progress, whether the promise holds, how often people agree with the machine, how fast they
are, and which figures are taken for which."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import median
from typing import Any

from ocrpipe.evaluation.numbers import clopper_pearson
from ocrpipe.reading.decide import SIGNIFICANCE, binomial_tail
from ocrpipe.review.desk import Desk, reads_blank
from ocrpipe.review.queue import PARTS
from ocrpipe.review.record import VERDICTS, Entry
from ocrpipe.review.settling import Settlement

BANDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)
"""Of confidence."""
_LONGEST_S = 120.0
"""Whoever takes longer for a field was elsewhere; it does not count against their speed."""
_PAIRS = 12

Pair = tuple[int, Settlement]


def figures(desk: Desk) -> dict[str, Any]:
    """Everything that the page of numbers shows."""
    settled = desk.all_settled()
    return {
        **desk.counts({}),
        "double_key": desk.double_key,
        "bands": _bands(desk, settled),
        "promise": _promise(desk, settled),
        "people": _people(desk),
        "confused": _confused(desk, settled),
    }


def _agrees(desk: Desk, pair: Pair) -> bool:
    item, settlement = pair
    verdict, row = settlement.verdict, desk.queue.row(item)
    if verdict is None or verdict.action == "unreadable":
        return False
    return reads_blank(row) if verdict.action == "blank" else bool(verdict.value == row["value"])


def _bands(desk: Desk, settled: list[Pair]) -> list[dict[str, Any]]:
    """Of fields that the machine has read, how often people agreed, by its confidence."""
    told: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for pair in settled:
        confidence = desk.queue.rows["confidence"][pair[0]].as_py()
        if confidence is not None and pair[1].verdict and pair[1].verdict.action != "unreadable":
            band = max(i for i, low in enumerate(BANDS[:-1]) if confidence >= low)
            told[band].append((confidence, _agrees(desk, pair)))
    bands = []
    for band, seen in sorted(told.items()):
        agreed = sum(agrees for _, agrees in seen)
        low, high = clopper_pearson(agreed, len(seen))
        bands.append(
            {
                "from": BANDS[band], "to": BANDS[band + 1], "fields": len(seen), "agreed": agreed, "low": low,
                "high": high, "confidence": sum(confidence for confidence, _ in seen) / len(seen),
            }
        )  # fmt: skip
    return bands


def _promise(desk: Desk, settled: list[Pair]) -> dict[str, Any]:
    """What the random sample of accepted fields says of the error rate that was promised."""
    audited = [pair for pair in settled if desk.part(pair[0]) == "audit"]
    wrong = sum(not _agrees(desk, pair) for pair in audited)
    promised = max((desk.queue.rows["max_error"][item].as_py() or 0.0 for item, _ in audited), default=None)
    low, high = clopper_pearson(wrong, len(audited))
    broken = bool(
        audited and promised and wrong and 1 - binomial_tail(wrong - 1, len(audited), promised) < SIGNIFICANCE
    )
    drawn = int((desk.queue.parts == PARTS.index("audit")).sum())
    return {
        "audited": len(audited), "of": drawn, "accepted": desk.queue.audited_of, "wrong": wrong, "promised": promised,
        "low": low, "high": high, "broken": broken,
    }  # fmt: skip


def _people(desk: Desk) -> list[dict[str, Any]]:
    """How fast each person is: fields and keystrokes an hour of the time in which a field was before them."""
    by: defaultdict[str, list[Entry]] = defaultdict(list)
    for entries in desk.entries().values():
        for entry in entries:
            if entry.action in VERDICTS or entry.action == "first":
                by[entry.who].append(entry)
    told = []
    for who, entries in sorted(by.items()):
        hours = sum(min(entry.seconds, _LONGEST_S) for entry in entries) / 3_600
        keys = sum(_keystrokes(entry) for entry in entries)
        told.append(
            {
                "who": who, "fields": len(entries), "median_s": median(entry.seconds for entry in entries),
                "fields_an_hour": len(entries) / hours if hours else None,
                "keys_an_hour": keys / hours if hours else None,
            }
        )  # fmt: skip
    return told


def _keystrokes(entry: Entry) -> int:
    """One where the proposal, or what was keyed before, was kept, else the figures and Enter."""
    kept = not entry.blind and (entry.value == entry.before or entry.before_status in ("accepted", "blank"))
    return 1 if kept or entry.value is None else len(entry.value) + 1


def _confused(desk: Desk, settled: list[Pair]) -> list[dict[str, Any]]:
    """Figures that the machine took for others, where it read as many as there are."""
    pairs: Counter[tuple[str, str]] = Counter()
    for item, settlement in settled:
        read, said = desk.queue.rows["value"][item].as_py(), settlement.verdict.value if settlement.verdict else None
        if read and said and len(read) == len(said):
            pairs.update((a, b) for a, b in zip(read, said, strict=True) if a != b)
    return [{"read": read, "is": said, "times": times} for (read, said), times in pairs.most_common(_PAIRS)]
