"""Digits by name, fetched once into a cache. Nothing is fetched unless somebody asks for it by name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ocrpipe.digits import content, packed_or_plain
from ocrpipe.errors import UsageError

MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"
_TIMEOUT = 5.0, 30.0
"""Seconds for a connection, and between two parts of a file."""
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Hashes:
    """SHA-256 of a file as its makers packed it, and of what is in it, however it is packed."""

    packed: str
    content: str


MNIST = {
    "train-images-idx3-ubyte.gz": Hashes(
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train-labels-idx1-ubyte.gz": Hashes(
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "t10k-images-idx3-ubyte.gz": Hashes(
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "t10k-labels-idx1-ubyte.gz": Hashes(
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}


def fetch_mnist(folder: Path | None = None) -> Path:
    """The folder whose mnist/ holds MNIST's four files: `folder`, or a cache of this user.

    What is not there yet comes from a public mirror, once and without a second try. UsageError says which files to put
    where when that fails, or which one is there and is not MNIST's.
    """
    try:
        import pooch
    except ImportError as error:
        raise UsageError("--data fetches with pooch, which is not installed: pip install 'ocrpipe[train]'") from error
    folder = folder or Path(pooch.os_cache("ocrpipe"))
    missing = [name for name in MNIST if not _is_there(folder / "mnist", name)]
    for at, name in enumerate(missing):
        try:
            pooch.retrieve(
                MIRROR + name, MNIST[name].packed, name, folder / "mnist",
                downloader=pooch.HTTPDownloader(chunk_size=_CHUNK, timeout=_TIMEOUT),
            )  # fmt: skip
        except (OSError, ValueError) as error:  # requests' errors are OSErrors; a wrong checksum is a ValueError
            raise UsageError(
                f"{MIRROR}{name} cannot be fetched ({_reason(error)}). Fetch by other means and put into "
                f"{folder / 'mnist'}: {', '.join(missing[at:])}; or name another folder with --data-dir DIR"
            ) from error
    return folder


def _is_there(folder: Path, name: str) -> bool:
    """Whether the file is there, packed anyhow or plain; UsageError where another is in its place."""
    path = packed_or_plain(folder / name)
    if not path.is_file():
        return False
    if hashlib.sha256(content(path)).hexdigest() != MNIST[name].content:
        raise UsageError(f"{path}: is not the file that MNIST's makers published by this name; move it away")
    return True


def _reason(error: Exception) -> str:
    import requests  # came with pooch

    if isinstance(error, requests.ConnectionError | requests.Timeout):
        return "no connection"
    return str(error)
