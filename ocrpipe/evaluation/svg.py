"""Small line charts as SVG, so that a report needs no plotting library and can be read by eye or by script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 560, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 150, 36, 48
_COLOURS = ("#1f5fa8", "#c44e22", "#2e8540", "#7b3fa0", "#8a6d00", "#0b7c86")
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Series:
    """Points (x, y) joined by a line, or apart as dots."""

    name: str
    points: Sequence[tuple[float, float]]
    dots: bool = False
    dashed: bool = False


def chart(title: str, x_name: str, y_name: str, series: Sequence[Series], x_max: float, y_max: float) -> str:
    """A chart from (0, 0) to (x_max, y_max) with a legend on the right."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="22" font-size="15">{escape(title)}</text>',
        *_axes(x_name, y_name, x_max, y_max),
    ]
    for number, one in enumerate(series):
        colour = _COLOURS[number % len(_COLOURS)]
        parts += _drawn(one, colour, x_max, y_max)
        y = _TOP + 14 + 18 * number
        parts.append(f'<rect x="{WIDTH - _RIGHT + 12}" y="{y - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{WIDTH - _RIGHT + 28}" y="{y}">{escape(one.name)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _place(x: float, y: float, x_max: float, y_max: float) -> tuple[float, float]:
    wide, high = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    return _LEFT + wide * min(x / x_max, 1), HEIGHT - _BOTTOM - high * min(y / y_max, 1)


def _axes(x_name: str, y_name: str, x_max: float, y_max: float) -> list[str]:
    left, bottom = _place(0, 0, 1, 1)
    right, top = _place(1, 1, 1, 1)
    parts = [f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#444"/>']
    for tick in range(_TICKS + 1):
        x, y = _place(tick / _TICKS, tick / _TICKS, 1, 1)
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{x_max * tick / _TICKS:.3g}</text>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{y_max * tick / _TICKS:.3g}</text>')
    middle, centre = (left + right) / 2, (top + bottom) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">{escape(x_name)}</text>')
    parts.append(f'<text transform="translate(16 {centre}) rotate(-90)" text-anchor="middle">{escape(y_name)}</text>')
    return parts


def _drawn(series: Series, colour: str, x_max: float, y_max: float) -> list[str]:
    places = [_place(x, y, x_max, y_max) for x, y in series.points]
    if series.dots:
        return [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places]
    dash = ' stroke-dasharray="5 4"' if series.dashed else ""
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>']
