"""`ocrpipe info`: what is installed, which models there are, and what stands behind their promises."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ocrpipe import __version__
from ocrpipe.errors import OutputError, UsageError

if TYPE_CHECKING:
    from ocrpipe.reading.decide import Profile
    from ocrpipe.reading.micr_model import MicrCard
    from ocrpipe.reading.model import Card

_PACKAGES = (
    "imagecodecs", "numba", "numpy", "onnx", "onnxruntime", "opencv-python", "prometheus_client", "pyarrow", "pydantic",
    "pypdfium2", "rich", "safetensors", "scikit-image", "scipy", "tifffile", "torch", "typer",
)  # fmt: skip
_LONGEST_LIST = 8
_PROMISES = (0.001, 0.005, 0.01, 0.02, 0.05)
_BARS = "▁▂▃▄▅▆▇█"
_BAR_RISKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
"""The risk up to which a curve shows each bar but the last."""
_CURVE_POINTS = 20
_TOLD_APART = ("name", "weights_sha256", "classes", "data", "calibration")
"""Keys of a card that are not printed as they are."""


def info(
    model: Annotated[
        str | None, typer.Argument(help="Show this model's card.", metavar="[MODEL]", show_default=False)
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="With MODEL: draw its risk-coverage curves.", metavar="FILE.svg")
    ] = None,
) -> None:
    """Print the versions of ocrpipe and its libraries, the processors, and the models; or the card of one model.

    Put this into a bug report:

    \b
        ocrpipe info

    What a model is made of, and which promises it carries for which kind of field:

    \b
        ocrpipe info lenet5 --plot curves.svg
    """
    if model is not None:
        _show_card(model, plot)
        return
    if plot is not None:
        raise UsageError("--plot draws the curves of one model; name it, such as ocrpipe info lenet5 --plot FILE.svg")
    from ocrpipe.reading.micr_model import DEFAULT_MICR, load_micr_card
    from ocrpipe.reading.model import load_card, shipped

    print(f"ocrpipe {__version__}, Python {platform.python_version()}, {platform.platform()}")
    print(f"processors: {len(os.sched_getaffinity(0))} of {os.cpu_count()} usable, {platform.machine()}")
    print("libraries: " + ", ".join(f"{name} {_version(name)}" for name in _PACKAGES))
    names = shipped()
    if not names:
        print("models: none found")
    for name in (*names, DEFAULT_MICR):
        try:
            card = load_micr_card() if name == DEFAULT_MICR else load_card(name)
        except UsageError as error:
            print(error)
            continue
        print(f"model {_identity(card)}; its card: ocrpipe info {name}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(absent)"


def _identity(card: Card | MicrCard) -> str:
    return f"{card.name}@{card.weights_sha256[:12]}, calibrated on {card.calibration.name}, {card.weights}"


def _show_card(name: str, plot: Path | None) -> None:
    from ocrpipe.reading.micr_model import DEFAULT_MICR, load_micr_card
    from ocrpipe.reading.model import load_card

    card = load_micr_card() if name == DEFAULT_MICR else load_card(name)
    print(f"model {_identity(card)}")
    for origin in card.raw["calibration"].get("from", ()):
        print(f"calibrated from {origin}")
    figures = {key: value for key, value in card.raw.get("figures", {}).items() if key != "calibration"}
    rest = {key: value for key, value in card.raw.items() if key not in _TOLD_APART}
    print("\n".join(_lines(rest | {"figures": figures}, "")))
    print("data:")
    for source in card.raw.get("data", ()):
        print(f"  {source}")
    profiles = card.calibration.profiles
    _print_profiles(profiles, {kind: _sample(card, kind) for kind in profiles})
    _print_agreements(card)
    if plot is not None:
        _plot(card, plot)


def _print_agreements(card: Card | MicrCard) -> None:
    """What the MICR line's repeating a field is worth."""
    for name, told in card.raw["calibration"].get("cross_checks", {}).items():
        print(
            f"{name} and what the MICR line repeats of it: the same on {told['agree']:,} drawn checks, "
            f"{told['wrong']:,} of them wrong; not the same on {told['differ']:,}, where the field was right on "
            f"{told['right']:,}; those go to a person"
        )


