"""Where results are kept: a folder in which every file is whole or absent. `results.remote` has its sibling in S3."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from ocrpipe.errors import OutputError
from ocrpipe.results.atomic import whole_file
from ocrpipe.results.lock import locked


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on this machine. Names of files in it may hold slashes."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def below(self, name: str) -> Folder:
        return Folder(self.path / name)

    def check(self) -> None:
        """Raises OutputError where nothing can be written here."""
        if not self.path.is_dir():
            raise OutputError(f"there is no folder {self}; make it first")
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise OutputError(f"the folder {self} is not writable")

    def locked(self, name: str, run_id: str) -> AbstractContextManager[None]:
        """Keeps other runs out; see `results.lock`."""
        return locked(self.path / name, run_id)

    def make(self, mode: int = 0o777) -> None:
        """Makes the folder where it is absent; its parents must be there."""
        self.path.mkdir(mode, exist_ok=True)

    @contextmanager
    def write(self, name: str, mode: int = 0o666) -> Iterator[BinaryIO]:
        """A file that takes its name when the block ends without an error."""
        with whole_file(self.path / name, mode) as sink:
            yield sink

    def open(self, name: str) -> pa.NativeFile:
        """A file to read from, mapped into memory."""
        return pa.memory_map(str(self.path / name))

    def has(self, name: str) -> bool:
        return (self.path / name).is_file()

    def has_folder(self, name: str) -> bool:
        return (self.path / name).is_dir()

    def names(self) -> list[str]:
        """All files below, sorted; none where the folder is absent."""
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*") if path.is_file())

    def remove(self, name: str) -> None:
        """Removes a file; nothing where it is absent."""
        (self.path / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Removes the folder and all that is in it; nothing where it is absent."""
        if self.path.is_dir():
            shutil.rmtree(self.path)

    def sweep(self, name: str) -> None:
        """Removes what a run that was killed has half written of the file `name`."""
        for path in self.path.glob(f".{glob.escape(name)}.*.tmp"):
            path.unlink(missing_ok=True)

    def sweep_below(self) -> None:
        """… and of any file in a folder of this one."""
        for path in self.path.glob("*/.*.tmp"):
            path.unlink(missing_ok=True)
