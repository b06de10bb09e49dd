"""Drawn and labelled candidates and strips on disk, so that a training can be killed and gone on with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ocrpipe.looks import lattice_of
from ocrpipe.reading.grammar import pattern_of
from ocrpipe.reading.search import chain
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.examples import Examples, Strips, Written, gather, strips_of
from ocrpipe.training.writers import Split, load

FIELDS_PER_SHARD = 500


Content = Literal["train", "validation", "paths"]
"""Candidates and strips of either split, or whole lattices and strips of training writers."""


def draw_shards(
    work: Path, digits: Path, content: Content, count: int, seed: int, jobs: int, done: Callable[[], None]
) -> list[Path]:
    """Files of `FIELDS_PER_SHARD` fields each under `work`; those that are there already are kept."""
    work.mkdir(parents=True, exist_ok=True)
    paths = [work / f"{content}-{seed}-{i:04d}.npz" for i in range(count)]
    missing = [(i, path) for i, path in enumerate(paths) if not path.exists()]
    for _ in range(count - len(missing)):
        done()
    if missing:
        split: Split = "validation" if content == "validation" else "train"
        draw = _draw_lattices if content == "paths" else _draw_candidates
        context = get_context("spawn")
        with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(digits, split)) as pool:
            for _ in pool.map(draw, [p for _, p in missing], [(seed, i) for i, _ in missing]):
                done()
    return paths


_drawer: Drawer | None = None
"""Each drawing process loads the writers once."""


def _start(digits: Path, split: Split) -> None:
    import cv2

    global _drawer
    cv2.setNumThreads(1)
    _drawer = Drawer(load(digits, split), print_fonts())


def _draw_candidates(path: Path, seed: tuple[int, int]) -> None:
    assert _drawer is not None
    examples, strips = gather(_drawer, FIELDS_PER_SHARD, np.random.default_rng(seed))
    _write(path, {
        "crops": examples.crops, "labels": examples.labels, "shapes": examples.shapes, "places": examples.places,
        **_of_strips(strips),
    })  # fmt: skip


def _of_strips(strips: Strips) -> dict[str, NDArray[Any]]:
    return {"pixels": strips.pixels, "widths": strips.widths, "symbols": strips.symbols, "lengths": strips.lengths}


def _draw_lattices(path: Path, seed: tuple[int, int]) -> None:
    """Fields with a printed point are left out: what is written does not spell it."""
    assert _drawer is not None
    rng = np.random.default_rng((*seed, 7))
    drawn = [d for d in (_drawer.draw(rng) for _ in range(FIELDS_PER_SHARD)) if not d.field.spec.cents_cells]
    pairs = [(d, lattice_of(d.field, second=True)) for d in drawn]
    pairs = [(d, lattice) for d, lattice in pairs if len(lattice.starts)]
    _write(path, {
        "nodes": np.array([lattice.nodes for _, lattice in pairs]),
        "edges": np.array([len(lattice.starts) for _, lattice in pairs]),
        "starts": np.concatenate([lattice.starts for _, lattice in pairs]).astype(np.int64),
        "ends": np.concatenate([lattice.ends for _, lattice in pairs]).astype(np.int64),
        "crops": np.concatenate([lattice.crops for _, lattice in pairs]),
        "shapes": np.concatenate([lattice.shapes for _, lattice in pairs]),
        **_of_strips(strips_of([(d, lattice.strip) for d, lattice in pairs if lattice.strip is not None])),
        "patterns": np.array([pattern_of(d.wording.spec) for d, _ in pairs]),
    })  # fmt: skip


def _write(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as out:
        np.savez(out, allow_pickle=False, **arrays)
    part.rename(path)


def read_examples(paths: list[Path]) -> Iterator[Examples]:
    for path in paths:
        with np.load(path) as data:
            yield Examples(data["crops"], data["labels"], data["shapes"], data["places"])


def read_strips(paths: list[Path]) -> Iterator[Strips]:
    for path in paths:
        with np.load(path) as data:
            yield Strips(data["pixels"], data["widths"], data["symbols"], data["lengths"])


def count_lattices(paths: list[Path]) -> int:
    """How many fields `read_lattices` yields."""
    counts = []
    for path in paths:
        with np.load(path) as data:
            counts.append(len(data["nodes"]))
    return sum(counts)


def read_lattices(paths: list[Path]) -> Iterator[list[Written]]:
    """The fields of one shard after another."""
    for path in paths:
        with np.load(path) as data:
            cuts = data["edges"].cumsum()[:-1]
            starts, ends, crops, shapes = (np.split(data[name], cuts) for name in ("starts", "ends", "crops", "shapes"))
            texts = [chain(tuple(text.tolist())) for text in np.split(data["symbols"], data["lengths"].cumsum()[:-1])]
            yield [
                Written(int(nodes), starts[i], ends[i], crops[i], shapes[i], texts[i], str(pattern))
                for i, (nodes, pattern) in enumerate(zip(data["nodes"], data["patterns"], strict=True))
            ]
