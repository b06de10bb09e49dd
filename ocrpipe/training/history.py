"""What the epochs of all networks told, kept beside the checkpoints: history.jsonl, and curves.png of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock
from time import monotonic

from ocrpipe.errors import UsageError
from ocrpipe.results.atomic import whole_file
from ocrpipe.training.learning import Epoch
from ocrpipe.training.plots import draw_curves

HISTORY, CURVES = "history.jsonl", "curves.png"


class History:
    """The epochs of one seed in a folder, which may hold those of other seeds. A resumed training goes on in it, and
    one that begins anew takes the place of what it repeats."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder, seed
        self._told = _read(folder / HISTORY)
        self._lock = Lock()

    @property
    def epochs(self) -> list[Epoch]:
        """Those of this seed, in the order in which they ended."""
        return [epoch for seed, epoch in self._told if seed == self._seed]

    def follow(self, told: Callable[[Epoch], None]) -> Callable[[Epoch], None]:
        """Who hears the epochs of a network whose training begins now: clocks them, keeps them, passes them on."""
        last = monotonic()

        def heard(epoch: Epoch) -> None:
            nonlocal last
            now = monotonic()
            clocked, last = replace(epoch, seconds=round(now - last, 3)), now
            self.add(clocked)
            told(clocked)

        return heard

    def add(self, epoch: Epoch) -> None:
        """Writes both files anew; networks that learn at once may add at once."""

        def stands(seed: int, other: Epoch) -> bool:
            return seed != self._seed or other.network != epoch.network or other.number < epoch.number

        with self._lock:
            self._told = [pair for pair in self._told if stands(*pair)] + [(self._seed, epoch)]
            lines = [json.dumps({"seed": seed} | asdict(epoch)) + "\n" for seed, epoch in self._told]
            with whole_file(self._folder / HISTORY) as out:
                out.write("".join(lines).encode())
            draw_curves(self.epochs, self._folder / CURVES)


def _read(path: Path) -> list[tuple[int, Epoch]]:
    told = []
    for number, line in enumerate(path.read_text("utf-8").splitlines() if path.exists() else [], 1):
        try:
            values = json.loads(line)
            told.append((int(values.pop("seed")), Epoch(**values)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError(f"{path}: line {number} tells of no epoch ({error}); move the file away") from error
    return told
