"""The whole flow: a scan walks a straight line and comes out as rows.

`prepare` takes one page as far as the lattices of its fields, without any network; `recognise` takes the lattices of
many pages through the networks at once and decides. Engines only choose where the two run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ocrpipe.fields.clean import clean
from ocrpipe.fields.locate import locate_check, locate_envelope
from ocrpipe.fields.register import best
from ocrpipe.fields.template import BUILTIN_NAMES, Template, load_template
from ocrpipe.geometry import Box, identity, resample, scaling, translation
from ocrpipe.reading.decide import decide, reading_of
from ocrpipe.reading.decode import decode as read_lattice
from ocrpipe.reading.model import Card, load_card
from ocrpipe.reading.segment import segment
from ocrpipe.records import (
    BadPage,
    Context,
    Decision,
    Document,
    Failure,
    FieldImage,
    FieldSpec,
    Page,
    Place,
    Prepared,
    Row,
    ScanFile,
)
from ocrpipe.scans.blank import is_blank
from ocrpipe.scans.decode import decode
from ocrpipe.scans.straighten import straighten, turned
from ocrpipe.settings import Settings

if TYPE_CHECKING:
    from ocrpipe.reading.classify import Classifier

READ_DPI = 200.0
"""Fields of finer scans are reduced to this: characters of handwriting are then about 36 px tall."""
SURE_EVIDENCE = 0.75
"""A locator with more on the page as it lies is not tried upside down."""


@dataclass(frozen=True)
class Line:
    """What a run reads with. Built once, pickled to workers; networks are loaded where they are first used."""

    settings: Settings
    templates: tuple[Template, ...]
    locators: tuple[str, ...]
    field: FieldSpec | None
    card: Card

    @classmethod
    def build(
        cls, settings: Settings, templates: tuple[str, ...], builtin: bool, field: FieldSpec | None, model: str
    ) -> Line:
        """Loads templates and the model's card; UsageError where one of them is missing or wrong."""
        named = tuple(name for name in BUILTIN_NAMES if builtin or name in templates)
        loaded = tuple(load_template(name) for name in templates if name not in BUILTIN_NAMES)
        return cls(settings, loaded, named, field, load_card(model))

    @property
    def fingerprint(self) -> dict[str, str]:
        """Model, calibration and a hash of everything else that decides the rows."""
        digest = hashlib.sha256(repr((self.settings, self.locators, self.field)).encode())
        for template in self.templates:
            for path in template.files:
                digest.update(path.read_bytes())
        return {
            "model": f"{self.card.name}@{self.card.weights_sha256[:12]}",
            "calibration": self.card.calibration.name,
            "settings_sha256": digest.hexdigest(),
        }

    def prepare_file(self, file: ScanFile) -> Iterator[list[Prepared]]:
        """The fields of one page after another."""
        for page in decode(file, self.settings):
            yield [_undecoded(page)] if isinstance(page, BadPage) else self.prepare(page)

    def prepare(self, page: Page) -> list[Prepared]:
        """Page → upright page → document → field images → lattices."""
        if self.field is not None:
            whole = FieldImage(self.field, page.pixels, identity(), Box(0, 0, page.width, page.height), page.dpi)
            return [_lattice_of(_context(page), whole)]
        if is_blank(page):
            return [Prepared(_context(page), None, outcome=Decision("skipped", "blank_page", None, None, None, None))]
        found = self._match(page)
        if not isinstance(found, Document):
            return self._unmatched(page, found)
        context = _context(page, found)
        return [_prepared(context, found, place) for place in found.places]

    def recognise(self, batch: list[Prepared]) -> list[Row]:
        """Lattices → scores → readings → decisions, one forward pass for all."""
        waiting = [prepared.lattice for prepared in batch if prepared.lattice is not None]
        scores = iter(self._classifier.scores(waiting)) if waiting else iter(())
        rows = []
        for prepared in batch:
            lattice, spec = prepared.lattice, prepared.spec
            if lattice is None or spec is None:
                assert prepared.outcome is not None
                rows.append(Row(prepared.context, spec, prepared.outcome))
                continue
            decoded = read_lattice(lattice, next(scores), self.card.alpha)
            reading = reading_of(lattice, decoded)
            decision = decide(spec, reading, self.card.calibration, self.settings.max_error)
            rows.append(Row(prepared.context, spec, decision, reading, lattice.field.quad, prepared.picture))
        return rows

    @cached_property
    def _classifier(self) -> Classifier:
        from ocrpipe.reading.classify import Classifier  # torch takes seconds to import: only who reads pays

        return Classifier.from_file(self.card.weights)

    def _match(self, page: Page) -> Document | list[Failure]:
        """What the page is: the template or locator with the most evidence, either way up."""
        upright = straighten(page)
        registered = best(self.templates, upright) if self.templates else []
        found = [registered] if isinstance(registered, Document) else []
        for name in self.locators:
            locate = {"check": locate_check, "envelope": locate_envelope}[name]
            document = locate(upright)
            if (document is None or document.evidence < SURE_EVIDENCE) and not found:
                found += [other for other in [locate(turned(upright, 180))] if other is not None]
            found += [document] if document is not None else []
        if found:
            return max(found, key=lambda document: document.evidence)
        return registered if isinstance(registered, list) else []

    def _unmatched(self, page: Page, failures: list[Failure]) -> list[Prepared]:
        """One row a field where it is clear which template was meant, else one row for the page."""
        context = _context(page)
        if len(self.templates) == 1 and not self.locators:
            template = self.templates[0]
            context = replace(context, template=template.name)
            return [Prepared(context, spec, outcome=_failed(failures[0])) for spec in template.specs]
        known = ", ".join([*self.locators, *(template.name for template in self.templates)])
        detail = "; ".join([f"neither of {known}", *(failure.detail for failure in failures)])
        return [Prepared(context, None, outcome=_failed(Failure("locate", "unknown", detail)))]


