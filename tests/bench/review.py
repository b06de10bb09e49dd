"""How fast the review is: `python -m tests.bench.review [--rows 50000] [--keys 200]`.

A queue of so many fields over scans that are files of their own (copies of a sample, told apart by a comment), opened
by `ocrpipe review` and keyed in Debian's chromium: seconds until the server answers and until the first field is
painted; milliseconds from a key to the next field on the screen, the decision being on disk by then. Nothing here is a
test.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import pyarrow as pa
import pyarrow.parquet as pq
from playwright.sync_api import sync_playwright

from ocrpipe.results.ledger import ENTRIES
from ocrpipe.results.output import Output
from ocrpipe.results.schema import ROWS
from tests.browser import CHROMIUM
from tests.command import COMMAND, FORM, SAMPLES, opened

FIELDS = 20
"""A page."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--keys", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = large_results(Path(folder), options.rows)
        began = time.perf_counter()
        with opened("review", str(results)) as server:
            answering = time.perf_counter() - began
            painted, keys = keyed(server.address, options.keys)
    print(f"{options.rows:,} fields on {options.rows // FIELDS:,} pages")
    print(f"opened: the server answers after {answering:.2f} s, the first field is painted {painted:.2f} s later")
    twentieths = quantiles(keys, n=20)
    print(
        f"key to next field on the screen, {len(keys)} keys: median {median(keys):.0f} ms, 95 % within "
        f"{twentieths[-1]:.0f} ms, longest {max(keys):.0f} ms"
    )


def large_results(folder: Path, rows: int) -> Path:
    """Results of `rows` fields in doubt, and the scans they are of."""
    small = folder / "small.parquet"
    sample = SAMPLES / "forms" / "one-page.jpg"
    subprocess.run(
        [*COMMAND, "run", str(sample), "--template", str(FORM), "--max-error", "0.001", "--out", str(small), "--quiet"],
        check=True, cwd=SAMPLES.parent,
    )  # fmt: skip
    fields = pq.read_table(small).to_pylist()
    scans = folder / "scans"
    scans.mkdir()
    made, entries, picture = [], [], sample.read_bytes()
    for number in range(rows // FIELDS):
        path = scans / f"{number:06}.jpg"
        comment = f"{number:06}".encode()
        path.write_bytes(picture[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + picture[2:])
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        made += [
            {**fields[i % len(fields)], "source": path.name, "source_sha256": sha256, "field": f"field_{i:02}"}
            for i in range(FIELDS)
        ]
        entries.append({"source": path.name, "path": bytes(path), "sha256": sha256})
    results = folder / "results.parquet"
    pq.write_table(pa.Table.from_pylist(made, schema=ROWS), results, compression="zstd")
    columns = [field for field in ENTRIES if field.name in ("source", "path", "sha256")]
    ledger = results.with_name(Output.named(str(results)).ledger)
    pq.write_table(pa.Table.from_pylist(entries, schema=pa.schema(columns)), ledger)
    return results


def keyed(address: str, keys: int) -> tuple[float, list[float]]:
    """Seconds to the first field, and milliseconds from each key to the next field, as the page measures them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector("#name-dialog[open]")
        page.fill("#name", "Ann")
        began = time.perf_counter()
        page.keyboard.press("Enter")
        page.wait_for_selector(".figure")
        painted = time.perf_counter() - began
        for number in range(keys):
            page.keyboard.press("Enter")
            page.wait_for_function("n => performance.getEntriesByName('key-to-next').length > n", arg=number)
            time.sleep(0.15)  # nobody keys a field in less
        told = page.evaluate("performance.getEntriesByName('key-to-next').map((one) => one.duration)")
        browser.close()
    return painted, [float(one) for one in told]


if __name__ == "__main__":
    main()
