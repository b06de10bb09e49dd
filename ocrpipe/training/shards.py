"""Drawn and labelled candidates on disk, so that a training can be killed and gone on with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.examples import Examples, gather
from ocrpipe.training.writers import Split, load

FIELDS_PER_SHARD = 500


def draw_shards(
    work: Path, digits: Path, split: Split, count: int, seed: int, jobs: int, done: Callable[[], None]
) -> list[Path]:
    """Files of `FIELDS_PER_SHARD` fields each under `work`; those that are there already are kept."""
    work.mkdir(parents=True, exist_ok=True)
    paths = [work / f"{split}-{seed}-{i:04d}.npz" for i in range(count)]
    missing = [(i, path) for i, path in enumerate(paths) if not path.exists()]
    for _ in range(count - len(missing)):
        done()
    if missing:
        context = get_context("spawn")
        with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(digits, split)) as pool:
            for _ in pool.map(_draw_shard, [p for _, p in missing], [(seed, i) for i, _ in missing]):
                done()
    return paths


_drawer: Drawer | None = None
"""Each drawing process loads the writers once."""


def _start(digits: Path, split: Split) -> None:
    import cv2

    global _drawer
    cv2.setNumThreads(1)
    _drawer = Drawer(load(digits, split), print_fonts())


def _draw_shard(path: Path, seed: tuple[int, int]) -> None:
    assert _drawer is not None
    examples = gather(_drawer, FIELDS_PER_SHARD, np.random.default_rng(seed))
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as out:
        np.savez(out, crops=examples.crops, labels=examples.labels, shapes=examples.shapes, places=examples.places)
    part.rename(path)


def read_shards(paths: list[Path]) -> Iterator[Examples]:
    for path in paths:
        with np.load(path) as data:
            yield Examples(data["crops"], data["labels"], data["shapes"], data["places"])
