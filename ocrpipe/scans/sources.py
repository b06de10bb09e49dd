"""Which files a run reads: SOURCE is a folder (recursive), a file or a glob, or one of the first two in S3."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrpipe.errors import NoInputError
from ocrpipe.records import BadPage, Failure, ScanFile, Version
from ocrpipe.remote import SCHEME, Remote

SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".pdf"))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the sources hold, in the order in which it is read."""

    files: tuple[ScanFile, ...]
    """Sorted by name; no file twice, no name twice."""
    unreadable: tuple[BadPage, ...]
    """Folders that could not be listed; each becomes a row."""
    skipped: Mapping[str, int]
    """Files that are no candidates, counted by suffix (in small letters; "" for none)."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A candidate or an unreadable folder: its absolute path and its path from the root of its source."""

    path: str
    relative: str
    trouble: str | None = None
    remote: Remote | None = None
    listed: Version | None = None


def find(sources: Sequence[str]) -> Found:
    """Lists the candidates of all sources: files with a known image suffix, and any file named outright.

    Names are relative to the folder that was given, to the part of a glob before its first wildcard, or to the
    folder of a file. Where files of two sources would share a name, all names are relative to the deepest
    folder that holds all of them instead. Hidden entries are skipped, links to folders followed once.
    """
    entries: dict[str, _Entry] = {}
    others: set[str] = set()
    for source in sources:
        for entry in _matches(source, others):
            entries.setdefault(entry.path, entry)
    skipped = Counter(Path(path).suffix.lower() for path in sorted(others))
    if not entries:
        raise NoInputError(_nothing(sources, skipped))
    named = sorted(_named(list(entries.values())), key=lambda pair: pair[0])
    files = tuple(
        ScanFile(entry.remote or Path(entry.path), name, entry.listed) for name, entry in named if entry.trouble is None
    )
    unreadable = tuple(
        BadPage(name, "", 0, Failure("find", "unreadable", f"the folder cannot be listed: {entry.trouble}"))
        for name, entry in named
        if entry.trouble is not None
    )
    return Found(files, unreadable, dict(sorted(skipped.items())))


def _matches(source: str, skipped: set[str]) -> Iterator[_Entry]:
    if source.startswith(SCHEME):
        yield from _remote(source, skipped)
        return
    if os.path.lexists(source):
        if Path(source).is_dir():
            yield from _walk(source, "", skipped)
        else:
            yield _entry(source, os.path.basename(source))  # noqa: PTH119 - Path("a/..").name is no better
        return
    if not glob.has_magic(source):
        raise NoInputError(f"{source}: no such file or folder")
    root = _fixed_part(source)
    for match in sorted(glob.glob(source, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
        relative = os.path.relpath(match, root or os.curdir)
        if Path(match).is_dir():
            yield from _walk(match, relative, skipped)
        elif _is_candidate(match):
            yield _entry(match, relative)
        else:
            skipped.add(_entry(match, relative).path)


def _walk(folder: str, relative: str, skipped: set[str]) -> Iterator[_Entry]:
    """Real folders before links, and no folder twice, so that a link that loops ends there."""
    seen: set[tuple[int, int]] = set()
    folders, links = [(folder, relative)], list[tuple[str, str]]()
    while folders or links:
        here, prefix = folders.pop() if folders else links.pop(0)
        try:
            status = Path(here).stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(here) as listing:
                children = sorted(listing, key=lambda child: child.name)
        except OSError as error:
            yield _entry(here, (prefix or os.path.basename(os.path.abspath(here))) + "/", error.strerror)  # noqa: PTH100, PTH119
            continue
        for child in children:
            if child.name.startswith("."):
                continue
            below = os.path.join(prefix, child.name)  # noqa: PTH118
            if _is_folder(child):
                (links if child.is_symlink() else folders).append((child.path, below))
            elif _is_candidate(child.name):
                yield _entry(child.path, below)
            else:
                skipped.add(_entry(child.path, below).path)


def _remote(source: str, skipped: set[str]) -> Iterator[_Entry]:
    """An object, or all that lie below a prefix; hidden are those with a dot before any part of their names."""
    root = Remote.named(source)
    try:
        status = root.status()
        found = {"": status} if status else dict(root.objects())
    except OSError as error:
        raise NoInputError(f"{root}: cannot be listed: {error}") from error
    if not found:
        raise NoInputError(f"{root}: no such object or folder (in S3, globs are not looked for)")
    for name, status in sorted(found.items()):
        remote = root.below(name) if name else root
        path = f"/{SCHEME}{remote.key}"  # absolute, so that it has its place beside those of this machine
        if name and not _is_candidate(name):
            if not _is_hidden(name):
                skipped.add(path)
        elif not _is_hidden(name):
            yield _Entry(path, name or remote.key.rpartition("/")[2], None, remote, Version(*status))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _is_folder(child: os.DirEntry[str]) -> bool:
    try:
        return child.is_dir()
    except OSError:  # a link to itself
        return False


def _is_candidate(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES


def _entry(path: str, relative: str, trouble: str | None = None) -> _Entry:
    """Identity is the real folder and the name in it: a folder reached by two ways counts once, and two links
    to one file (as data stores make them) remain two scans."""
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
    return _Entry(os.path.join(os.path.realpath(folder), name), relative, trouble)  # noqa: PTH118


def _fixed_part(pattern: str) -> str:
    """The folder before the first wildcard of a glob."""
    folder = pattern
    while glob.has_magic(folder):
        folder = os.path.dirname(folder)  # noqa: PTH120 - Path normalises, and would lose a leading "./"
    return folder


def _named(entries: list[_Entry]) -> list[tuple[str, _Entry]]:
    """Gives every entry a name of its own; see `find`."""
    names = [_text(entry.relative) for entry in entries]
    if _has_twins(names):
        common = os.path.commonpath([os.path.dirname(entry.path) for entry in entries])  # noqa: PTH120
        names = [_text(os.path.relpath(entry.path, common)) for entry in entries]
    if _has_twins(names):  # one file is called a%FF, another has the byte
        names = [
            name.replace("%", "%25") if names.count(name) > 1 and _is_text(entry.relative) else name
            for name, entry in zip(names, entries, strict=True)
        ]
    return list(zip(names, entries, strict=True))


def _has_twins(names: list[str]) -> bool:
    return len(set(names)) < len(names)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(path: str) -> str:
    """POSIX separators; bytes that are no UTF-8 percent-encoded; blanks and newlines as they are.

    >>> _text("caf\\udce9 1.png")
    'caf%E9 1.png'
    """
    return "".join(
        f"%{ord(sign) - 0xDC00:02X}" if 0xDC80 <= ord(sign) <= 0xDCFF else sign for sign in path.replace(os.sep, "/")
    )


def _nothing(sources: Sequence[str], skipped: Counter[str]) -> str:
    where = ", ".join(sources) or "no source"
    message = f"{where}: no scans found; known suffixes are {' '.join(sorted(SUFFIXES))}"
    if skipped:
        seen = ", ".join(f"{count} × {suffix or 'no suffix'}" for suffix, count in sorted(skipped.items()))
        message += f" (found instead: {seen})"
    return message
