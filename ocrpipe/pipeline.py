"""The whole flow: a scan walks a straight line and comes out as rows.

`prepare` takes one page as far as the lattices and MICR strips of its fields, without any network; `recognise` takes
those of many pages through the networks at once and decides. Engines only choose where the two run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ocrpipe.clock import Clock
from ocrpipe.fields.crop import crop, whole
from ocrpipe.fields.locate import locate_check, locate_envelope, look
from ocrpipe.fields.register import best
from ocrpipe.fields.template import BUILTIN_NAMES, Template, load_template
from ocrpipe.looks import lattice_of, read
from ocrpipe.reading.crosscheck import crosschecked
from ocrpipe.reading.decide import decide, reading_of
from ocrpipe.reading.micr_decide import decide_micr
from ocrpipe.reading.micr_model import MicrCard, load_micr_card
from ocrpipe.reading.micr_strip import micr_strip
from ocrpipe.reading.model import Card, load_card
from ocrpipe.reading.networks.runtimes import Runtime, chosen
from ocrpipe.records import BadPage, Document, Failure, FieldImage, FieldSpec, Page, Place, ScanFile, Upright
from ocrpipe.rows import Context, Decision, Prepared, Reading, Row
from ocrpipe.scans.blank import is_blank
from ocrpipe.scans.decode import decode
from ocrpipe.scans.documents import documents
from ocrpipe.scans.ink import reduced
from ocrpipe.scans.straighten import turned
from ocrpipe.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ocrpipe.reading.classify import Classifier
    from ocrpipe.reading.decode import Decoded
    from ocrpipe.reading.micr import MicrReader, MicrReading

SURE_EVIDENCE = 0.75
"""A locator that has more is believed: neither another one is asked, nor is the sheet tried upside down."""
_LOCATORS = {"check": locate_check, "envelope": locate_envelope}


@dataclass(frozen=True)
class Line:
    """What a run reads with. Built once, pickled to workers; networks are loaded where they are first used."""

    settings: Settings
    templates: tuple[Template, ...]
    locators: tuple[str, ...]
    field: FieldSpec | None
    card: Card
    micr: MicrCard
    runtime: Runtime
    """What runs the networks; it decides no row."""

    @classmethod
    def build(
        cls, settings: Settings, templates: tuple[str, ...], builtin: bool, field: FieldSpec | None, model: str,
        runtime: Runtime = "auto",
    ) -> Line:  # fmt: skip
        """Loads templates and the model's card; UsageError where one of them is missing or wrong, or the runtime is."""
        named = tuple(name for name in BUILTIN_NAMES if builtin or name in templates)
        loaded = tuple(load_template(name) for name in templates if name not in BUILTIN_NAMES)
        return cls(settings, loaded, named, field, load_card(model), load_micr_card(), chosen(runtime))

    @property
    def fingerprint(self) -> dict[str, str]:
        """Model, calibration and a hash of everything else that decides the rows."""
        digest = hashlib.sha256(repr((self.settings, self.locators, self.field)).encode())
        for template in self.templates:
            for path in template.files:
                digest.update(path.read_bytes())
        return {
            "model": " ".join(f"{card.name}@{card.weights_sha256[:12]}" for card in (self.card, self.micr)),
            "calibration": self.card.calibration.name,
            "settings_sha256": digest.hexdigest(),
        }

    def prepare_file(self, file: ScanFile) -> Iterator[list[Prepared]]:
        """The fields of one page after another."""
        for page in self.clock.each("decode", decode(file, self.settings)):
            yield [_undecoded(page)] if isinstance(page, BadPage) else self.prepare(page)

    def prepare(self, page: Page) -> list[Prepared]:
        """Page → upright sheets → documents → field images → lattices and strips."""
        if self.field is not None:
            return [self._seen(Context.of(page), whole(page, self.field))]
        with self.clock.stage("sheets"):
            view = reduced(page)
            if is_blank(view):
                blank = Decision("skipped", "blank_page", None, None, None, None)
                return [Prepared(Context.of(page), None, outcome=blank)]
            sheets = documents(page, view)
        return [field for index, sheet in enumerate(sheets) for field in self._fields(page, index, sheet)]

    def _fields(self, page: Page, index: int, sheet: Upright | Failure) -> list[Prepared]:
        if not isinstance(sheet, Upright):
            return [Prepared(replace(Context.of(page), document=index), None, outcome=_failed(sheet))]
        with self.clock.stage("locate"):
            found = self._match(sheet)
        if not isinstance(found, Document):
            return self._unmatched(replace(Context.of(sheet.page), document=index), found)
        context = Context.of(sheet.page, replace(found, index=index))
        return [self._placed(context, found, place) for place in found.places]

    def _placed(self, context: Context, document: Document, place: Place) -> Prepared:
        if place.failure is not None or place.box is None:
            failure = place.failure or Failure("locate", "not_found", "not found on the page")
            return Prepared(context, place.spec, outcome=_failed(failure))
        located = document.page_to_template is None
        evidence = document.evidence * place.evidence if located else None
        with self.clock.stage("cut"):
            image = crop(document, place, place.box)
        return self._seen(context, image, evidence)

    def _seen(self, context: Context, image: FieldImage, evidence: float | None = None) -> Prepared:
        """A field's picture with what is to be read in it."""
        with self.clock.stage("cut"):
            if image.spec.kind != "micr":
                lattice = lattice_of(image, second="sdnn" in self.settings.readers)
                return Prepared(context, image.spec, lattice, image=image, evidence=evidence)
            strip = micr_strip(image)
        nothing = _failed(Failure("locate", "not_found", "no characters of E-13B keep a pitch here"))
        return Prepared(context, image.spec, outcome=None if strip else nothing, image=image, strip=strip)

    def recognise(self, batch: list[Prepared]) -> list[Row]:
        """Lattices and strips → scores → readings → decisions, all together; where the first look leaves doubt, once
        more."""
        cut = [(field.image, field.lattice) for field in batch if field.image and field.lattice]
        images, lattices = [image for image, _ in cut], [lattice for _, lattice in cut]
        decoded = iter(read(images, lattices, self._classifier, self.card.readers, self.clock) if cut else ())
        strips = [field.strip for field in batch if field.strip]
        with self.clock.stage("micr"):
            lines = iter(self._micr_reader.read(strips) if strips else ())
        with self.clock.stage("decide"):
            return self._decided(batch, decoded, lines)

    def _decided(self, batch: list[Prepared], decoded: Iterator[Decoded], lines: Iterator[MicrReading]) -> list[Row]:
        told: list[tuple[Prepared, list[Row]]] = []
        for field in batch:
            if field.lattice is not None:
                told.append((field, [self._row(field, reading_of(field.lattice, next(decoded), field.evidence))]))
            elif field.strip is not None:
                told.append((field, self._micr_rows(field, next(lines))))
            else:
                assert field.outcome is not None
                told.append((field, [Row(field.context, field.spec, field.outcome)]))
        return crosschecked(_without_rivals(told), self.card.calibration.agreements, self.settings.max_error)

    def _row(self, field: Prepared, reading: Reading) -> Row:
        assert field.spec is not None and field.image is not None
        decision = decide(field.spec, reading, self.card.calibration, self.settings.max_error)
        return Row(field.context, field.spec, decision, reading, field.image.quad, self._picture(field, decision))

    def _micr_rows(self, field: Prepared, line: MicrReading) -> list[Row]:
        """The line and its parts; the picture of the line serves for all of them."""
        assert field.spec is not None
        parts = decide_micr(field.spec, line, self.micr.profile, self.settings.max_error)
        return [
            Row(field.context, part.spec, part.decision, part.reading, part.quad, self._picture(field, part.decision))
            for part in parts
        ]

    def _picture(self, field: Prepared, decision: Decision) -> NDArray[np.uint8] | None:
        crops = self.settings.crops
        kept = crops == "all" or (crops == "review" and decision.status == "review")
        return field.image.pixels if kept and field.image else None

    @cached_property
    def clock(self) -> Clock:
        """Where the time goes: decode, sheets, locate, cut, networks, decoding, micr, decide."""
        return Clock()

    @cached_property
    def _classifier(self) -> Classifier:
        from ocrpipe.reading.classify import Classifier

        return Classifier.from_file(self.card.weights, self.runtime)

    @cached_property
    def _micr_reader(self) -> MicrReader:
        from ocrpipe.reading.micr import MicrReader

        return MicrReader.from_file(self.micr.weights, self.runtime)

    def _match(self, upright: Upright) -> Document | list[Failure]:
        """What the sheet is. Print that lies where a given template has it is proof; the locators, whose evidence is
        circumstantial, look at what no template claims, and at pages that seem upside down once more turned."""
        registered = best(self.templates, upright) if self.templates else []
        if isinstance(registered, Document):
            return registered
        return self._located(upright) or registered

    def _located(self, upright: Upright) -> Document | None:
        """What the built-in locators make of the sheet, until one is sure of it: as it lies, then upside down."""
        likeliest: Document | None = None
        for lying in (upright, turned(upright, 180)):
            view = look(lying)
            for name in self.locators if view else ():
                document = _LOCATORS[name](lying, view)
                if document is not None and (likeliest is None or document.evidence > likeliest.evidence):
                    likeliest = document
                if likeliest is not None and likeliest.evidence >= SURE_EVIDENCE:
                    return likeliest
        return likeliest

    def _unmatched(self, context: Context, failures: list[Failure]) -> list[Prepared]:
        """One row a field where it is clear which template was meant, else one row for the sheet."""
        if len(self.templates) == 1 and not self.locators:
            template = self.templates[0]
            context = replace(context, template=template.name)
            return [Prepared(context, spec, outcome=_failed(failures[0])) for spec in template.specs]
        known = ", ".join([*self.locators, *(template.name for template in self.templates)])
        detail = "; ".join([f"none of {known}", *(failure.detail for failure in failures)])
        return [Prepared(context, None, outcome=_failed(Failure("locate", "unknown", detail)))]


def _without_rivals(told: list[tuple[Prepared, list[Row]]]) -> list[Row]:
    """Of several places of one field, that whose evidence and whose reading together speak loudest."""
    loudest: dict[tuple[int, str | None], tuple[float, list[Row]]] = {}
    for field, rows in told:
        key = id(field.context), field.spec.name if field.spec else None
        weight = (field.evidence or 1.0) * (rows[0].decision.confidence or 0.0)
        if key not in loudest or weight > loudest[key][0]:
            loudest[key] = weight, rows
    return [row for _, rows in loudest.values() for row in rows]


def _undecoded(page: BadPage) -> Prepared:
    return Prepared(Context(page.source, page.source_sha256, page.index), None, outcome=_failed(page.failure))


def _failed(failure: Failure) -> Decision:
    return Decision("failed", failure.reason, failure.detail, None, None, None)
