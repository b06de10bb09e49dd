"""Where a run's results go, and what lies beside them.

RESULTS.parquet (one file) or RESULTS/ (a dataset, one folder a run date) holds the rows. Beside it, all under the same
name: RESULTS.crops.parquet or RESULTS.crops/ with the field pictures, RESULTS.ledger.parquet with what is done,
RESULTS.journal/ with what an unfinished run has read so far, RESULTS.lock while a run is at work. All of it may lie in
S3 instead of a folder.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ocrpipe.errors import OutputError, UsageError
from ocrpipe.remote import SCHEME
from ocrpipe.results.folders import Folder
from ocrpipe.results.remote import Place, RemoteFolder


@dataclass(frozen=True, slots=True)
class Output:
    """Names of everything that a run writes, in `folder`."""

    folder: Place
    rows: str
    """The file with the rows, or the folder of the dataset."""
    dataset: bool
    """Whether rows go to a folder of files, one or more for each run, instead of one file."""

    @classmethod
    def named(cls, out: str) -> Output:
        """Of `--out`: a name that ends in a slash is a dataset.

        >>> output = Output.named("s3://bucket/2026/results/?region=eu-west-1")
        >>> str(output), output.dataset, output.ledger
        ('s3://bucket/2026/results/', True, 'results.ledger.parquet')
        """
        if out.startswith(SCHEME):
            folder, name = RemoteFolder.around(out)
            return cls(folder, name, out.partition("?")[0].endswith("/"))
        path = Path(out)
        dataset = out.endswith(("/", os.sep))
        if not path.name:
            raise UsageError(f"--out {out}: expected a name, such as results.parquet or results/")
        return cls(Folder(path.parent), path.name, dataset)

    @property
    def stem(self) -> str:
        return self.rows.removesuffix(".parquet")

    @property
    def crops(self) -> str:
        return f"{self.stem}.crops" if self.dataset else f"{self.stem}.crops.parquet"

    @property
    def ledger(self) -> str:
        return f"{self.stem}.ledger.parquet"

    @property
    def journal(self) -> Place:
        return self.folder.below(f"{self.stem}.journal")

    def __str__(self) -> str:
        return f"{self.folder.below(self.rows)}{'/' if self.dataset else ''}"

    def locked(self, run_id: str) -> AbstractContextManager[None]:
        """Keeps other runs out, or raises BusyError."""
        return self.folder.locked(f"{self.stem}.lock", run_id)

    def check(self) -> None:
        """Raises OutputError where results cannot go, before any scan is read."""
        try:
            self.folder.check()
        except OutputError as error:
            raise OutputError(f"{self}: {error}") from None
        rows = self.folder.below(self.rows)
        if not self.dataset and self.folder.has_folder(self.rows):
            raise OutputError(f"{rows} is a folder; end its name with a slash for a dataset: --out {rows}/")
        if self.dataset and self.folder.has(self.rows):
            raise OutputError(f"{rows} is a file; without the slash, --out {rows} adds to it")
        foreign = [name for name in rows.names() if not in_dataset(name)] if self.dataset else []
        if foreign:
            raise OutputError(
                f"{rows} holds {foreign[0]}, which is not ocrpipe's; give a folder of its own: --out NEW/"
            )

    def sweep(self) -> None:
        """Removes the half-written files of a run that was killed; only under the lock."""
        for name in (self.rows, self.crops, self.ledger):
            self.folder.sweep(name)
        for name in (self.rows, self.crops) if self.dataset else ():
            self.folder.below(name).sweep_below()


def in_dataset(name: str) -> bool:
    """Whether a file in the folder of a dataset is one that a run has put there.

    >>> in_dataset("run_date=2026-11-21/000000-20261121T020000Z.parquet"), in_dataset("scan.png")
    (True, False)
    """
    folder, _, file = name.rpartition("/")
    return folder.startswith("run_date=") and "/" not in folder and file.endswith((".parquet", ".tmp"))


def crops_path(results: Path) -> Path:
    """Where the pictures of `results` are.

    >>> crops_path(Path("out/results.parquet")).name
    'results.crops.parquet'
    """
    return results.with_name(Output.named(f"{results}/" if results.is_dir() else str(results)).crops)
