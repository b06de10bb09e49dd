"""A line that finds an amount and a ZIP on every page, and whose file names say what becomes of them."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace

from ocrpipe.clock import Clock
from ocrpipe.errors import UsageError
from ocrpipe.reading.decide import Calibration
from ocrpipe.records import FieldSpec, ScanFile
from ocrpipe.rows import Context, Decision, Prepared, Row
from ocrpipe.settings import Settings
from tests.builders import QUAD


@dataclass(frozen=True)
class FakeLine:
    field: FieldSpec | None
    card = micr = SimpleNamespace(calibration=Calibration("none", {}))

    @cached_property
    def clock(self) -> Clock:
        return Clock()

    @staticmethod
    def build(
        settings: Settings, templates: tuple[str, ...], builtin: bool, field: FieldSpec | None, model: str,
        runtime: str = "auto",
    ) -> FakeLine:  # fmt: skip
        if "unknown.toml" in templates:
            raise UsageError("unknown.toml: unknown template")
        return FakeLine(field)

    @property
    def fingerprint(self) -> dict[str, str]:
        return {"model": "fake", "calibration": "none", "settings_hash": "1"}

    def prepare_file(self, file: ScanFile) -> Iterator[list[Prepared]]:
        for _ in range(file.name.count("interrupt") + file.name.count("twice")):
            signal.raise_signal(signal.SIGTERM)
        if "vanish" in file.name:
            shutil.rmtree(file.path.parents[1] / "share")
        specs = [self.field] if self.field else [FieldSpec("amount", "amount"), FieldSpec("zip", "zip")]
        context = Context(file.name, file.sha256(), 0, template="check", rotation_deg=0, skew_deg=0.0)
        yield [Prepared(context, spec) for spec in specs]

    def recognise(self, batch: list[Prepared]) -> list[Row]:
        return [self._row(prepared) for prepared in batch]

    def _row(self, prepared: Prepared) -> Row:
        if "bad" in prepared.context.source:
            decision = Decision("failed", "not_found", "the field was not found", None, None, None)
        else:
            value = "12.50" if prepared.spec and prepared.spec.kind == "amount" else "02139"
            decision = Decision("accepted", None, None, value, 0.98, 0.9)
        return Row(prepared.context, prepared.spec, decision, quad=QUAD)
