"""A line whose files say in their names what happens to them: `pages-3`, `raise`, `die`, `once` …"""

from __future__ import annotations

import itertools
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ocrpipe.clock import Clock
from ocrpipe.errors import UsageError
from ocrpipe.geometry import Box, identity
from ocrpipe.records import FieldImage, FieldSpec, Lattice, ScanFile
from ocrpipe.rows import Context, Decision, Prepared, Row


@dataclass(frozen=True)
class FakeLine:
    notes: Path
    """A folder where a worker can leave word for the next."""
    crops_per_field: int = 3

    @cached_property
    def clock(self) -> Clock:
        ticks = itertools.count()
        return Clock(lambda: float(next(ticks)))  # every stage takes one tick

    @property
    def fingerprint(self) -> dict[str, str]:
        return {"model": "fake"}

    def prepare_file(self, file: ScanFile) -> Iterator[list[Prepared]]:
        found = re.search(r"pages-(\d+)", file.name)
        for page in range(int(found[1]) if found else 1):
            if "raise" in file.name and page == 1:
                raise ValueError("a bug on the second page")
            if "die" in file.name:
                os.kill(os.getpid(), signal.SIGSEGV)
            if "once" in file.name and not (self.notes / "once").exists():
                (self.notes / "once").touch()
                os.kill(os.getpid(), signal.SIGKILL)
            if "slow" in file.name:
                time.sleep(0.4)
            if "grow" in file.name:
                with file.path.open("a") as growing:
                    growing.write("more")
            if "operator" in file.name:
                raise UsageError("the model file is missing")
            if "hang" in file.name:
                (self.notes / "hanging").write_text(f"{os.getpid()}")
                time.sleep(600)
            with self.clock.stage("decode"):
                pass
            yield [self._field(file, page, name) for name in ("amount", "zip")]

    def recognise(self, batch: list[Prepared]) -> list[Row]:
        sources = {prepared.context.source for prepared in batch}
        with (self.notes / f"batches-{os.getpid()}").open("a") as notes:
            notes.write(f"{len(batch)} {sum(len(p.lattice.crops) for p in batch if p.lattice)}\n")
        if any("poison" in source for source in sources):
            raise FloatingPointError("a bug in recognition")
        with self.clock.stage("networks"):
            return [self._row(prepared) for prepared in batch]

    def _field(self, file: ScanFile, page: int, name: str) -> Prepared:
        spec = FieldSpec(name, "digits")
        n = self.crops_per_field
        image = FieldImage(spec, np.zeros((4, 4), np.uint8), identity(), Box(0, 0, 4, 4), 200.0)
        places = np.arange(n, dtype=np.int32)
        lattice = Lattice(
            field=image,
            nodes=n + 1,
            starts=places,
            ends=places + 1,
            crops=np.zeros((n, 32, 32), np.uint8),
            boxes=np.zeros((n, 4), np.float32),
            shapes=np.zeros((n, 8), np.float32),
            ink_share=0.1,
            to_frame=identity(),
            span=(0.0, 0.0, 4.0, 4.0),
        )
        return Prepared(Context(file.name, "0" * 64, page), spec, lattice)

    def _row(self, prepared: Prepared) -> Row:
        detail = None
        if "threads" in prepared.context.source:
            import cv2
            import threadpoolctl
            import torch

            assert "torch" in sys.modules
            blas = max(pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas")
            detail = f"{cv2.getNumThreads()} {torch.get_num_threads()} {blas}"
        return Row(prepared.context, prepared.spec, Decision("accepted", None, detail, "1", 0.99, 0.9))
