"""What the pages in the browser share: who may come in, and a server on this machine alone.

The server listens on 127.0.0.1. Whoever has the address with its token gets a cookie; nobody else is answered. A page
of another site can neither read (the cookie is SameSite=Strict, the host must be ours) nor write (the origin must be).
"""

from __future__ import annotations

import json
import secrets
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ocrpipe.errors import OcrpipeError, OutputError

HOST = "127.0.0.1"
_SHARED = Path(__file__).parent / "static"
_SHARED_FILES = ("base.css", "server.js", "icon.svg")
"""What all pages use: their look, the one way from the page to the server, their icon."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",  # people's writing stays out of the browser's files
}
_STRANGER = (
    "<!doctype html><html lang='en'><title>ocrpipe</title><h1>Who is there?</h1><p>Open the address that "
    "<code>ocrpipe</code> printed when it started: it has a token behind the question mark, and a new one each time."
)
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Doors:
    """Who may come in: whoever knows the `token`, and then every browser whose session is known."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    sessions: set[str] = field(default_factory=set, repr=False)

    @property
    def cookie(self) -> str:
        """Its name; browsers do not tell cookies apart by port."""
        return f"ocrpipe_{self.port}"

    @property
    def hosts(self) -> tuple[str, str]:
        """What a browser may call us; with another name, somebody else's may point here (DNS rebinding)."""
        return f"{HOST}:{self.port}", f"localhost:{self.port}"

    @property
    def address(self) -> str:
        """What to open, with the token."""
        return f"http://{HOST}:{self.port}/?token={self.token}"

    def session_of(self, headers: Headers) -> str | None:
        """The session of a request, if it has one that is known."""
        morsel = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        return morsel.value if morsel and morsel.value in self.sessions else None


class Guard:
    """Lets nobody else in, and sends every answer with headers that keep it in."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        request = Request(scope)
        session = self._doors.session_of(request.headers)
        answer = self._refusal(request, session)
        if answer is None:
            scope["session_id"] = session
        await (answer or self._app)(scope, receive, sent)

    def _refusal(self, request: Request, session: str | None) -> Response | None:
        """What is answered instead of the page; None where the request may pass."""
        headers = request.headers
        if headers.get("host") not in self._doors.hosts:
            return HTMLResponse("unknown host", 421)
        token = request.query_params.get("token")
        if request.url.path == "/" and token is not None and secrets.compare_digest(token, self._doors.token):
            return self._welcome(session)
        if session is None:
            return HTMLResponse(_STRANGER, 403)
        if request.method not in ("GET", "HEAD"):
            origins = [f"http://{host}" for host in self._doors.hosts]
            if headers.get("origin") not in origins or headers.get("content-type") != "application/json":
                return HTMLResponse("written from another page", 403)
        return None

    def _welcome(self, session: str | None) -> Response:
        """The page without the token in its address, which browsers keep."""
        answer = RedirectResponse("/", 303)
        if session is None:
            session = secrets.token_urlsafe(24)
            self._doors.sessions.add(session)
        answer.set_cookie(self._doors.cookie, session, httponly=True, samesite="strict", path="/")
        return answer


def static(folder: Path, name: str) -> Callable[[Request], Response]:
    """Answers with one of our own files."""
    data, kind = (folder / name).read_bytes(), _TYPES[Path(name).suffix]

    def answer(_: Request) -> Response:
        return Response(data, media_type=kind)

    return answer


class BadRequest(Exception):
    """The page asked for something that there is not."""


class _TooMuch(Exception):
    """More was sent than is taken."""


Answer = Callable[[dict[str, Any], Request], Any]


def posted(answer: Answer, refused: type[Exception], most_bytes: int = 1 << 20) -> Callable[[Request], Any]:
    """A route that takes a JSON object of at most so many bytes and gives JSON; what is `refused` is said in words."""

    async def route(request: Request) -> Response:
        try:
            asked = json.loads(await _body(request, most_bytes) or b"{}")
            if not isinstance(asked, dict):
                raise BadRequest
            return JSONResponse(await run_in_threadpool(answer, asked, request))
        except refused as reason:
            return JSONResponse({"trouble": str(reason)}, 422)
        except _TooMuch:
            return JSONResponse({"trouble": f"more than {most_bytes >> 20} MB are not taken"}, 413)
        except (BadRequest, ValueError, TypeError, RecursionError):
            return JSONResponse({"trouble": "the page and the server do not understand each other; load it anew"}, 400)
        except OcrpipeError as error:
            return JSONResponse({"trouble": str(error)}, 500)

    return route


async def _body(request: Request, most_bytes: int) -> bytes:
    """What was sent; no more of it is ever held than is taken."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > most_bytes:
            raise _TooMuch
    return bytes(data)


def guarded(routes: Sequence[BaseRoute], doors: Doors) -> Starlette:
    """The routes, and the files that all pages share, behind the doors."""
    shared = [Route(f"/static/{name}", static(_SHARED, name)) for name in _SHARED_FILES]
    return Starlette(routes=[*shared, *routes], middleware=[Middleware(Guard, doors=doors)])


def listening(port: int) -> socket.socket:
    """A socket on this machine alone; any free port for 0. OutputError where the port is taken."""
    ours = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        ours.bind((HOST, port))
    except OSError as error:
        raise OutputError(f"port {port} cannot be opened: {error.strerror}; choose another with --port") from error
    ours.listen(128)
    return ours


def serve(app: Starlette, ours: socket.socket) -> None:
    """Answers until SIGINT or SIGTERM, either of which is a good end."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=3)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn hands on what it has caught
    try:
        uvicorn.Server(config).run(sockets=[ours])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
