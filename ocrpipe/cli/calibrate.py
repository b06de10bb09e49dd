"""`ocrpipe calibrate`: confidence and thresholds for scans of one's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrpipe.cli.options import As, Jobs, NoBuiltin, Sources, Templates
from ocrpipe.cli.run import parse_as
from ocrpipe.errors import UsageError

if TYPE_CHECKING:
    from ocrpipe.cli.own_scans import Change, Sample
    from ocrpipe.engines.base import Engine
    from ocrpipe.reading.decide import Profile
    from ocrpipe.records import ScanFile

_NUMBERS = ("fields", "files", "exact", "accepted before", "wrong before", "accepted", "wrong", "ECE before", "ECE")
_OFFERED = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Promises that are tried where the one asked for is not carried."""
_FEW_FILES = 20


def calibrate(
    source: Sources,
    out: Annotated[
        Path, typer.Option(help="Where to write MODEL.safetensors and its card MODEL.json.", metavar="MODEL")
    ],
    truth: Annotated[
        Path | None,
        typer.Option(help="What is written there: a table with the columns file,page,field,value.", metavar="CSV"),
    ] = None,
    from_reviews: Annotated[
        Path | None,
        typer.Option(help="Instead of --truth: what people decided, as a review exports it.", metavar="FILE.parquet"),
    ] = None,
    model: Annotated[str, typer.Option(help="The model to begin with.", metavar="NAME_OR_FILE")] = "lenet5",
    template: Templates = None,
    no_builtin: NoBuiltin = False,
    as_: As = None,
    max_error: Annotated[
        float, typer.Option(help="The promise that the table tells of; the model has them all.", metavar="SHARE")
    ] = 0.01,
    jobs: Jobs = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model that exists.")] = False,
) -> None:
    """Refit confidence and thresholds on scans of your own whose values are known; the networks stay as they are.

    The shipped model was calibrated on drawn fields, and its promises hold for the like of them. A few hundred fields
    of each kind from your own scans, taken as they come, carry promises about your scans. An empty value in the truth
    means that the field is blank; fields that the truth does not name are left out; kinds that it does not have stay
    as they were. A promise that the sample cannot carry is not made: at that --max-error, such fields go to review.

    \b
        ocrpipe calibrate scans/ --truth truth.csv --out own
        ocrpipe calibrate scans/ --from-reviews reviewed.parquet --out own
        ocrpipe run more/ --model own.json --out results.parquet

    A review decides all that the machine doubted, and of what it accepted a random sample (`ocrpipe review --audit`).
    Confidence is fitted to all of it by weight; promises rest on as fair a sample as that of the accepted.

    Exit status: 0 done; 2 usage, or nothing to calibrate on; 3 no input; 5 output.
    """
    from ocrpipe.cli import own_scans
    from ocrpipe.evaluation.matching import read_truth
    from ocrpipe.pipeline import Line
    from ocrpipe.reading.model import load_card
    from ocrpipe.scans.sources import find
    from ocrpipe.settings import Settings
    from ocrpipe.training.recalibrate import free_path
    from ocrpipe.training.reviews import read_reviewed

    templates, field = tuple(template or ()), parse_as(as_)
    if field and (templates or no_builtin):
        raise UsageError("--as says that each picture is one field; it excludes --template and --no-builtin")
    if no_builtin and not templates:
        raise UsageError("--no-builtin leaves nothing to look for; add --template")
    if (truth is None) == (from_reviews is None):
        raise UsageError("give --truth CSV, or --from-reviews FILE.parquet, which a review exports")
    if not 0 < max_error < 1:
        raise UsageError(f"--max-error {max_error}: expected a share between 0 and 1, such as 0.01")
    path = free_path(out, overwrite=overwrite)
    card = load_card(model)
    line = Line.build(Settings(crops="none"), templates, builtin=not no_builtin, field=field, model=model)
    files = find(source).files
    if truth is not None:
        truths, given = read_truth(truth), truth
        told = _told(files, [row.file for row in truths], given)
        sample = own_scans.sample_of(truths, own_scans.read(line, told, _engine(jobs)))
    else:
        assert from_reviews is not None
        reviewed, given = read_reviewed(from_reviews), from_reviews
        if not reviewed.decided:
            why = "; ".join(f"{count:,} {reason}" for reason, count in reviewed.without.items()) or "nothing is decided"
            raise UsageError(f"{from_reviews} gives nothing to calibrate on: {why}")
        told = _told(files, [one.source for one in reviewed.decided], given)
        sample = own_scans.sample_of_reviewed(reviewed, own_scans.read(line, told, _engine(jobs)))
    changed = own_scans.changes(sample, card)
    lost = [name for name in sample.readings if name not in changed]
    if lost:
        print(f"Left out, as all are of one file and {card.name} has no profile for them: {'; '.join(lost)}.")
    if not changed:
        _print_rest(sample, len(files) - len(told))
        raise UsageError(f"{given} gives nothing to calibrate on; {path} was not written")
    own_scans.save(path, card, sample, changed)
    _print_table(changed, max_error)
    for words in _doubts(changed, max_error):
        print(words)
    _print_rest(sample, len(files) - len(told))
    kept = [name for name in card.calibration.profiles if name not in changed]
    if kept:
        print(f"Not in the sample, and as before ({card.calibration.name}): {'; '.join(kept)}.")
    print(f"model: {path}; to read with it: ocrpipe run … --model {path}")


