"""Finding the sheets on a scan, measured: `python -m tests.bench.documents [scenes a kind]`.

For drawn scenes (kinds that the constants were made with, then kinds held out) and for the scans of
`../shared/bench`, prints how many sheets there are, how many are found (common area of at least 95 % of both together,
as far as they lie in the picture), documents that are none, pages wrongly cut up, failures, corner errors in pixels,
and CPU milliseconds for finding sheets and for the whole step with its upright documents. A scene of which nothing may
be made (curl, a hard shadow) counts as right where it fails or is left whole.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box, apply
from ocrpipe.records import Failure, Page, ScanFile, Upright
from ocrpipe.scans.decode import decode
from ocrpipe.scans.documents import documents
from ocrpipe.scans.ink import reduced, shrunk
from ocrpipe.scans.sheets import find_sheets
from ocrpipe.settings import Settings
from tests.bench.given import scan_of
from tests.scans.scene_kinds import HELD_OUT, KINDS, scene_of
from tests.scans.scenes import Corners, Scene, corners_of

ROOT = Path(__file__).parents[2]
BENCH = ROOT.parent / "shared" / "bench"
ENOUGH = 0.95


@dataclass
class Tally:
    scenes: int = 0
    sheets: int = 0
    found: int = 0
    false: int = 0
    split: int = 0
    failed: int = 0
    unsure_right: int = 0
    unsure: int = 0
    corner_px: list[float] = field(default_factory=list)
    search_ms: list[float] = field(default_factory=list)
    step_ms: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def row(self, name: str) -> str:
        worst = f"{np.median(self.corner_px):6.2f} {np.percentile(self.corner_px, 95):7.2f}" if self.corner_px else ""
        unsure = f"{self.unsure_right}/{self.unsure}" if self.unsure else ""
        return (
            f"{name:26} {self.scenes:6d} {self.sheets:6d} {self.found:5d} {self.false:5d} {self.split:5d} "
            f"{self.failed:6d} {unsure:>6} {worst:14} {np.median(self.search_ms):6.2f} {np.median(self.step_ms):6.1f}"
            f"   {' '.join(self.missed[:6])}"
        )


HEADER = (
    f"{'kind':26} {'scenes':>6} {'sheets':>6} {'found':>5} {'false':>5} {'split':>5} {'failed':>6} {'unsure':>6} "
    f"{'corner':>6} {'p95':>7} {'search':>6} {'step':>6}   missed"
)


def page_of(scene: Scene) -> Page:
    dpi_from = "file" if scene.dpi else "inferred"
    return Page("drawn", "", 0, scene.pixels, scene.dpi or 200.0, dpi_from)  # type: ignore[arg-type]


def quad(upright: Upright) -> Corners:
    box = Box(-0.5, -0.5, upright.width - 0.5, upright.height - 0.5)
    return apply(upright.to_page, box.corners())


def common(one: Corners, other: Corners, picture: NDArray[np.uint8]) -> float:
    """Intersection over union of what of two quadrilaterals lies in the picture."""
    frame = corners_of(picture).astype(np.float32)
    clipped = [cv2.intersectConvexConvex(np.asarray(part, np.float32), frame) for part in (one, other)]
    if min(area for area, _ in clipped) <= 0:
        return 0.0
    both, _ = cv2.intersectConvexConvex(clipped[0][1], clipped[1][1])
    return float(both / (clipped[0][0] + clipped[1][0] - both))


def judge(tally: Tally, name: str, page: Page, truths: tuple[Corners, ...], unsure: bool) -> None:
    gray, factor = shrunk(page)
    find_sheets(gray, page.dpi / factor, page.dpi_from == "file")
    began = time.process_time()
    seen = find_sheets(gray, page.dpi / factor, page.dpi_from == "file")
    searched = time.process_time()
    made = documents(page, reduced(page))
    tally.search_ms.append(1e3 * (searched - began))
    tally.step_ms.append(1e3 * (time.process_time() - searched))
    quads = [quad(one) for one in made if isinstance(one, Upright)]
    failed = sum(isinstance(one, Failure) for one in made)
    tally.scenes += 1
    tally.failed += failed
    right = 0
    for truth in truths:
        best = max(quads, key=lambda one: common(one, truth, page.pixels), default=None)
        if best is not None and common(best, truth, page.pixels) >= ENOUGH:
            right += 1
            off = [np.hypot(*(np.roll(best, turn, axis=0) - truth).T) for turn in range(4)]
            tally.corner_px.append(float(min(one.max() for one in off)))
    if unsure:
        tally.unsure += 1
        tally.unsure_right += not seen.sheets or right == len(truths) == len(quads)
        return
    tally.sheets += len(truths)
    tally.found += right
    tally.false += len(quads) - right
    tally.split += len(truths) == 1 and len(made) > 1
    if right < len(truths) or len(quads) > right:
        tally.missed.append(name)


def bench_pages() -> Iterator[tuple[str, str, Page, tuple[Corners, ...]]]:
    for line in (BENCH / "pages" / "truth.jsonl").read_text().splitlines():
        sheet = json.loads(line)
        wide, high = sheet["page_size"]
        truth = apply(scan_of(sheet), Box(-0.5, -0.5, wide - 0.5, high - 0.5).corners())
        group = f"{sheet['layout'].split('-')[0]}, {'bitonal' if sheet['encoding'] == 'g4' else 'gray'}"
        yield f"pages: {group}", sheet["file"], _decoded(BENCH / "pages", sheet["file"]), (truth,)
    for path in sorted((BENCH / "cheques" / "images").iterdir()):
        page = _decoded(path.parent, path.name)
        yield "cheques", path.name, page, (corners_of(page.pixels),)


def _decoded(folder: Path, name: str) -> Page:
    page = next(iter(decode(ScanFile(folder / name, name), Settings())))
    assert isinstance(page, Page)
    return page


def main() -> None:
    cv2.setNumThreads(1)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    print(HEADER)
    for title, kinds in (("made with", KINDS), ("held out", HELD_OUT)):
        print(f"-- drawn, {title}")
        for kind in kinds:
            tally = Tally()
            for index in range(count):
                scene = scene_of(kind, index)
                judge(tally, str(index), page_of(scene), scene.sheets, scene.unsure)
            print(tally.row(kind), flush=True)
    if not BENCH.is_dir():
        sys.exit(f"{BENCH} is not there: drawn scenes only")
    print("-- scans")
    tallies: dict[str, Tally] = {}
    for group, name, page, truths in bench_pages():
        judge(tallies.setdefault(group, Tally()), name, page, truths, unsure=False)
    for group, tally in tallies.items():
        print(tally.row(group))


if __name__ == "__main__":
    main()
