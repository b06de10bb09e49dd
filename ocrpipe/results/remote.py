"""Results in S3: the sibling of `Folder` under a prefix. An object appears whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import IO

import pyarrow as pa
from pyarrow.fs import FileType, LocalFileSystem, copy_files

from ocrpipe.errors import OutputError, UsageError
from ocrpipe.remote import Remote
from ocrpipe.results.folders import Folder
from ocrpipe.results.remote_lock import remotely_locked


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """The objects below a prefix. Who may read them is for the bucket's policy, not for modes."""

    place: Remote

    @classmethod
    def around(cls, uri: str) -> tuple[RemoteFolder, str]:
        """The folder of an object or a prefix, and its name there."""
        place = Remote.named(uri)
        folder, _, name = place.key.rpartition("/")
        if not folder:
            raise UsageError(f"--out {place}: expected a name in the bucket, such as {place}/results.parquet")
        return cls(replace(place, key=folder)), name

    def __str__(self) -> str:
        return str(self.place)

    def below(self, name: str) -> RemoteFolder:
        return RemoteFolder(self.place.below(name))

    def check(self) -> None:
        """Raises OutputError where there is no such bucket, or none that lets us in."""
        bucket = self.place.key.partition("/")[0]
        try:
            [info] = self.place.store.get_file_info([bucket])
        except OSError as error:
            raise OutputError(f"the bucket {bucket} cannot be reached: {error}") from error
        if info.type == FileType.NotFound:
            raise OutputError(f"there is no bucket {bucket}; make it first")

    def locked(self, name: str, run_id: str) -> AbstractContextManager[None]:
        """Keeps other runs out; see `results.remote_lock`."""
        return remotely_locked(self.place.below(name), run_id)

    def make(self, mode: int = 0o777) -> None:
        """A prefix is there as soon as an object has it."""

    @contextmanager
    def write(self, name: str, mode: int = 0o666) -> Iterator[IO[bytes]]:
        """An object that appears when the block ends without an error.

        It waits in a local file until then: a stream into S3 that is closed after an error completes half an object.
        """
        with tempfile.NamedTemporaryFile(prefix="ocrpipe-") as spool:
            yield spool
            spool.flush()
            copy_files(
                spool.name, self.place.below(name).key, source_filesystem=LocalFileSystem(),
                destination_filesystem=self.place.store,
            )  # fmt: skip

    def open(self, name: str) -> pa.NativeFile:
        """An object to read from: a local copy, mapped into memory, that goes when nobody reads it any more."""
        with tempfile.NamedTemporaryFile(prefix="ocrpipe-") as copy, self.place.below(name).open() as source:
            source.download(copy)
            copy.flush()
            return pa.memory_map(copy.name)

    def has(self, name: str) -> bool:
        return self.place.below(name).status() is not None

    def has_folder(self, name: str) -> bool:
        return any(True for _ in self.place.below(name).objects())

    def names(self) -> list[str]:
        """All objects below, sorted."""
        return sorted(name for name, _ in self.place.objects())

    def remove(self, name: str) -> None:
        """Removes an object; nothing where it is absent."""
        self.place.below(name).remove()

    def clear(self) -> None:
        """Removes all objects below."""
        if self.names():
            self.place.store.delete_dir(self.place.key)

    def sweep(self, name: str) -> None:
        """Nothing is ever half written."""

    def sweep_below(self) -> None:
        """Nothing is ever half written."""


Place = Folder | RemoteFolder
"""Where results are kept."""
