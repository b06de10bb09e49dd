"""What a person sees of a field: its own picture, large and level, and the page that it is on."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

import cv2
import numpy as np
import pyarrow.parquet as pq

from ocrpipe.errors import UsageError
from ocrpipe.geometry import Quad, Transform, apply, resample, scaling
from ocrpipe.records import Page, ScanFile
from ocrpipe.remote import SCHEME, Remote
from ocrpipe.results.output import Output
from ocrpipe.results.overlay import straightened
from ocrpipe.results.reading import CropKey, read_pictures
from ocrpipe.scans.decode import decode
from ocrpipe.scans.sources import find
from ocrpipe.settings import Settings

FIELD_HEIGHT, FIELD_WIDEST = 150, 1_400
"""A field is shown this tall, or as wide, px, without its margin."""
_LARGEST_SCALE = 5.0
_MARGIN = 0.4
"""Around the field, as a share of its height: people read what stands beside it, too."""
PAGE_LONGEST = 1_800
_PAGES_HELD, _PICTURES_HELD = 8, 256

Key = TypeVar("Key")
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture as a browser has it, and where on it what the page knows is."""

    data: bytes
    media_type: str
    width: int
    height: int
    from_page: Transform | None
    """Page pixels → its pixels; None where the picture is what the run kept of the field."""

    def outline(self, quad: Quad) -> list[float]:
        """x, y of the four corners of a quad of the page on this picture."""
        assert self.from_page is not None
        corners = apply(self.from_page, np.array(quad, np.float64).reshape(4, 2))
        return [round(float(v), 1) for v in corners.ravel()]


class Unseen(Exception):
    """Why there is no picture, in words for a person."""


class Scans:
    """The scans behind some results. Only what the run has read is ever opened: a browser names items, not files."""

    def __init__(self, results: Path, scans: Path | None) -> None:
        """`scans` is where they lie now, if they were moved since the run."""
        self._results = results
        self._paths = _paths(results, scans)
        self._pages = _Held[tuple[str, int], Page](_PAGES_HELD)
        self._pictures = _Held[tuple[Any, ...], Shown](_PICTURES_HELD)

    def field(self, row: Mapping[str, Any]) -> Shown:
        """The field of a row of the results; Unseen where its place is unknown, or neither scan nor crop is left."""
        key = row["source"], row["page"], row["document"], row["field"]
        return self._pictures.get(("field", *key), lambda: self._field(row, key))

    def page(self, row: Mapping[str, Any]) -> Shown:
        """The page of a row, upright; Unseen where the scan is gone, or is not the one that was read."""
        key = "page", row["source"], row["page"], row["rotation_deg"], row["skew_deg"]
        return self._pictures.get(key, lambda: _page_shown(self._page(row), row))

    def _field(self, row: Mapping[str, Any], key: CropKey) -> Shown:
        if row["field_quad"] is None:
            raise Unseen("the field was not found; look for it on the page")
        try:
            return _field_shown(self._page(row), row["field_quad"])
        except Unseen:
            kept = read_pictures(self._results, {key}).get(key)
            if kept is None:
                raise
            height, width = np.asarray(cv2.imdecode(np.frombuffer(kept, np.uint8), cv2.IMREAD_GRAYSCALE)).shape
            return Shown(kept, "image/png", width, height, None)

    def _page(self, row: Mapping[str, Any]) -> Page:
        return self._pages.get((row["source"], row["page"]), lambda: self._decoded(row))

    def _decoded(self, row: Mapping[str, Any]) -> Page:
        path = self._paths.get(row["source"])
        if path is None:
            raise Unseen("nobody knows where this scan is; open the review with --scans FOLDER")
        page = next(islice(decode(ScanFile(path, row["source"]), Settings()), row["page"], None), None)
        if not isinstance(page, Page):
            raise Unseen(f"the scan cannot be opened any more: {page.failure.detail if page else 'no such page'}")
        if page.source_sha256 != row["source_sha256"]:
            raise Unseen("the file has changed since it was read; run the batch again")
        return page


class _Held(Generic[Key, Thing]):
    """The things last asked for. One is made at a time: whoever asks for what is being made waits for it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[Key, Thing] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], Thing]) -> Thing:
        with self._lock:
            if key not in self._things:
                self._things[key] = make()
                if len(self._things) > self._most:
                    self._things.popitem(last=False)
            self._things.move_to_end(key)
            return self._things[key]


def _paths(results: Path, scans: Path | None) -> dict[str, Path | Remote]:
    """Where each source is: as the ledger of the results says, or in `scans` by its name there."""
    if scans is not None:
        return {file.name: file.path for file in find([str(scans)]).files}
    output = Output.named(f"{results}/" if results.is_dir() else str(results))
    ledger = results.with_name(output.ledger)
    if not ledger.is_file():
        raise UsageError(f"{ledger} is not there and would say where the scans are; add --scans FOLDER")
    entries = pq.read_table(ledger, columns=["source", "path"])
    told = zip(entries["source"].to_pylist(), entries["path"].to_pylist(), strict=True)
    return {source: _place(os.fsdecode(path)) for source, path in told if path is not None}


def _place(path: str) -> Path | Remote:
    return Remote.named(path) if path.startswith(SCHEME) else Path(path)


def _field_shown(page: Page, quad: Quad) -> Shown:
    corners = np.array(quad, np.float64).reshape(4, 2)
    wide = max(1.0, float(np.linalg.norm(corners[1] - corners[0])))
    high = max(1.0, float(np.linalg.norm(corners[3] - corners[0])))
    scale = min(FIELD_HEIGHT / high, FIELD_WIDEST / wide, _LARGEST_SCALE)
    right, down = (corners[1] - corners[0]) / (wide * scale), (corners[3] - corners[0]) / (high * scale)
    margin = max(8, round(_MARGIN * high * scale))
    width, height = max(1, round(wide * scale)) + 2 * margin, max(1, round(high * scale)) + 2 * margin
    to_page = np.eye(3)
    to_page[:2] = np.column_stack([right, down, corners[0] - margin * (right + down)])
    if abs(np.linalg.det(to_page)) < 1e-9:
        raise Unseen("the field's place has no area")
    pixels = resample(page.pixels, to_page, width, height)
    _, data = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return Shown(data.tobytes(), "image/png", width, height, np.asarray(np.linalg.inv(to_page), np.float64))


def _page_shown(page: Page, row: Mapping[str, Any]) -> Shown:
    from_page, width, height = straightened(page.pixels.shape, (row["rotation_deg"] or 0) + (row["skew_deg"] or 0.0))
    shrink = min(1.0, PAGE_LONGEST / max(width, height))
    from_page = scaling(shrink, shrink) @ from_page
    width, height = max(1, round(width * shrink)), max(1, round(height * shrink))
    pixels = resample(page.pixels, np.asarray(np.linalg.inv(from_page), np.float64), width, height)
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return Shown(data.tobytes(), "image/jpeg", width, height, from_page)
