"""Which rows of the results need a person: those in review, failed ones that can still be read off the page, and a
random sample of accepted ones, by which the promise is checked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ocrpipe.results.reading import numbered_rows, rows_at
from ocrpipe.review.record import FieldKey

Part = Literal["review", "failed", "audit"]
PARTS: tuple[Part, ...] = ("review", "failed", "audit")
Order = Literal["kind", "doubt", "source"]
ORDERS: tuple[Order, ...] = ("kind", "doubt", "source")
"""Field by field, so that the eye stays in one habit; the least sure first; as they were scanned."""
FACETS = ("kind", "template", "reason", "source")
"""What the queue can be narrowed by."""
MOST_AUDITED = 200
_LIGHT = (
    "source", "source_sha256", "page", "document", "field", "kind", "template", "status", "reason", "confidence",
)  # fmt: skip
_LEGIBLE = ("registration", "not_found", "distorted")
"""Failures of a field whose page could be decoded."""

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Queue:
    """The rows in question, in the order of the results' key; an item is its number among them."""

    rows: pa.Table
    """All columns of the results."""
    parts: NDArray[np.int8]
    """(N,) places in `PARTS`."""
    audited_of: int
    """How many rows the audit sample was drawn from."""

    @classmethod
    def of(cls, results: Path, audit: float, most_audited: int = MOST_AUDITED) -> Queue:
        """What `results` (a file or a dataset) has for people; `audit` is the share of the accepted rows that are among
        it, `most_audited` of them at the most."""
        light = numbered_rows(results, _LIGHT)
        named = pc.is_valid(light["field"]).to_numpy() & pc.is_valid(light["source_sha256"]).to_numpy()
        status, reason = light["status"], light["reason"]
        keyed = named & ~_said_by_parts(light)
        wanted = np.full(len(light), -1, np.int8)
        wanted[keyed & _is_in(status, ["review"])] = PARTS.index("review")
        wanted[keyed & _is_in(status, ["failed"]) & _is_in(reason, _LEGIBLE)] = PARTS.index("failed")
        promised = np.flatnonzero(keyed & _is_in(status, ["accepted", "blank"]) & ~_is_in(light["kind"], ["micr"]))
        wanted[_sample(light, promised, min(most_audited, ceil(audit * len(promised))))] = PARTS.index("audit")
        chosen = np.flatnonzero(wanted >= 0)
        first = chosen[_first_of_each(light, chosen)]
        return cls(rows_at(results, light["number"].to_numpy()[first]), wanted[first], len(promised))

    def __len__(self) -> int:
        return len(self.parts)

    @cached_property
    def keys(self) -> list[FieldKey]:
        """What each item is called in the record."""
        columns = (self.rows[name].to_pylist() for name in ("source_sha256", "page", "document", "field"))
        return [FieldKey(*key) for key in zip(*columns, strict=True)]

    @cached_property
    def number_of(self) -> dict[FieldKey, int]:
        """The items by their keys."""
        return {key: number for number, key in enumerate(self.keys)}

    def row(self, item: int) -> dict[str, Any]:
        """One row of the results, by column."""
        (row,) = self.rows.slice(item, 1).to_pylist()
        return dict(row)

    @cached_property
    def orders(self) -> dict[Order, Numbers]:
        """All items in each of the orders."""
        doubt = np.nan_to_num(self.rows["confidence"].to_numpy().astype(np.float64), nan=-1.0)
        kind, field = (_ranks(self.rows[name]) for name in ("kind", "field"))
        return {
            "kind": np.lexsort((doubt, field, kind)),
            "doubt": np.argsort(doubt, kind="stable"),
            "source": np.arange(len(self)),
        }

    def mask(self, chosen: dict[str, str]) -> Mask:
        """(N,) the items for which each of the facets `chosen`, and `part`, has the value given."""
        kept = np.ones(len(self), np.bool_)
        for facet, value in chosen.items():
            if facet == "part":
                kept &= self.parts == PARTS.index(value)
            else:
                kept &= _is_in(self.rows[facet], [value])
        return kept

    def counts(self, kept: Mask) -> dict[str, dict[str, int]]:
        """How many of the `kept` items have each value of each facet, and are of each part; of sources, the first
        hundred."""
        of_part = {str(part): int((kept & (self.parts == i)).sum()) for i, part in enumerate(PARTS)}
        told = {"part": of_part}
        mask = pa.array(kept)
        for facet in FACETS:
            counted = pc.value_counts(self.rows[facet].filter(mask).combine_chunks()).to_pylist()
            told[facet] = {one["values"] or "": one["counts"] for one in counted[:100]}
        return told


def _said_by_parts(light: pa.Table) -> Mask:
    """Whole MICR lines whose parts have rows of their own: those are what a person keys."""
    kinds = light["kind"]
    whole = _is_in(kinds, ["micr"])
    if not whole.any():
        return whole
    part = pc.fill_null(pc.starts_with(kinds, "micr_"), False)
    sheets = {_sheet(row) for row in light.select(_SHEET).filter(part).to_pylist()}
    lines = light.select(_SHEET).filter(pa.array(whole)).to_pylist()
    whole[np.flatnonzero(whole)] = [_sheet(row) in sheets for row in lines]
    return whole


_SHEET = ["source", "page", "document"]


def _sheet(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.values())


def _sample(light: pa.Table, promised: Numbers, count: int) -> Numbers:
    """So many of the `promised` rows: those whose keys have the least hashes, so that the same ones are drawn again
    tomorrow."""
    keys = zip(*(light[name].take(pa.array(promised)).to_pylist() for name in _KEY), strict=True)
    hashes = np.array([hashlib.blake2b(repr(key).encode(), digest_size=8).digest() for key in keys], "S8")
    return promised[np.argsort(hashes, kind="stable")[:count]]


_KEY = ("source_sha256", "page", "document", "field")


def _first_of_each(light: pa.Table, chosen: Numbers) -> Numbers:
    """Of copies of a scan, one is enough: places in `chosen`."""
    keys = zip(*(light[name].take(pa.array(chosen)).to_pylist() for name in _KEY), strict=True)
    seen: dict[tuple[Any, ...], int] = {}
    for place, key in enumerate(keys):
        seen.setdefault(key, place)
    return np.array(list(seen.values()), np.int64)


def _is_in(column: pa.ChunkedArray, values: Sequence[str]) -> Mask:
    return np.asarray(pc.is_in(column, pa.array(values, pa.string())).to_numpy(), np.bool_)


def _ranks(column: pa.ChunkedArray) -> Numbers:
    """(N,) numbers that sort as the strings do."""
    _, ranks = np.unique(np.array([text or "" for text in column.to_pylist()]), return_inverse=True)
    return ranks
