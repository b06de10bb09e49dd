"""`ocrpipe run` from end to end, as somebody runs it: real scans, real networks, real files."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import sys
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from ocrpipe import cli
from tests.reading.drawn import paper, text

SAMPLES = Path(__file__).parents[1] / "samples"
FORM = SAMPLES / "forms" / "remittance.toml"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


def ocrpipe(*arguments: object) -> Outcome:
    """The command line in this process, so that PyTorch is imported once."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    sys.argv = ["ocrpipe", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as exit_:
            cli.main()
    finally:
        sys.argv = before
    return Outcome(int(exit_.value.code or 0), out.getvalue(), err.getvalue())


def run(*arguments: object) -> Outcome:
    return ocrpipe("run", *arguments, "--engine", "serial")


def rows_of(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist()


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples' results, with overlays beside them."""
    folder = tmp_path_factory.mktemp("samples")
    done = run(SAMPLES, "--template", FORM, "--out", folder / "r.parquet", "--debug", folder / "debug")
    assert done.code == 0 and done.out == "", done.err
    assert "failed" in done.err and "accepted" in done.err
    return folder / "r.parquet"


def test_samples_give_the_rows_that_their_table_lists(samples: Path) -> None:
    rows = rows_of(samples)
    truth = [line.split(",")[:3] for line in (SAMPLES / "expected.csv").read_text("utf-8").splitlines()[1:]]
    found = [[row["source"], str(row["page"]), row["field"]] for row in rows]
    assert all(field in found for field in truth)
    assert {field[2] for field in found if field not in truth} <= {"date"}, "a month's name is not in the table"
    assert not [row for row in rows if row["status"] == "failed"]
    assert {row["template"] for row in rows} == {"check", "envelope", "remittance"}
    for row in rows:
        assert row["model"].startswith("lenet5@") and row["calibration"] and row["max_error"] == 0.01
        assert (row["status"] in ("accepted", "blank")) == (row["reason"] is None)
        if row["status"] == "accepted":
            assert row["value"] is not None and row["confidence"] >= (row["threshold"] or 0.99)
        if row["kind"] == "amount" and row["value"]:
            assert f"{row['amount']}" == row["value"]
        if row["kind"] == "date" and row["value"]:
            assert row["date"].isoformat() == row["value"]


def test_samples_can_be_evaluated_and_shown(samples: Path) -> None:
    done = ocrpipe("evaluate", samples, SAMPLES / "expected.csv")
    assert done.code == 0 and "amount" in done.out and "remittance" in done.out
    assert "check" in ocrpipe("show", samples).out


def test_overlays_show_every_page_and_every_field(samples: Path) -> None:
    names = [path.name for path in (samples.parent / "debug").iterdir()]
    rows = rows_of(samples)
    pages = {(row["source"], row["page"]) for row in rows}
    assert len(names) == len(pages) + len(rows)
    for row in rows:
        [_] = [n for n in names if n.endswith(f".page-{row['page']}.{row['document']}-{row['field']}.png")
               and n.startswith(row["source"].replace("/", "_"))]  # fmt: skip
    assert all(cv2.imread(str(samples.parent / "debug" / name)) is not None for name in names[:4])


@pytest.fixture
def check() -> bytes:
    return (SAMPLES / "checks" / "handwritten-box.png").read_bytes()


def png_header(width: int, height: int) -> bytes:
    """A PNG of a size that it does not hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def encoded(picture: np.ndarray, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **options)
    return file.getvalue()


def looping_tiff(picture: np.ndarray) -> bytes:
    """Its only directory says that the next one is itself."""
    content = bytearray(encoded(picture, "TIFF"))
    (directory,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, directory)
    struct.pack_into("<I", content, directory + 2 + 12 * entries, directory)
    return bytes(content)


def encrypted_pdf(picture: np.ndarray) -> bytes:
    content = encoded(picture, "PDF")
    keys = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >> /ID [<00> <00>]" % (
        b"41" * 32,
        b"42" * 32,
    )
    return content.replace(b"trailer\n<<", b"trailer\n<< " + keys)


def test_hostile_files_cost_a_row_each_and_nobody_else(tmp_path: Path, check: bytes) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    page = paper(600, 800)
    text(page, "nothing to see", 100, 300)
    jpeg, tiff, pdf = encoded(page, "JPEG"), encoded(page, "TIFF", compression="tiff_lzw"), encoded(page, "PDF")
    files: dict[bytes, tuple[bytes, str | None]] = {
        b"a good one.png": (check, None),
        b"bomb.png": (png_header(40_000, 40_000), "too_large"),
        b"broken.png": (png_header(400, 400), "unreadable"),
        b"empty.tif": (b"", "unreadable"),
        b"encrypted.pdf": (encrypted_pdf(page), "encrypted"),
        b"half.jpg": (jpeg[: len(jpeg) // 2], "truncated"),
        b"half.tif": (tiff[: len(tiff) // 2], None),
        b"half.pdf": (pdf[: len(pdf) // 2], None),
        b"line\nbreak.png": (check, None),
        b"looping.tif": (looping_tiff(page), None),
        b"not utf-8 \xff\xfe.png": (check, None),
        b"one pixel.png": (encoded(np.zeros((1, 1), np.uint8), "PNG"), None),
        b"text.png": (b"Dear Sir or Madam", "unreadable"),
        b"z the last.png": (check, None),
    }
    for name, (content, _) in files.items():
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:  # noqa: PTH118, PTH123 - a name in bytes
            file.write(content)
    out = tmp_path / "r.parquet"
    done = run(folder, "--out", out)
    assert done.code == 4, done.err
    by_source = defaultdict(list)
    for row in rows_of(out):
        by_source[row["source"]].append(row)
    names = {name: name.decode() for name in files if b"\xff" not in name} | {
        b"not utf-8 \xff\xfe.png": "not utf-8 %FF%FE.png"
    }
    assert set(by_source) == set(names.values())
    good = {"a good one.png", "line\nbreak.png", "not utf-8 %FF%FE.png", "z the last.png"}
    for name in good:
        row, *line = by_source[name]
        assert (row["field"], row["template"]) == ("amount", "check") and row["status"] != "failed"
        assert {part["kind"] for part in line} >= {"micr", "micr_routing", "micr_account", "micr_serial"}
    assert len({by_source[name][0]["text"] for name in good}) == 1
    for name, (_, reason) in files.items():
        rows = by_source[names[name]]
        if names[name] in good:
            continue
        assert rows[-1]["field"] is None and rows[-1]["value"] is None
        if name == b"one pixel.png":
            assert [row["status"] for row in rows] in (["skipped"], ["failed"])
            continue
        assert rows[-1]["status"] == "failed" and rows[-1]["detail"], name
        assert rows[-1]["reason"] not in ("crashed", "unknown") or name == b"looping.tif", (name, rows[-1]["detail"])
        assert len(rows) == 1 or name == b"looping.tif"  # whose first page is sound
        if reason:
            assert rows[-1]["reason"] == reason, name


def test_each_picture_is_one_field(tmp_path: Path) -> None:
    for name, words in (("a", "1,234.56"), ("b", "77.10"), ("empty", "")):
        page = paper(64, 320)
        text(page, words, 20)
        cv2.imwrite(str(tmp_path / f"{name}.png"), page)
    out = tmp_path / "r.parquet"
    assert run(tmp_path, "--as", "amount:total", "--out", out).code == 0
    rows = rows_of(out)
    assert [(row["source"], row["field"], row["kind"], row["template"]) for row in rows] == [
        (f"{name}.png", "total", "amount", None) for name in ("a", "b", "empty")
    ]
    assert rows[2]["value"] is None and rows[2]["text"] == "" and rows[2]["characters"] == []
    assert rows[0]["text"] and rows[0]["field_quad"] == [0, 0, 320, 0, 320, 64, 0, 64]


def test_a_template_that_does_not_fit_is_a_failed_row_a_field(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    done = run(SAMPLES / "checks" / "colour.jpg", "--template", FORM, "--no-builtin", "--out", out)
    assert done.code == 4
    rows = rows_of(out)
    assert len(rows) == 6 and {(row["status"], row["reason"]) for row in rows} == {("failed", "registration")}
    assert all(row["detail"] and row["template"] == "remittance" for row in rows)


def test_the_backs_of_sheets_are_skipped_and_no_failure(tmp_path: Path, check: bytes) -> None:
    front = Image.open(io.BytesIO(check)).convert("L")
    back = Image.new("L", front.size, 248)
    front.save(tmp_path / "duplex.tif", save_all=True, append_images=[back], dpi=(200, 200))
    out = tmp_path / "r.parquet"
    assert run(tmp_path, "--out", out).code == 0
    rows = rows_of(out)
    assert [row["page"] for row in rows if row["field"] in ("amount", "micr")] == [0, 0]
    assert [(row["page"], row["field"], row["reason"]) for row in rows if row["page"]] == [(1, None, "blank_page")]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("{samples}", "--template", "absent.toml"), 2, "absent.toml: unknown template"),
        (("{samples}", "--model", "lenet6"), 2, "model 'lenet6'"),
        (("{samples}", "--model", "{tmp}/mine.json"), 2, "mine.json is missing"),
        (("{samples}", "--out", "{tmp}/absent/r.parquet"), 5, "absent"),
        (("{tmp}",), 3, "{tmp}"),
    ],
)
def test_mistakes_have_their_exit_codes_and_write_nothing(
    tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    spelt = [argument.format(samples=SAMPLES, tmp=tmp_path) for argument in arguments]
    done = run(*spelt, *(() if "--out" in spelt else ("--out", tmp_path / "r.parquet")))
    assert done.code == code and words.format(tmp=tmp_path) in done.err
    assert not list(tmp_path.iterdir())


def test_processes_give_the_rows_of_the_serial_engine(tmp_path: Path, samples: Path) -> None:
    """By their own networks, in their own processes."""
    out = tmp_path / "r.parquet"
    folder = SAMPLES / "envelopes"
    assert ocrpipe("run", folder, "--out", out, "--engine", "processes", "--jobs", "2").code == 0
    told = ("page", "field", "value", "text", "status", "reason", "template")
    expected = [row for row in rows_of(samples) if row["source"].startswith("envelopes/")]
    found = rows_of(out)
    assert [[row[name] for name in told] for row in found] == [[row[name] for name in told] for row in expected]
    for a, b in zip(found, expected, strict=True):
        assert a["confidence"] == pytest.approx(b["confidence"], abs=1e-3)
