"""Scans and pictures with sheets on them, drawn with their truth: what lies where, or why nothing may be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Transform, apply, rotation, translation

from .papers import PICTURES, Picture, Random, check, picture

Corners = NDArray[np.float64]
"""(4, 2), clockwise from the sheet's own top left, pixels of the scene."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    pixels: Picture
    sheets: tuple[Corners, ...]
    """Where each sheet lies; the picture's own corners where it is all one sheet."""
    dpi: float | None = 200.0
    """What the file says."""
    unsure: bool = False
    """Nothing may be made of this one but a failure, unless its corners are right."""


def corners_of(sheet: Picture) -> Corners:
    height, width = sheet.shape
    return np.array([(-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5), (-0.5, height - 0.5)])


def whole(pixels: Picture, dpi: float = 200) -> Scene:
    return Scene(pixels, (corners_of(pixels),), dpi)


def lay(scene: NDArray[np.float32], sheet: Picture, to_scene: Transform, shadow: float = 0.0) -> Corners:
    """Draws `sheet` into `scene` in place, with a soft shadow to its lower right, `shadow` 0 … 1 dark."""
    size = scene.shape[1], scene.shape[0]
    mask = cv2.warpPerspective(np.ones(sheet.shape, np.float32), to_scene, size, flags=cv2.INTER_LINEAR)
    if shadow:
        cast = cv2.GaussianBlur(cv2.warpAffine(mask, translation(3, 3)[:2], size), (0, 0), 3)
        scene *= 1 - shadow * cast
    shown = cv2.warpPerspective(
        sheet.astype(np.float32), to_scene, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    scene *= 1 - mask
    scene += mask * shown
    return apply(to_scene, corners_of(sheet))


def placed(sheet: Picture, x: float, y: float, degrees: float) -> Transform:
    """The sheet with its centre at (x, y), turned clockwise."""
    height, width = sheet.shape
    return rotation(degrees, (x, y)) @ translation(x - (width - 1) / 2, y - (height - 1) / 2)


def scanned(scene: NDArray[np.float32], rng: Random, noise: float = 3.0, jpeg: bool = True) -> Picture:
    """A little unsharp, noisy, most often through JPEG."""
    soft = cv2.GaussianBlur(scene, (0, 0), float(rng.uniform(0.4, 0.9)))
    pixels = np.clip(soft + rng.normal(0, noise, soft.shape).astype(np.float32), 0, 255).astype(np.uint8)
    if not jpeg:
        return pixels
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 95))]
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", pixels, quality)[1], cv2.IMREAD_GRAYSCALE), np.uint8)