def _sample(card: Card | MicrCard, kind: str) -> str:
    """What the fields of a profile are."""
    return str(card.raw["calibration"]["profiles"][kind].get("sample", card.calibration.name))


def _lines(card: dict[str, Any], indent: str) -> list[str]:
    """Keys and their values; long lists, such as curves, by their length."""
    lines: list[str] = []
    for key, value in card.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key.replace('_', ' ')}:", *_lines(value, indent + "  ")]
        elif isinstance(value, list) and len(value) > _LONGEST_LIST:
            lines.append(f"{indent}{key.replace('_', ' ')}: ({len(value)} values)")
        else:
            told = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
            lines.append(f"{indent}{key.replace('_', ' ')}: {told}")
    return lines


def _print_profiles(profiles: dict[str, Profile], samples: dict[str, str]) -> None:
    """The promises of each profile: how much is accepted, from which confidence on."""
    from ocrpipe.cli.tables import print_table

    promises = [f"{100 * promise:g} %" for promise in _PROMISES]
    numbers = ("fields", "exact", *promises)
    apart = len(set(samples.values())) > 1
    rows = [
        [
            kind,
            f"{profile.fields:,}",
            _exact(profile),
            *(_promise(profile, promise) for promise in _PROMISES),
            _curve(profile),
            *([samples[kind]] if apart else []),
        ]
        for kind, profile in profiles.items()
    ]
    print()
    print("Share accepted, and from which confidence on, where at most so many of the accepted may be wrong")
    print("(with 95 % confidence, on fields like the sample; –: its sample cannot carry the promise, all to review):")
    print_table(
        ("profile", *numbers, "risk from 5 to 100 % accepted", *(["sample"] if apart else [])), rows, right=numbers
    )
    steps = ", ".join(f"{bar} {100 * risk:g} %" for bar, risk in zip(_BARS, _BAR_RISKS, strict=False))
    print(f"Share wrong among the surest 5, 10 … 100 %, up to: {steps}, {_BARS[-1]} more.")


def _exact(profile: Profile) -> str:
    if not profile.grid:
        return "–"
    _, accepted, wrong = profile.grid[-1]
    return f"{1 - wrong / accepted:.1%}"


def _promise(profile: Profile, promise: float) -> str:
    carried = profile.carried(promise)
    return f"{carried[1] / profile.fields:.0%} ≥ {carried[0]:.3f}" if carried else "–"


def _risks(profile: Profile) -> list[tuple[float, float]]:
    """Coverage and risk of the grid."""
    return [(accepted / profile.fields, wrong / accepted) for _, accepted, wrong in profile.grid]


def _curve(profile: Profile) -> str:
    """The risk-coverage curve as a line of bars, of which each stands for a twentieth of the fields."""
    risks = _risks(profile)
    bars = ""
    for point in range(1, _CURVE_POINTS + 1):
        risk = next((risk for coverage, risk in risks if coverage >= point / _CURVE_POINTS - 0.005), None)
        bars += " " if risk is None else _BARS[sum(risk > limit for limit in _BAR_RISKS)]
    return bars


def _plot(card: Card | MicrCard, path: Path) -> None:
    from ocrpipe.evaluation.svg import Series, chart

    series = [
        Series(kind.replace(", two readers", " (2)"), _risks(profile), dashed=kind.endswith(", two readers"))
        for kind, profile in card.calibration.profiles.items()
        if profile.grid
    ]
    highest = max((risk for one in series for _, risk in one.points), default=0.0)
    title = f"{card.name}: risk and coverage, (2) by two readers"
    try:
        path.write_text(
            chart(title, "share accepted", "share wrong among accepted", series, 1.0, max(highest, 0.01)), "utf-8"
        )
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
