"""Page → template: where a form's fields lie on a scanned page, and whether it is that form at all.

A first guess from the whole form's ink (or from fiducials), then patches of print at 100 dpi and at
up to 200 dpi, each time with a robust fit. Evidence is the share of the form's printed spots that
are confirmed on the page, so that templates can be compared and a foreign page has little of it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ocrpipe.fields.anchors import Origins, origins
from ocrpipe.fields.fiducials import by_fiducials
from ocrpipe.fields.fitting import Fit, evidence_of, scale_of
from ocrpipe.fields.patches import prepare
from ocrpipe.fields.printed import by_patches, guesses
from ocrpipe.fields.sheet import Sheet, sheet_of
from ocrpipe.fields.template import MM_PER_INCH, Template, TemplateField
from ocrpipe.geometry import Box, Transform, scaling, translation
from ocrpipe.records import Document, Failure, Place, Upright

LEAST_EVIDENCE = 0.45
"""A page with less is another form."""


def fit(template: Template, upright: Upright) -> Document | Failure:
    """Lays `template` on the page, turned upside down where that is how the print reads.

    Returns
    -------
    Document
        With a place for each field, or
    Failure
        Of registration: too little of the form's print is there, or it lies too far from where
        the best affine puts it (`residual_limit_mm`).
    """
    return _fit(template, sheet_of(upright))


def best(templates: Iterable[Template], upright: Upright) -> Document | list[Failure]:
    """The template with the most evidence, or why each of them does not fit."""
    sheet = sheet_of(upright)
    tried = [_fit(template, sheet) for template in templates]
    documents = [one for one in tried if isinstance(one, Document)]
    if documents:
        return max(documents, key=lambda document: document.evidence)
    return [one for one in tried if isinstance(one, Failure)]


def _fit(template: Template, sheet: Sheet) -> Document | Failure:
    if template.blank is None and template.fiducials is None:
        return _by_anchors(template, sheet)
    laid = _laid(template, sheet)
    if laid is None or laid.evidence < LEAST_EVIDENCE:
        found, sought = (laid.found, laid.sought) if laid else (0, 0)
        words = f"{found} of {sought} printed spots were found" if laid else "hardly any of its print was found"
        return Failure("registration", "registration", f"{template.name}: {words}")
    residual_mm = (laid.residual_px or 0.0) / (scale_of(laid.to_upright) * template.dpi) * MM_PER_INCH
    if residual_mm > template.residual_limit_mm:
        words = f"print lies {residual_mm:.2f} mm from where it belongs, limit {template.residual_limit_mm:g} mm"
        return Failure("registration", "registration", f"{template.name}: {words}")
    return _document(template, laid, origins(template, laid.sheet, laid.to_upright))


def _laid(template: Template, sheet: Sheet) -> Fit | None:
    """The best of the ways in which the template may lie on the page."""
    blank = prepare(template)
    marked = by_fiducials(template.fiducials, template, sheet) if template.fiducials is not None else []
    if blank is None:
        return max(marked, key=lambda laid: laid.evidence, default=None)
    starts: Iterable[tuple[Sheet, Transform]] = [(laid.sheet, laid.to_upright) for laid in marked]
    starts = starts or guesses(template, blank, sheet)
    laid: Fit | None = None
    for start in starts:
        next_laid = by_patches(blank, template, *start)
        if next_laid is not None and (laid is None or next_laid.evidence > laid.evidence):
            laid = next_laid
        if laid is not None and laid.evidence > LEAST_EVIDENCE:
            break
    return laid


def _by_anchors(template: Template, sheet: Sheet) -> Document | Failure:
    """A template that knows only what its fields are printed beside: at least half of that must be there."""
    scale = sheet.upright.page.dpi / template.dpi
    to_upright = scaling(scale, scale)
    found = origins(template, sheet, to_upright, loose=True)
    seen = sum(origin is not None for origin in found)
    if 2 * seen < len(found):
        words = f"{seen} of {len(found)} anchors were found"
        return Failure("registration", "registration", f"{template.name}: {words}")
    laid = Fit(sheet, to_upright, evidence_of(seen, len(found)), None, seen, len(found))
    return _document(template, laid, found)


def _document(template: Template, laid: Fit, found: Origins) -> Document:
    page_to_template: Transform = np.asarray(np.linalg.inv(laid.sheet.upright.to_page @ laid.to_upright), np.float64)
    size = scale_of(laid.to_upright)
    placed = zip(template.fields, found, strict=True)
    places = tuple(_place(field, laid.to_upright, size, origin) for field, origin in placed)
    return Document(0, template.name, laid.sheet.upright, places, laid.evidence, page_to_template, laid.residual_px)


def _place(field: TemplateField, to_upright: Transform, size: float, origin: tuple[float, float] | None) -> Place:
    """The field's own frame starts at the box's corner and has about one pixel per page pixel, as a template pixel has
    `size` of them."""
    if origin is None:
        words = f"the {field.anchor.kind if field.anchor else 'print'} that the field is measured from was not found"
        return Place(field.spec, None, to_upright, Failure("locate", "not_found", words))
    box = Box(field.box.x0 + origin[0], field.box.y0 + origin[1], field.box.x1 + origin[0], field.box.y1 + origin[1])
    frame = to_upright @ translation(box.x0, box.y0) @ np.diag((1 / size, 1 / size, 1.0))
    return Place(field.spec, Box(0.0, 0.0, box.width * size, box.height * size), frame)
