"""A file that is whole or absent: written beside its place, forced to disk, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ocrpipe.errors import OutputError


@contextmanager
def whole_file(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Opens a temporary file in the folder of `path`; it takes its name when the block ends without an error."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def check_free(path: Path, *, overwrite: bool) -> None:
    """Raises OutputError where a file cannot go, before work is put into it."""
    folder = path.parent
    if not folder.is_dir():
        raise OutputError(f"{path}: there is no folder {folder}; make it first")
    if path.is_dir():
        raise OutputError(f"{path} is a folder; --out names a file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: the folder {folder} is not writable")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists; add --overwrite to replace it, or choose another name")


def _sync_folder(folder: Path) -> None:
    """Forces the renaming itself to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