def _prepared(context: Context, document: Document, place: Place) -> Prepared:
    if place.failure is not None or place.box is None:
        failure = place.failure or Failure("locate", "not_found", "not found on the page")
        return Prepared(context, place.spec, outcome=_failed(failure))
    return _lattice_of(context, _crop(document, place, place.box))


def _crop(document: Document, place: Place, box: Box) -> FieldImage:
    """The field with a margin for strokes that overshoot, at most at `READ_DPI`."""
    page = document.upright.page
    scale = min(1.0, READ_DPI / page.dpi) if page.dpi > 1.3 * READ_DPI else 1.0
    margin = max(4, round(0.15 * box.height * scale))
    width, height = round(box.width * scale), round(box.height * scale)
    to_box = translation(box.x0, box.y0) @ scaling(1 / scale, 1 / scale) @ translation(-margin, -margin)
    to_page = document.upright.to_page @ place.to_upright @ to_box
    pixels = resample(page.pixels, to_page, width + 2 * margin, height + 2 * margin)
    inner = Box(margin, margin, margin + width, margin + height)
    return FieldImage(place.spec, pixels, to_page, inner, page.dpi * scale)


def _lattice_of(context: Context, image: FieldImage) -> Prepared:
    return Prepared(context, image.spec, segment(clean(image)), picture=image.pixels)


def _context(page: Page, document: Document | None = None) -> Context:
    context = Context(
        page.source, page.source_sha256, page.index, page_width=page.width, page_height=page.height, dpi=page.dpi
    )
    if document is None:
        return context
    upright = document.upright
    return replace(
        context, document=document.index, template=document.template, page_to_template=document.page_to_template,
        skew_deg=upright.skew_deg, rotation_deg=upright.rotation_deg, registration_residual_px=document.residual_px,
    )  # fmt: skip


def _undecoded(page: BadPage) -> Prepared:
    return Prepared(Context(page.source, page.source_sha256, page.index), None, outcome=_failed(page.failure))


def _failed(failure: Failure) -> Decision:
    return Decision("failed", failure.reason, failure.detail, None, None, None)
