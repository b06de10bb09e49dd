"""What holds for every format: limits, damage, and that nothing raises."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ocrpipe.records import BadPage, Page, ScanFile
from ocrpipe.scans.decode import decode
from ocrpipe.scans.resolution import inferred_dpi
from ocrpipe.settings import Settings

from .conftest import Decode, bad, good

SMALL = np.full((40, 60), 230, np.uint8)
SMALL[10:30, 20:24] = 10


def bytes_of(kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(SMALL).convert("1" if options.get("compression") == "group4" else "L").save(file, kind, **options)
    return file.getvalue()


WHOLE = {
    "png": bytes_of("PNG"),
    "jpg": bytes_of("JPEG"),
    "bmp": bytes_of("BMP"),
    "webp": bytes_of("WEBP"),
    "tif": bytes_of("TIFF"),
    "g4": bytes_of("TIFF", compression="group4"),
    "lzw": bytes_of("TIFF", compression="tiff_lzw"),
    "pdf": bytes_of("PDF"),
}


def test_an_empty_file(tmp_path: Path, decoded: Decode) -> None:
    (tmp_path / "a.png").touch()
    page = bad(decoded(tmp_path / "a.png"))
    assert (page.index, page.failure.reason) == (0, "unreadable")
    assert "empty" in page.failure.detail


def test_text_under_the_name_of_a_picture(tmp_path: Path, decoded: Decode) -> None:
    (tmp_path / "a.png").write_text("Dear Sir or Madam,\n")
    assert bad(decoded(tmp_path / "a.png")).failure.reason == "unreadable"


def test_the_content_decides_not_the_name(tmp_path: Path, decoded: Decode) -> None:
    for kind, content in WHOLE.items():
        path = tmp_path / f"{kind}.bin"
        path.write_bytes(content)
        page = good(decoded(path))
        assert page.pixels.shape == SMALL.shape
        assert page.source_sha256 == hashlib.sha256(content).hexdigest()


def test_a_missing_file_a_folder_and_a_pipe(tmp_path: Path, decoded: Decode) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("missing.png", "pipe.png", ""):
        assert bad(decoded(tmp_path / name)).failure.reason == "unreadable"


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path, decoded: Decode) -> None:
    (tmp_path / "a.png").write_bytes(WHOLE["png"])
    (tmp_path / "a.png").chmod(0)
    assert bad(decoded(tmp_path / "a.png")).failure.reason == "unreadable"


def test_a_file_with_too_many_bytes(tmp_path: Path, decoded: Decode) -> None:
    (tmp_path / "a.png").write_bytes(WHOLE["png"])
    assert bad(decoded(tmp_path / "a.png", max_file_bytes=50)).failure.reason == "too_large"


@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
    st.floats(0, 1),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_raises(tmp_path: Path, kind: str, damage: list[tuple[float, int]], keep: float) -> None:
    content = bytearray(WHOLE[kind])
    for place, value in damage:
        content[int(place * (len(content) - 1))] = value
    path = tmp_path / "damaged"
    path.write_bytes(content if keep > 0.5 else content[: int(2 * keep * len(content))])
    found = list(decode(ScanFile(path, "damaged"), Settings(max_pixels=4_000_000)))
    assert found
    assert all(isinstance(page, Page | BadPage) for page in found)


@given(
    st.sampled_from(
        [b"II*\0", b"MM\0*", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"RIFF\xff\0\0\0WEBP", b"%PDF-"]
    ),
    st.binary(max_size=200),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_raise(tmp_path: Path, magic: bytes, rest: bytes) -> None:
    path = tmp_path / "noise"
    path.write_bytes(magic + rest)
    assert list(decode(ScanFile(path, "noise"), Settings(max_pixels=4_000_000)))


@given(st.sampled_from([(8.5, 11), (8.27, 11.69), (6, 2.75), (9.5, 4.125)]), st.sampled_from([100, 200, 300, 600]))
def test_papers_are_known_in_either_direction(paper: tuple[float, float], dpi: int) -> None:
    width, height = round(paper[0] * dpi), round(paper[1] * dpi)
    assert inferred_dpi(width, height) == inferred_dpi(height, width) == dpi
