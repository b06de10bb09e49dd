"""The review as a web application: the page, the items, the pictures, and what keys do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ocrpipe.review.desk import Desk, Gone, Keying, Person, Refused
from ocrpipe.review.export import export
from ocrpipe.review.items import item_of
from ocrpipe.review.numbers import figures
from ocrpipe.review.pictures import Scans, Unseen
from ocrpipe.review.queue import FACETS, ORDERS, PARTS
from ocrpipe.web import BadRequest, Doors, guarded, posted, static

_STATIC = Path(__file__).parent / "static"
_FILES = ("review.css", "review.js", "item.js", "viewer.js", "numbers.js")
_ACTIONS = ("value", "blank", "unreadable", "skip")
_LONGEST_NAME = 40
_MOST_AHEAD = 8


class Review:
    """What the routes answer. Starlette runs plain functions in threads; the desk may be shared among them."""

    def __init__(self, desk: Desk, scans: Scans, results: Path, out: Path) -> None:
        self._desk = desk
        self._scans = scans
        self._results = results
        self._out = out
        self._names: dict[str, str] = {}

    def app(self, doors: Doors) -> Starlette:
        """All of it, behind the doors."""
        pages = {"/": "review.html", "/numbers": "numbers.html", **{f"/static/{name}": name for name in _FILES}}
        return guarded(
            [
                *(Route(path, static(_STATIC, name)) for path, name in pages.items()),
                Route("/api/who", posted(self._who, Refused), methods=["POST"]),
                Route("/api/next", posted(self._next, Refused), methods=["POST"]),
                Route("/api/check", posted(self._check, Refused), methods=["POST"]),
                Route("/api/decide", posted(self._decide, Refused), methods=["POST"]),
                Route("/api/undo", posted(self._undo, Refused), methods=["POST"]),
                Route("/api/leave", posted(self._leave, Refused), methods=["POST"]),
                Route("/api/export", posted(self._export, Refused), methods=["POST"]),
                Route("/api/numbers", lambda _: JSONResponse(figures(self._desk))),
                Route("/picture/{item:int}", self._picture),
                Route("/page/{item:int}", self._page),
            ],
            doors,
        )

    def _who(self, asked: dict[str, Any], request: Request) -> Any:
        """Says who sits here; without a name, tells it."""
        name = " ".join(str(asked.get("name") or "").split())
        if name:
            if len(name) > _LONGEST_NAME or not name.isprintable() or "," in name:
                raise Refused(f"a name of up to {_LONGEST_NAME} letters, without a comma")
            self._names[request.scope["session_id"]] = name
        return {"name": self._names.get(request.scope["session_id"]), "results": self._results.name}

    def _next(self, asked: dict[str, Any], request: Request) -> Any:
        """Leases items to this browser."""
        order = asked.get("order", ORDERS[0])
        chosen = {facet: str(value) for facet, value in dict(asked.get("chosen") or {}).items() if value}
        held = [self._item(item) for item in asked.get("held") or ()]
        count = min(int(asked.get("count", 1)), _MOST_AHEAD)
        if order not in ORDERS or not set(chosen) <= {"part", *FACETS} or chosen.get("part", PARTS[0]) not in PARTS:
            raise BadRequest
        items = self._desk.take(self._person(request), count, order, chosen, held)
        told = [item_of(self._desk, self._scans, item) for item in items]
        return {"items": told, "counts": self._desk.counts(chosen)}

    def _check(self, asked: dict[str, Any], _: Request) -> Any:
        said = self._desk.check(self._item(asked.get("item")), str(asked.get("text", ""))[:100])
        return {"value": said.value, "trouble": said.trouble, "runner_up": said.runner_up}

    def _decide(self, asked: dict[str, Any], request: Request) -> Any:
        action = next((one for one in _ACTIONS if one == asked.get("action")), None)
        if action is None:
            raise BadRequest
        keying = Keying(
            self._item(asked.get("item")), action, str(asked.get("text", ""))[:100],  # type: ignore[arg-type]
            float(asked.get("seconds", 0.0)), asked.get("confirmed") is True,
        )  # fmt: skip
        try:
            outcome = self._desk.decide(self._person(request), keying)
        except Gone as reason:
            return {"gone": str(reason)}
        return {"value": outcome.entry.value, "state": outcome.state, "again": outcome.again}

    def _undo(self, _: dict[str, Any], request: Request) -> Any:
        item = self._desk.undo(self._person(request))
        return {"item": item_of(self._desk, self._scans, item)}

    def _leave(self, _: dict[str, Any], request: Request) -> Any:
        self._desk.give_back(self._person(request))
        return {}

    def _export(self, _: dict[str, Any], __: Request) -> Any:
        entries = self._desk.entries()
        decided = export(self._results, self._desk.queue, entries, self._desk.double_key, self._out)
        return {"path": str(self._out), "decided": decided}

    def _picture(self, request: Request) -> Response:
        return self._shown(self._scans.field, request)

    def _page(self, request: Request) -> Response:
        return self._shown(self._scans.page, request)

    def _shown(self, show: Callable[[dict[str, Any]], Any], request: Request) -> Response:
        item = request.path_params["item"]
        try:
            if not 0 <= item < len(self._desk.queue):
                raise Unseen("no such item")
            shown = show(self._desk.queue.row(item))
        except Unseen as reason:
            return Response(str(reason), 404, media_type="text/plain")
        return Response(shown.data, media_type=shown.media_type)

    def _person(self, request: Request) -> Person:
        session = request.scope["session_id"]
        name = self._names.get(session)
        if name is None:
            raise Refused("tell your name first")
        return Person(name, session)

    def _item(self, number: Any) -> int:
        if not isinstance(number, int) or not 0 <= number < len(self._desk.queue):
            raise BadRequest
        return number
