"""An S3-compatible server for tests, and buckets in it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrpipe.remote import Remote


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a server that forgets everything when the tests end."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def environment(server: str) -> dict[str, str]:
    """What tells a process where S3 is, and who it is."""
    return {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "no_proxy": "127.0.0.1",
    }


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Remote:
    """A new bucket."""
    for name, value in environment(s3_server).items():
        monkeypatch.setenv(name, value)
    name = f"test-{secrets.token_hex(6)}"
    Remote(name, "allow_bucket_creation=true").store.create_dir(name)
    return Remote(name)


def upload(folder: Path, place: Remote) -> None:
    """All files of a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            place.below(path.relative_to(folder).as_posix()).write(path.read_bytes())


def objects(place: Remote) -> list[str]:
    return sorted(name for name, _ in place.objects())
