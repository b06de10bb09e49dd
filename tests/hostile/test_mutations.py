"""Whatever happens to the bytes of a file, it ends in pages or in rows that say why there are none.

`HYPOTHESIS_PROFILE=prove pytest tests/hostile/test_mutations.py` looks for long.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrpipe.errors import UsageError
from ocrpipe.fields.template import load_template
from ocrpipe.records import BadPage, Page, ScanFile
from ocrpipe.scans.decode import decode
from ocrpipe.scans.exif import parse_exif
from ocrpipe.scans.raster import Refused
from ocrpipe.scans.tiff_directories import count_directories
from ocrpipe.settings import Settings
from tests.hostile.good import exif
from tests.hostile.mutations import damaged, good_files

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "prove"
MOST_SECONDS = 10.0
TIGHT = Settings(max_pixels=4_000_000, max_pages=50)
NOISE = re.compile(r"0x[0-9a-f]{6}|<[A-Za-z.]+|Error\(|OpenCV\(|Traceback|\n")
"""What is for programmers, in a detail that is for people."""

examples = settings(
    max_examples=int(os.environ.get("HOSTILE_EXAMPLES", "4000")) if LONG else 12,
    deadline=None,
    derandomize=not LONG,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def scanned(path: Path) -> list[Page | BadPage]:
    """Decodes, and holds what must hold for every file."""
    began = time.process_time()
    found = list(decode(ScanFile(path, path.name), TIGHT))
    assert time.process_time() - began < MOST_SECONDS
    assert found
    assert [page.index for page in found] == list(range(len(found)))
    for page in found:
        if isinstance(page, BadPage):
            assert page.failure.detail and not NOISE.search(page.failure.detail), page.failure.detail
            assert page.failure.reason in ("unreadable", "truncated", "encrypted", "too_large")
        else:
            assert page.pixels.size and page.dpi > 0
    return found


FILES = good_files()


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_damaged_file_ends_in_pages_or_failures(tmp_path: Path, name: str) -> None:
    @examples
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        other = FILES[data.draw(st.sampled_from(sorted(FILES)))]
        (tmp_path / "scan").write_bytes(data.draw(damaged(FILES[name], other)))
        scanned(tmp_path / "scan")

    holds()


@examples
@given(st.data())
def test_damaged_exif_counts_as_none(data: st.DataObject) -> None:
    found = parse_exif(data.draw(damaged(exif(6), exif(3))))
    assert found.density is None or min(found.density) > 0


@examples
@given(st.data())
def test_directories_are_counted_in_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in sorted(FILES) if name.endswith(".tif")]))
    content = data.draw(damaged(FILES[name], FILES["pages.tif"]))
    path = tmp_path_factory.getbasetemp() / "chain"
    path.write_bytes(content)
    with path.open("rb") as handle:
        try:
            count, _ = count_directories(handle, len(content), 50)
        except Refused:
            return
    assert 0 <= count <= 50


TEMPLATE = b"""
name = "visit"
residual_limit_mm = 0.5
[page]
size_mm = [215.9, 279.4]
dpi = 200
[register]
blank = "visit.png"
on_mm = [[10, 10, 50, 20]]
fiducials = { at_mm = [[8, 8], [200, 8], [8, 270]], shape = "square", size_mm = 5 }
[[fields]]
name = "amount"
kind = "amount"
box_mm = [20, 40, 80, 9]
cells = 8
cents_cells = 2
range = [0.01, 9999.99]
currency = "USD"
anchor = { line = "horizontal", search_mm = [20, 20, 40, 20] }
[[fields]]
name = "birthday"
kind = "date"
format = "DDMMYYYY"
cells = 8
box_rel = [0.1, 0.4, 0.4, 0.05]
[[fields]]
name = "account"
kind = "digits"
digits = [3, 9]
checksum = "luhn"
sensitive = true
box_px = [100, 900, 400, 60]
"""
WORDS = (
    b"nan", b"inf", b"-1", b"0", b"1e400", b"99999999999999999999999", b"true", b'""', b"[]", b"{}", b"[[]]", b'"../x"',
    b'"\\u0000"', b"1979-05-27", b"0x10", b'"""', b"=", b"\xff", b"[[fields]]", b"a.b.c", b'"' + b"x" * 300 + b'"',
)  # fmt: skip


@st.composite
def damaged_templates(draw: st.DrawFn) -> bytes:
    """With some values replaced by others of the wrong kind, then perhaps damaged like any file."""
    parts = re.split(rb"( = |, |\n|\[|\])", TEMPLATE)
    for _ in range(draw(st.integers(0, 3))):
        parts[draw(st.integers(0, len(parts) - 1))] = draw(st.sampled_from(WORDS))
    content = b"".join(parts)
    return draw(damaged(content, TEMPLATE)) if draw(st.booleans()) else content


@examples
@given(damaged_templates())
def test_a_damaged_template_is_a_usage_error_that_names_the_file(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "visit.png").touch()
    (folder / "form.toml").write_bytes(content)
    try:
        load_template(folder / "form.toml")
    except UsageError as error:
        assert all(line.startswith("form.toml: ") for line in str(error).splitlines())
