"""The page on which one draws: a picture goes in, all that the reader saw in it comes out. Nothing is kept."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ocrpipe.reading.crops import CROP
from ocrpipe.records import Page
from ocrpipe.scans.decode import decode_bytes
from ocrpipe.settings import Settings
from ocrpipe.trying.kinds import KINDS, OWN, Kind
from ocrpipe.trying.sampling import sample
from ocrpipe.trying.seeing import Eyes
from ocrpipe.web import BadRequest, Doors, guarded, posted, static

MOST_BYTES = 32 << 20
"""Of a request; a picture in it is a third longer than its file."""
PROMISES = (0.001, 0.005, 0.01, 0.02, 0.05)
_STATIC = Path(__file__).parent / "static"
_FILES = ("try.css", "try.js", "paper.js", "planes.js", "lattice.js", "candidate.js", "reading.js", "words.js")


class Refused(Exception):
    """Why a picture cannot be read, in words for a person."""


class Try:
    """What the routes answer."""

    def __init__(self, eyes: Eyes, max_error: float, own: Kind | None = None) -> None:
        """`own` is offered before all other kinds."""
        self._eyes = eyes
        self._kinds = ({OWN: own} if own else {}) | KINDS
        self._max_error = max_error
        self._promises = sorted({*PROMISES, max_error})
        self._rng = np.random.default_rng()

    def app(self, doors: Doors) -> Starlette:
        """All of it, behind the doors."""
        pages = {"/": "try.html", **{f"/static/{name}": name for name in _FILES}}
        return guarded(
            [
                *(Route(path, static(_STATIC, name)) for path, name in pages.items()),
                Route("/api/about", lambda _: JSONResponse(self._about())),
                _route("/api/see", self._see),
                _route("/api/maps", self._maps),
                _route("/api/sample", self._sample),
            ],
            doors,
        )

    def warm(self) -> None:
        """Reads once, so that nobody waits for what is loaded and compiled when it is first used."""
        for name, kind in KINDS.items():
            content = _png(sample(name, np.random.default_rng(0)).pixels)
            self._eyes.see(_page(content), kind.spec, self._promises)
        with suppress(ModuleNotFoundError):
            self._eyes.maps(np.zeros((CROP, CROP), np.uint8))

    def _about(self) -> dict[str, Any]:
        kinds = {
            name: {"words": one.words, "hint": one.hint, "cells": one.spec.cells, "sampled": name in KINDS}
            for name, one in self._kinds.items()
        }
        card = self._eyes.card
        return {
            "kinds": kinds, "promises": self._promises, "max_error": self._max_error, "model": card.name,
            "calibration": card.calibration.name, "most_bytes": MOST_BYTES * 3 // 4 - (1 << 10),
        }  # fmt: skip

    def _see(self, asked: dict[str, Any], _: Request) -> Any:
        spec = self._kinds[_one_of(self._kinds, asked)].spec
        return self._eyes.see(_page(_bytes(asked, "picture")), spec, self._promises)

    def _maps(self, asked: dict[str, Any], _: Request) -> Any:
        crop = np.frombuffer(_bytes(asked, "crop"), np.uint8)
        if crop.size != CROP * CROP:
            raise BadRequest
        try:
            return {"layers": self._eyes.maps(crop.reshape(CROP, CROP).copy())}
        except ModuleNotFoundError as error:
            raise Refused(f"The maps are drawn by torch, which is not installed here ({error}).") from error

    def _sample(self, asked: dict[str, Any], _: Request) -> Any:
        drawn = sample(_one_of(KINDS, asked), self._rng)
        return {"picture": b64encode(_png(drawn.pixels)).decode(), "value": drawn.value}


def _route(path: str, answer: Callable[[dict[str, Any], Request], Any]) -> Route:
    return Route(path, posted(answer, Refused, MOST_BYTES), methods=["POST"])


def _one_of(kinds: dict[str, Kind], asked: dict[str, Any]) -> str:
    """The name of the kind that is asked for."""
    for name in kinds:
        if name == asked.get("kind"):
            return name
    raise BadRequest


def _bytes(asked: dict[str, Any], name: str) -> bytes:
    given = asked.get(name)
    if not isinstance(given, str):
        raise BadRequest
    return b64decode(given, validate=True)


def _page(content: bytes) -> Page:
    """The first page of what was drawn or dropped, decoded as a run would."""
    page = next(decode_bytes(content, "picture", Settings()), None)
    if not isinstance(page, Page):
        raise Refused(f"This picture cannot be read: {page.failure.detail if page else 'it has no pages'}.")
    return page


def _png(pixels: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()