def bed(rng: Random, kind: str, width: int, height: int) -> NDArray[np.float32]:
    """(height, width) float32."""
    match kind:
        case "black":
            return np.full((height, width), rng.integers(0, 30), np.float32)
        case "dark":
            return np.full((height, width), rng.integers(40, 110), np.float32)
        case "gray":
            return np.full((height, width), rng.integers(120, 190), np.float32)
        case "light":
            return np.full((height, width), rng.integers(244, 255), np.float32)
        case "wood":
            y, x = np.mgrid[:height, :width].astype(np.float32)
            grain = np.sin((y + 20 * np.sin(x / 300)) / rng.uniform(4, 12)) + np.sin((y + 9 * np.sin(x / 170)) / 2.3)
            blotch = cv2.resize(rng.normal(0, 1, (12, 12)).astype(np.float32), (width, height))
            return np.asarray(float(rng.integers(70, 130)) + 7 * grain + 6 * blotch, np.float32)
        case "cloth":
            weave = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 1.5)
            return np.asarray(float(rng.integers(40, 130)) + 30 * weave, np.float32)
    texture = cv2.resize(picture(kind), (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return np.asarray(20 + 0.55 * texture, np.float32)


def one_on(rng: Random, kind: str, sheet: Picture) -> Scene:
    """One sheet on a bed a little larger than it."""
    height, width = sheet.shape
    degrees = float(rng.uniform(-5, 5))
    lean = np.deg2rad(abs(degrees))
    margin = rng.integers(6, 140, 2)
    size = (
        round(width * np.cos(lean) + height * np.sin(lean)) + int(margin[0]),
        round(height * np.cos(lean) + width * np.sin(lean)) + int(margin[1]),
    )
    scene = bed(rng, kind, *size)
    at = placed(sheet, size[0] / 2 + rng.uniform(-0.3, 0.3) * margin[0], size[1] / 2, degrees)
    where = lay(scene, sheet, at, rng.uniform(0.1, 0.3) if kind in ("light", "gray") else 0.0)
    if rng.random() < 0.5:
        return turned(Scene(scanned(scene, rng), (where,)), int(rng.integers(4)))
    return Scene(scanned(scene, rng), (where,))


def turned(scene: Scene, quarters: int) -> Scene:
    """The whole scan turned counter-clockwise."""
    pixels, sheets = scene.pixels, scene.sheets
    for _ in range(quarters):
        width = pixels.shape[1]
        sheets = tuple(np.column_stack([one[:, 1], width - 1 - one[:, 0]]) for one in sheets)
        pixels = np.rot90(pixels)
    return Scene(np.ascontiguousarray(pixels), sheets, scene.dpi, scene.unsure)


def several(rng: Random, kind: str, count: int, make: Callable[[Random], Picture]) -> Scene:
    """Sheets strewn over a flatbed of 8.5 × 11.7 (or twice that) inches, each with a skew and a turn of its own."""
    size = (1700, 2340) if count <= 3 else (2340, 3400)
    scene = bed(rng, kind, *size)
    taken: list[NDArray[np.float32]] = []
    found = []
    sheets = [make(rng) for _ in range(count)]
    for _ in range(400):
        if not sheets:
            break
        sheet = sheets[-1]
        turn = float(rng.choice((0, 0, 90, 180, 270))) + float(rng.uniform(-6, 6))
        at = placed(sheet, rng.uniform(0, size[0]), rng.uniform(0, size[1]), turn)
        quad = apply(at, corners_of(sheet)).astype(np.float32)
        if quad.min() < 4 or (quad.max(axis=0) > np.array(size) - 5).any():
            continue
        grown = (quad - quad.mean(axis=0)) * 1.03 + quad.mean(axis=0)
        if any(cv2.intersectConvexConvex(grown.astype(np.float32), other)[0] > 0 for other in taken):
            continue
        taken.append(quad)
        found.append(lay(scene, sheets.pop(), at, rng.uniform(0.08, 0.25) if kind in ("light", "gray") else 0.0))
    return Scene(scanned(scene, rng), tuple(found))


def stacked(rng: Random, kind: str, gap: float, count: int = 3) -> Scene:
    """Checks one below the other, `gap` pixels apart at one end (0: they touch), each leaning a little else."""
    scene = bed(rng, kind, 1760, 2340)
    y, found = 60.0, []
    for _ in range(count):
        sheet = check(rng, 200, (8.0, 3.2))
        degrees = float(rng.uniform(-1.2, 1.2))
        fall = 800 * abs(np.sin(np.deg2rad(degrees)))
        at = placed(sheet, 880 + rng.uniform(-25, 25), y + 320 + fall, degrees)
        found.append(lay(scene, sheet, at, 0.25))
        y = float(found[-1][:, 1].max()) + gap
    return Scene(scanned(scene, rng), tuple(found))


def partly_out(rng: Random, kind: str) -> Scene:
    """A sheet that runs out of the picture on one side; what is to be found is the part that is seen."""
    sheet = check(rng)
    height, width = sheet.shape
    scene = bed(rng, kind, width, height + 200)
    at = placed(sheet, width * rng.uniform(0.3, 0.42), (height + 200) / 2, rng.uniform(-4, 4))
    where = lay(scene, sheet, at, 0.2 if kind == "light" else 0)
    return Scene(scanned(scene, rng), (where,))


def photographed(rng: Random, kind: str, sheet: Picture, strength: float, shade: float = 0.25) -> Scene:
    """A phone's picture: perspective (`strength`: how much shorter the far side is), uneven light, a soft shadow."""
    size = (2000, 1500)
    scene = bed(rng, kind, *size)
    height, width = sheet.shape
    scale = min(1640 / width, 1180 / height) * rng.uniform(0.75, 0.95)
    w, h = width * scale / 2, height * scale / 2
    quad = np.array([(-w, -h), (w, -h), (w, h), (-w, h)])
    near, side = rng.uniform(-strength, strength, 2)
    depth = 1 + near * quad[:, 1] / h / 2 + side * quad[:, 0] / w / 2
    quad = apply(rotation(rng.uniform(-7, 7), (0, 0)), quad / depth[:, None])
    quad += np.array(size) / 2 - (quad.min(axis=0) + quad.max(axis=0)) / 2 + rng.uniform(-30, 30, 2)
    to_scene = cv2.getPerspectiveTransform(corners_of(sheet).astype(np.float32), quad.astype(np.float32))
    where = lay(scene, sheet, np.asarray(to_scene, np.float64), 0.35)
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = (x / size[0] - 0.5) * np.cos(angle) + (y / size[1] - 0.5) * np.sin(angle)
    scene *= 1 - shade * (0.5 + along)
    turn = turned(Scene(scanned(scene, rng, 4), (where,), None), int(rng.integers(4)))
    return Scene(turn.pixels, turn.sheets, None)


def curled(rng: Random, kind: str) -> Scene:
    """A sheet whose long sides bend by 4 to 8 % of their length: nothing may be read from it."""
    sheet = check(rng)
    scene = photographed(rng, kind, sheet, 0.1)
    height, width = scene.pixels.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    bow = float(rng.uniform(0.04, 0.08)) * max(width, height) * float(rng.choice((-1, 1)))
    if width > height:
        y += bow * np.sin(np.pi * x / width) - bow / 2
    else:
        x += bow * np.sin(np.pi * y / height) - bow / 2
    bent = cv2.remap(scene.pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return Scene(np.asarray(bent, np.uint8), (), None, unsure=True)


def shadowed(rng: Random, kind: str) -> Scene:
    """A hard, deep shadow lies over a corner or a side and hides where the sheet ends."""
    scene = photographed(rng, kind, check(rng, light=235), 0.08, 0.1)
    height, width = scene.pixels.shape
    mask = np.zeros((height, width), np.float32)
    cut = float(rng.uniform(0.3, 0.5))
    points = [(0, 0), (width * cut * 2, 0), (width * cut * 0.7, height), (0, height)]
    cv2.fillPoly(mask, [np.array(points, np.int32)], 1)
    mask = cv2.GaussianBlur(mask, (0, 0), 6)
    return Scene(np.asarray(scene.pixels * (1 - 0.85 * mask), np.uint8), scene.sheets, None, unsure=True)


def shaded(sheet: Picture, rng: Random) -> Scene:
    """A sheet that fills the picture, under uneven light."""
    height, width = sheet.shape
    light = np.linspace(1, rng.uniform(0.6, 0.9), width, dtype=np.float32)[None, :]
    light = light * np.linspace(1, rng.uniform(0.7, 1), height, dtype=np.float32)[:, None]
    return whole(scanned(sheet * light, rng))


def bitonal(scene: Scene) -> Scene:
    pixels = np.where(scene.pixels > 128, 255, 0).astype(np.uint8)
    return Scene(pixels, scene.sheets, scene.dpi)


def plain(rng: Random, sheet: Picture) -> Scene:
    return whole(scanned(sheet.astype(np.float32), rng))


def noise(rng: Random) -> Scene:
    coarse = rng.normal(128, 60, (120, 170)).astype(np.float32)
    return whole(np.clip(cv2.resize(coarse, (1700, 1200)), 0, 255).astype(np.uint8))


def photo(rng: Random, index: int) -> Scene:
    one = picture(PICTURES[index % len(PICTURES)])
    scale = 1200 / max(one.shape)
    return whole(np.asarray(cv2.resize(one, None, fx=scale, fy=scale), np.uint8))
