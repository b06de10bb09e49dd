"""Registration on the bench's scans, through the real decoder and straightener; skipped without the bench.

Run with `-s` to see the figures.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.fields.register import best, fit
from ocrpipe.fields.template import Template, load_template
from ocrpipe.geometry import Box, Transform, apply, quad_of
from ocrpipe.records import Document, Page, ScanFile, Upright
from ocrpipe.scans.decode import decode
from ocrpipe.scans.straighten import straighten
from ocrpipe.settings import Settings

HERE = Path(__file__).resolve().parents[1]
BENCH = HERE.parents[1] / "shared" / "bench"
pytestmark = pytest.mark.skipif(not BENCH.is_dir(), reason="without ../shared/bench")


def template(name: str) -> Template:
    return load_template(HERE / "templates" / f"{name}.toml")


def upright_of(path: Path) -> Upright:
    page = next(decode(ScanFile(path, path.name), Settings()))
    assert isinstance(page, Page), path
    return straighten(page)


def truths(folder: str) -> Iterator[dict[str, Any]]:
    for line in (BENCH / "pages" / "truth.jsonl").read_text("utf-8").splitlines():
        truth = json.loads(line)
        if truth["file"].startswith(folder):
            yield truth


def page_to_scan(truth: dict[str, Any]) -> Transform:
    """Drawn page → scan, with the quarter turns that were made after the affine."""
    transform: Transform = np.vstack([truth["page_to_scan"], (0, 0, 1)])
    turns = truth["turned_ccw"] // 90
    width, height = truth["size"] if turns % 2 == 0 else truth["size"][::-1]
    for _ in range(turns):
        transform = np.array([(0, 1, 0), (-1, 0, width - 1), (0, 0, 1.0)]) @ transform
        width, height = height, width
    return transform


def corner_errors_px(document: Document, truth: dict[str, Any]) -> NDArray[np.float64]:
    errors = []
    for place, field in zip(document.places, truth["fields"], strict=True):
        assert place.spec.name == field["field"] and place.box is not None
        found = np.array(quad_of(place.box, document.upright.to_page @ place.to_upright)).reshape(4, 2)
        true = apply(page_to_scan(truth), Box(*field["bbox"]).corners())
        errors.append(np.hypot(*(found - true).T))
    return np.concatenate(errors)


def test_forms_are_told_apart_and_found_to_a_fraction_of_a_pixel() -> None:
    forms = [template("form-a0"), template("form-a1")]
    errors, evidence, cpu_ms = [], [], []
    for truth in truths("forms"):
        upright = upright_of(BENCH / "pages" / truth["file"])
        start = time.process_time()
        document = best(forms, upright)
        cpu_ms.append((time.process_time() - start) * 1e3)
        assert isinstance(document, Document), (truth["file"], [failure.detail for failure in document])
        assert document.template == truth["layout"].lower(), truth["file"]
        errors.append(corner_errors_px(document, truth))
        evidence.append(document.evidence)
    corners = np.concatenate(errors)
    print(
        f"\n{len(errors)} forms: corner error median {np.median(corners):.3f}, 95 % {np.quantile(corners, 0.95):.3f}, "
        f"worst {corners.max():.3f} px; evidence {min(evidence):.2f} … {max(evidence):.2f}; "
        f"two templates {np.median(cpu_ms[1:]):.0f} CPU ms a page"
    )
    assert corners.max() < 0.5


@pytest.mark.parametrize("folder", ["checks", "envelopes"])
def test_checks_and_envelopes_are_no_forms(folder: str) -> None:
    templates = [template(name) for name in ("form-a0", "form-a1", "axis", "syndicate")]
    for truth in list(truths(folder))[::4]:
        found = best(templates, upright_of(BENCH / "pages" / truth["file"]))
        assert not isinstance(found, Document), (truth["file"], found.template, found.evidence)


def test_cheques_are_told_apart_by_their_bank() -> None:
    banks = {"axis": template("axis"), "syndicatebank": template("syndicate")}
    evidence, residuals_px = [], []
    for path in sorted((BENCH / "cheques" / "images").glob("*.jpg")):
        upright = upright_of(path)
        document = best(banks.values(), upright)
        assert isinstance(document, Document), (path.name, [failure.detail for failure in document])
        assert document.template == banks[path.name.split("-")[0]].name, path.name
        evidence.append(document.evidence)
        residuals_px.append(document.residual_px)
    print(f"\n{len(evidence)} cheques: evidence {min(evidence):.2f} … {max(evidence):.2f}, "
          f"residual up to {max(r for r in residuals_px if r is not None):.2f} px")  # fmt: skip
    assert min(evidence) > 0.8


def test_the_other_form_of_the_same_house_is_refused() -> None:
    truth = next(truth for truth in truths("forms") if truth["layout"] == "form-A0")
    assert not fit(template("form-a1"), upright_of(BENCH / "pages" / truth["file"]))
