"""Pages that are neither checks nor envelopes: `python -m tests.bench.others [--keep DIR] [OPTIONS OF run]`.

Two hundred of them: papers drawn for the purpose, forms of the bench without their templates, pictures that come with
scikit-image, and noise. Prints how many rows with a value were accepted, sent to review, or refused, and which.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import skimage
from numpy.typing import NDArray
from PIL import Image

from ocrpipe.training.sheets import draw_other
from tests.bench.given import BENCH
from tests.bench.marks import ocrpipe

PAGES = 200
_NOISE = 12
_LEAST_PX = 300
_SEED = 41


def pictures() -> list[tuple[str, NDArray[np.uint8]]]:
    """What ships with scikit-image, gray, at most a scan's size."""
    found = []
    for path in sorted((Path(skimage.__file__).parent / "data").iterdir()):
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.suffix in (".png", ".jpg", ".tif") else None
        if picture is not None and min(picture.shape) >= _LEAST_PX:
            found.append((path.stem, np.asarray(picture, np.uint8)))
    return found


def noise(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Grain of any size and strength, or bitonal snow."""
    shape = int(rng.integers(500, 2200)), int(rng.integers(1100, 1800))
    coarse = tuple(max(2, round(side / float(2 ** rng.uniform(0, 5)))) for side in shape)
    grain = cv2.resize(rng.standard_normal(coarse, np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.4:
        return np.where(grain > float(rng.uniform(0.5, 2.5)), 0, 255).astype(np.uint8)
    return np.clip(rng.uniform(120, 250) + grain * rng.uniform(5, 60), 0, 255).astype(np.uint8)


def collect(folder: Path) -> Counter[str]:
    """Fills `folder`; how many pages of what."""
    rng = np.random.default_rng(_SEED)
    count: Counter[str] = Counter()

    def put(kind: str, name: str, picture: NDArray[np.uint8], dpi: float = 200.0) -> None:
        Image.fromarray(picture).save(folder / f"{kind}-{name}.png", dpi=(dpi, dpi))
        count[kind] += 1

    for name, picture in pictures():
        put("picture", name, picture)
    for number in range(_NOISE):
        put("noise", str(number), noise(rng))
    forms = [path for part in ("blank_forms", "pages/forms") for path in sorted((BENCH / part).glob("*.*"))]
    for path in forms:
        if path.suffix not in (".json", ".csv", ".jsonl"):
            shutil.copy(path, folder / f"form-{path.name}")
            count["form"] += 1
    for number in range(PAGES - count.total()):
        sheet = draw_other(np.random.default_rng((_SEED, number)))
        put(f"drawn-{sheet.layout}", str(number), sheet.picture, sheet.told_dpi or 200.0)
    return count


def main() -> None:
    arguments = sys.argv[1:]
    kept = Path(arguments.pop(arguments.index("--keep") + 1)) if "--keep" in arguments else None
    arguments = [one for one in arguments if one != "--keep"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = kept or Path(temporary) / "pages"
        folder.mkdir(parents=True, exist_ok=True)
        count = collect(folder)
        out = Path(temporary) / "others.parquet"
        run = ocrpipe("run", folder, "--out", out, *arguments)
        if run.returncode not in (0, 4):
            sys.exit(run.stderr)
        rows = pq.read_table(out, columns=["source", "field", "value", "status", "reason", "confidence"]).to_pylist()
    print(f"{count.total()} pages: " + ", ".join(f"{n} {kind}" for kind, n in sorted(count.items())))
    statuses = Counter((row["status"], row["reason"]) for row in rows)
    for (status, reason), n in statuses.most_common():
        print(f"{n:4d} {status} {reason or ''}")
    for row in rows:
        if row["value"]:
            print(f"{row['status']:9} {row['source']:40} {row['field']:14} {row['value']} ({row['confidence']:.3f})")
    print(f"accepted values: {sum(row['status'] == 'accepted' and bool(row['value']) for row in rows)}")


if __name__ == "__main__":
    main()
