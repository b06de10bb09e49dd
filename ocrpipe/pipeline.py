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

from ocrpipe.fields.crop import crop, whole
from ocrpipe.fields.locate import locate_check, locate_envelope, look
from ocrpipe.fields.register import best
from ocrpipe.fields.template import BUILTIN_NAMES, Template, load_template
from ocrpipe.looks import lattice_of, read
from ocrpipe.reading.decide import decide, reading_of
from ocrpipe.reading.model import Card, load_card
from ocrpipe.records import (
    BadPage,
    Context,
    Decision,
    Document,
    Failure,
    FieldImage,
    FieldSpec,
    Lattice,
    Page,
    Place,
    Prepared,
    Row,
    ScanFile,
    Upright,
)
from ocrpipe.scans.blank import is_blank
from ocrpipe.scans.decode import decode
from ocrpipe.scans.straighten import straighten, turned
from ocrpipe.settings import Settings

if TYPE_CHECKING:
    from ocrpipe.reading.classify import Classifier

SURE_EVIDENCE = 0.75
"""A page for which a locator has more as it lies is not tried upside down."""
_LOCATORS = {"check": locate_check, "envelope": locate_envelope}


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
            image = whole(page, self.field)
            return [Prepared(Context.of(page), image.spec, self._lattice(image), image=image)]
        if is_blank(page):
            return [Prepared(Context.of(page), None, outcome=Decision("skipped", "blank_page", None, None, None, None))]
        found = self._match(page)
        if not isinstance(found, Document):
            return self._unmatched(page, found)
        context = Context.of(page, found)
        return [self._prepared(context, found, place) for place in found.places]

    def _prepared(self, context: Context, document: Document, place: Place) -> Prepared:
        if place.failure is not None or place.box is None:
            failure = place.failure or Failure("locate", "not_found", "not found on the page")
            return Prepared(context, place.spec, outcome=_failed(failure))
        image = crop(document, place, place.box)
        return Prepared(context, image.spec, self._lattice(image), image=image)

    def _lattice(self, image: FieldImage) -> Lattice:
        return lattice_of(image, second="sdnn" in self.settings.readers)

    def recognise(self, batch: list[Prepared]) -> list[Row]:
        """Lattices → scores → readings → decisions, all together; where the first look leaves doubt, once more."""
        waiting = [(prepared.image, prepared.lattice) for prepared in batch if prepared.image and prepared.lattice]
        images, lattices = [image for image, _ in waiting], [lattice for _, lattice in waiting]
        decoded = iter(read(images, lattices, self._classifier, self.card.readers) if waiting else ())
        rows = []
        for prepared in batch:
            image, lattice, spec = prepared.image, prepared.lattice, prepared.spec
            if image is None or lattice is None or spec is None:
                assert prepared.outcome is not None
                rows.append(Row(prepared.context, spec, prepared.outcome))
                continue
            reading = reading_of(lattice, next(decoded))
            decision = decide(spec, reading, self.card.calibration, self.settings.max_error)
            picture = image.pixels if self._keeps_picture(decision) else None
            rows.append(Row(prepared.context, spec, decision, reading, lattice.field.quad, picture))
        return rows

    def _keeps_picture(self, decision: Decision) -> bool:
        crops = self.settings.crops
        return crops == "all" or (crops == "review" and decision.status == "review")

    @cached_property
    def _classifier(self) -> Classifier:
        from ocrpipe.reading.classify import Classifier  # torch takes seconds to import: only who reads pays

        return Classifier.from_file(self.card.weights)

    def _match(self, page: Page) -> Document | list[Failure]:
        """What the page is. Print that lies where a given template has it is proof; the locators, whose evidence is
        circumstantial, look at what no template claims, and at pages that seem upside down once more turned."""
        upright = straighten(page)
        registered = best(self.templates, upright) if self.templates else []
        if isinstance(registered, Document):
            return registered
        found = self._located(upright)
        if max((document.evidence for document in found), default=0.0) < SURE_EVIDENCE:
            found += self._located(turned(upright, 180))
        return max(found, key=lambda document: document.evidence) if found else registered

    def _located(self, upright: Upright) -> list[Document]:
        """What the built-in locators make of the page as it lies."""
        view = look(upright)
        if view is None:
            return []
        tried = [_LOCATORS[name](upright, view) for name in self.locators]
        return [document for document in tried if document is not None]

    def _unmatched(self, page: Page, failures: list[Failure]) -> list[Prepared]:
        """One row a field where it is clear which template was meant, else one row for the page."""
        context = Context.of(page)
        if len(self.templates) == 1 and not self.locators:
            template = self.templates[0]
            context = replace(context, template=template.name)
            return [Prepared(context, spec, outcome=_failed(failures[0])) for spec in template.specs]
        known = ", ".join([*self.locators, *(template.name for template in self.templates)])
        detail = "; ".join([f"none of {known}", *(failure.detail for failure in failures)])
        return [Prepared(context, None, outcome=_failed(Failure("locate", "unknown", detail)))]


def _undecoded(page: BadPage) -> Prepared:
    return Prepared(Context(page.source, page.source_sha256, page.index), None, outcome=_failed(page.failure))


def _failed(failure: Failure) -> Decision:
    return Decision("failed", failure.reason, failure.detail, None, None, None)
