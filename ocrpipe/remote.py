"""Places in an object store, `s3://bucket/key`, reached through pyarrow.

Credentials come from where every S3 client has them (AWS_ACCESS_KEY_ID, AWS_PROFILE, a role of the machine), the
address of a store that is not Amazon's from AWS_ENDPOINT_URL or from the options of the URI:
`s3://bucket/key?endpoint_override=localhost:9000&scheme=http`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ocrpipe.errors import UsageError

SCHEME = "s3://"
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Remote:
    """An object, or a prefix that stands for a folder. Calls raise OSError where the store refuses or is away."""

    key: str
    """With the bucket before it: `bucket/some/key`."""
    options: str = ""
    """Of the store, as they follow the question mark."""

    @classmethod
    def named(cls, uri: str) -> Remote:
        """
        >>> Remote.named("s3://b/a?.png"), Remote.named("s3://b/in/?region=eu-west-1").options
        (Remote(key='b/a?.png', options=''), 'region=eu-west-1')
        """
        rest = uri.removeprefix(SCHEME)
        key, _, options = rest.rpartition("?")
        if not key or "=" not in options:
            key, options = rest, ""
        bucket = key.partition("/")[0]
        if not bucket:
            raise UsageError(f"{uri}: expected s3://BUCKET/KEY")
        if "@" in bucket:
            raise UsageError(
                f"s3://…@{bucket.rpartition('@')[2]}: credentials belong in the environment (AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY), where no process list shows them"
            )
        return cls(key.rstrip("/"), options)

    def __str__(self) -> str:
        return f"{SCHEME}{self.key}"

    @property
    def uri(self) -> str:
        """What `named` takes."""
        return f"{self}?{self.options}" if self.options else str(self)

    @property
    def store(self) -> Any:
        """The file system of pyarrow."""
        return _store(self.key.partition("/")[0], self.options)

    def below(self, name: str) -> Remote:
        return replace(self, key=f"{self.key}/{name}")

    def status(self) -> tuple[int, int] | None:
        """Size and time of change in nanoseconds; None where there is no such object."""
        [info] = self.store.get_file_info([self.key])
        return _status(info) if info.is_file else None

    def objects(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """The name of every object below, without the key, and its status."""
        from pyarrow.fs import FileSelector

        for info in self.store.get_file_info(FileSelector(self.key, allow_not_found=True, recursive=True)):
            if info.is_file:
                yield info.path[len(self.key) + 1 :], _status(info)

    def open(self, mode: str = "rb") -> Any:
        """The object, to read from; a file of pyarrow, which has Python's methods."""
        assert mode == "rb"
        return self.store.open_input_file(self.key)

    def read(self) -> bytes:
        with self.open() as content:
            return bytes(content.read())

    def write(self, content: bytes) -> None:
        """For a few words; what is long goes by `results.remote`, as half of it would take the name on an error."""
        with self.store.open_output_stream(self.key) as sink:
            sink.write(content)

    def remove(self) -> None:
        """Nothing where it is absent."""
        if self.status():
            self.store.delete_file(self.key)


def _status(info: Any) -> tuple[int, int]:
    """In whole seconds: a listing may know more of them than the object's own header, which has no fractions."""
    return int(info.size), int(info.mtime_ns) // _SECOND_NS * _SECOND_NS


@lru_cache
def _store(bucket: str, options: str) -> Any:
    from pyarrow.fs import FileSystem

    try:
        return FileSystem.from_uri(f"{SCHEME}{bucket}" + (f"?{options}" if options else ""))[0]
    except ValueError as error:
        raise UsageError(f"{SCHEME}{bucket}?{options}: {error}") from error
