"""Trouble with names, permissions, kinds of files and the time between listing and reading."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile.cases import NO_SCAN, Case, case, fails, reads
from tests.hostile.good import pdfs, stills, tiffs


def place_cases() -> Iterator[Case]:
    yield from _contents()
    yield from _names()
    yield from _kinds()
    yield from _meanwhile()


def _contents() -> Iterator[Case]:
    png = stills()["gray.png"]
    for suffix in ("png", "jpg", "bmp", "webp", "tif", "pdf"):
        yield case(f"empty.{suffix}", b"", fails("unreadable"))
        yield case(f"all-ones.{suffix}", b"\xff" * 4096, fails("unreadable", "truncated"))
        yield case(f"all-zeros.{suffix}", bytes(4096), fails("unreadable"))
        yield case(f"text.{suffix}", b"Dear Sir or Madam,\nplease find enclosed\n" * 50, fails("unreadable"))
    for name, magic in (
        ("png", b"\x89PNG\r\n\x1a\n"),
        ("jpg", b"\xff\xd8\xff"),
        ("bmp", b"BM"),
        ("pdf", b"%PDF-1.7\n"),
    ):
        yield case(f"nothing-but-the-mark.{name}", magic, fails())
    for name, magic in (("little", b"II*\0"), ("big", b"MM\0*"), ("bigtiff", b"II+\0")):
        yield case(f"nothing-but-the-mark-{name}.tif", magic, fails())
    yield case("a-png-named.tif", png, reads())
    yield case("polyglot-png-and-pdf.pdf", png + pdfs()["image.pdf"], reads())
    yield case("polyglot-tiff-and-png.tif", tiffs()["deflate.tif"] + png, reads())
    yield case("polyglot-jpeg-and-zip.jpg", stills()["base.jpg"] + b"PK\x05\x06" + bytes(18), reads())
    yield case("web-page.png", b"<!DOCTYPE html><html><img src=x onerror=alert(1)></html>", fails("unreadable"))
    yield case("script.png", b"#!/bin/sh\nrm -rf /\n", fails("unreadable"))


def _names() -> Iterator[Case]:
    png = stills()["gray.png"]
    names = (
        "line\nfeed.png", "return\rcarriage.png", "tab\there.png", "bell\a.png", "📄 scan.png", "-rf.png", "--out.png",
        " .png", "two  words .png", "percent%FF.png", "quote'\".png", "$(touch x).png", "back\\slash.png", "[1]*?.png",
        "\u202egnp.scan.png", "e\u0301.png", "é.png", "C:drive.png", "dot..png", "x" * 251 + ".png", "\x1b[31mred.png",
    )  # fmt: skip
    for name in names:
        yield case(name, png, reads())
    yield case("invalid-\udcff\udcfe.png", png, reads())
    yield case("invalid-\udced\udca0\udc80.png", b"", fails("unreadable"))
    yield case("bad-\n-name.png", b"nothing", fails("unreadable"))


def _kinds() -> Iterator[Case]:
    png = stills()["gray.png"]

    def linked(target: str) -> Callable[[Path], None]:
        return lambda path: path.symlink_to(target)

    yield Case("link-to-nothing.png", fails("unreadable"), linked("nowhere.png"))
    yield Case("link-to-itself.png", fails("unreadable"), linked("link-to-itself.png"))
    yield Case("link-to-zeros.png", fails("unreadable"), linked("/dev/zero"))
    yield Case("link-to-null.png", fails("unreadable"), linked("/dev/null"))
    yield Case("link-to-memory.png", fails("unreadable"), linked("/proc/1/mem"))
    yield Case("link-to-the-kernel.png", fails("unreadable", "too_large"), linked("/proc/kcore"))
    yield Case("link-to-a-picture.png", reads(), linked("good-gray.png"))
    yield Case("link-above.d/up", NO_SCAN, linked(".."))
    yield Case("pipe.png", fails("unreadable"), lambda path: os.mkfifo(path))
    yield Case("socket.png", fails("unreadable"), _socket)
    yield Case("folder.png", NO_SCAN, lambda path: path.mkdir())
    yield Case("folder.tif/inside.png", reads(), lambda path: _write(path, png))
    yield Case("sparse-10-GB.png", fails("too_large"), lambda path: _sparse(path, b"", 10 << 30))
    yield Case("sparse-10-GB.tif", fails("too_large"), lambda path: _sparse(path, b"II*\0", 10 << 30))
    yield Case("sparse-900-MB.png", fails("truncated"), lambda path: _sparse(path, png[:-12], 900 << 20))
    yield Case("sparse-900-MB.tif", reads(), lambda path: _sparse(path, tiffs()["deflate.tif"], 900 << 20))
    if os.getuid() != 0:
        yield Case("no-permission.png", fails("unreadable"), lambda path: (_write(path, png), path.chmod(0))[0])


def _meanwhile() -> Iterator[Case]:
    png = stills()["gray.png"]
    yield Case("vanishes.png", fails("unreadable"), lambda path: _write(path, png), lambda path: path.unlink())
    yield Case("shrinks.png", fails("truncated"), lambda path: _write(path, png), lambda path: os.truncate(path, 900))
    yield Case("shrinks-to-nothing.tif", fails(), lambda path: _write(path, png), lambda path: os.truncate(path, 0))
    yield Case("becomes-a-folder.png", fails("unreadable"), lambda path: _write(path, png), _folder)
    yield Case("becomes-a-pipe.png", fails("unreadable"), lambda path: _write(path, png), _pipe)
    yield Case("grows.png", reads(), lambda path: _write(path, png), lambda path: _append(path, bytes(5000)))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def _sparse(path: Path, head: bytes, size: int) -> None:
    path.write_bytes(head)
    os.truncate(path, size)


def _socket(path: Path) -> None:
    """A socket's path may have 107 bytes: it is made in its folder by its name alone."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(here)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)