def _told(files: tuple[ScanFile, ...], names: list[str], given: Path) -> list[ScanFile]:
    """The scans of which something is known."""
    known = set(names)
    told = [file for file in files if file.name in known]
    if not told:
        raise UsageError(
            f"no file of {given} is among the scans: it says {names[0] if names else ''!r}, the scans have "
            f"{files[0].name if files else ''!r}; names there are relative to SOURCE"
        )
    return told


def _engine(jobs: int) -> Engine:
    from ocrpipe.engines.base import one_thread
    from ocrpipe.engines.processes import ProcessesEngine
    from ocrpipe.engines.serial import SerialEngine

    if jobs == 1:
        one_thread()
        return SerialEngine()
    return ProcessesEngine(jobs or len(os.sched_getaffinity(0)))


def _print_table(changed: Mapping[str, Change], max_error: float) -> None:
    from ocrpipe.cli.tables import print_table

    promise = f"at most {_percent(max_error)} wrong"
    rows = [[name, *_cells(change, max_error)] for name, change in changed.items()]
    print_table(("profile", *_NUMBERS, promise), rows, right=_NUMBERS)


def _cells(change: Change, max_error: float) -> list[str]:
    """The numbers of a profile: what was accepted before and is now, of the fields behind the thresholds."""
    from ocrpipe.training.recalibrate import confidences

    before, after, behind, figures = change.before, change.after, change.behind, change.figures
    old = wrong = 0
    threshold = before.threshold(max_error) if before else None
    if before is not None and threshold is not None:
        kept = confidences(before, behind.features) >= threshold
        old, wrong = int(kept.sum()), int((kept & ~behind.right).sum())
    _, new, new_wrong = after.carried(max_error) or (1.0, 0, 0)
    return [
        str(after.fields),
        str(figures["files"]),
        f"{figures['exact']:.1%}",
        f"{old / after.fields:.1%}",
        str(wrong) if old else "–",
        f"{new / after.fields:.1%}",
        str(new_wrong) if new else "–",
        f"{figures['before']['ece']:.3f}" if "before" in figures else "–",
        f"{figures['after']['ece']:.3f}",
        _verdict(after, max_error),
    ]


def _verdict(profile: Profile, max_error: float) -> str:
    from ocrpipe.reading.decide import fewest

    if profile.carried(max_error):
        return "carried"
    return "too few fields" if profile.fields < fewest(max_error) else "too many wrong"


def _doubts(changed: Mapping[str, Change], max_error: float) -> list[str]:
    """What the sample cannot carry, and what is doubtful about what it carries."""
    from math import ceil

    from ocrpipe.reading.decide import fewest

    promise, few, words = _percent(max_error), list[str](), list[str]()
    for name, change in changed.items():
        profile, files = change.after, change.figures["files"]
        if profile.fields < fewest(max_error):
            few.append(f"{name} has {profile.fields} ({_offer(profile, max_error)})")
        elif not profile.carried(max_error):
            start = profile.start(max_error)
            surest, wrong = next(((n, k) for _, n, k in profile.grid if n >= start), (0, 0))
            words.append(
                f"{name}: {wrong} of the {surest} surest are wrong, too many for {promise}: all go to review at "
                f"{promise} ({_offer(profile, max_error)})."
            )
        elif files < _FEW_FILES and files < profile.fields:
            words.append(
                f"{name}: {profile.fields} fields are from {_files(files)}. Fields of one hand err together, and the "
                "promise counts them one by one: more files make it firmer."
            )
    if few:
        needs = f"{promise} needs {fewest(max_error)} fields of a kind among the accepted if none of them is wrong"
        words.append(
            f"{needs}, about {ceil(6.3 / max_error)} if two are. Too few, so that all go to review at {promise}:"
        )
        words += [f"  {one}" for one in few]
    return words


def _offer(profile: Profile, max_error: float) -> str:
    for promise in _OFFERED:
        carried = profile.carried(promise) if promise > max_error else None
        if carried:
            return f"--max-error {promise:g} would be carried, accepting {carried[1] / profile.fields:.0%}"
    return f"no promise up to {_percent(_OFFERED[-1])} is carried"


def _print_rest(sample: Sample, untold: int) -> None:
    """What did not count."""
    print(f"{sample.fields:,} fields of {_files(sample.files)} were read and have a truth.")
    lost = sum(sample.without.values())
    if lost:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(sample.without.items()))
        print(f"{lost:,} rows of the truth have no reading to calibrate on: {reasons}.")
    if sample.extra:
        print(f"{sample.extra:,} fields that were read have no row in the truth and were left out.")
    if untold:
        print(f"Not read, as the truth has no row of theirs: {_files(untold)}.")


def _files(count: int) -> str:
    return f"{count:,} file{'s' * (count != 1)}"


def _percent(share: float) -> str:
    return f"{100 * share:g} %"
