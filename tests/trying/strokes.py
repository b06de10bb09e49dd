"""Figures as pen strokes, and a mouse that draws them on the page."""

from __future__ import annotations

from typing import Any

STROKES = {
    "0": [[(50, 0), (30, 6), (15, 22), (5, 50), (0, 82), (5, 118), (15, 146), (30, 164), (50, 170), (72, 164),
           (90, 148), (102, 120), (106, 88), (102, 52), (92, 26), (76, 8), (58, 1)]],
    "1": [[(0, 42), (20, 24), (40, 0), (40, 60), (40, 170)]],
    "4": [[(60, 0), (30, 50), (0, 105), (50, 105), (115, 105)], [(85, 60), (85, 110), (85, 170)]],
    "7": [[(0, 0), (60, 0), (110, 2), (95, 40), (70, 100), (50, 170)]],
    ".": [[(0, 165), (4, 168), (2, 170)]],
}  # fmt: skip
"""Each 170 px tall, on paper of 1,200 × 320."""
_WIDTHS = {"1": 95, ".": 55}


def draw(page: Any, text: str, x: float = 80, y: float = 75) -> None:
    """Draws with the mouse, as a hand does: stroke by stroke, point by point."""
    box = page.locator("#paper").bounding_box()
    scale = box["width"] / 1200
    for char in text:
        for stroke in STROKES[char]:
            points = [(box["x"] + scale * (x + u), box["y"] + scale * (y + v)) for u, v in stroke]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point, steps=2)
            page.mouse.up()
        x += _WIDTHS.get(char, 160)


def wait_for(page: Any, value: str) -> None:
    """Until the page has read that."""
    page.wait_for_function("value => document.getElementById('value').textContent === value", arg=value)
