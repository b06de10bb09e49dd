"""Points, boxes and plane transforms: the only place where (row, column) and (x, y) meet.

Arrays are indexed [row, column]; points, boxes and transforms speak (x, y), x to the right, y down,
in pixels whose centres lie on whole numbers. A transform is a (3, 3) float64 matrix on column
vectors (x, y, 1); `a @ b` applies b first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Transform = NDArray[np.float64]
"""(3, 3) float64, homogeneous, last row (0, 0, 1) where it is affine."""

_WARPED_PX = 32_000
"""Of pictures that are longer, OpenCV can warp a part alone."""

Quad = tuple[float, float, float, float, float, float, float, float]
"""Four corners x, y, clockwise from the top left of the upright field."""


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle, x0 ≤ x < x1 and y0 ≤ y < y1."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def expanded(self, dx: float, dy: float) -> Box:
        """The box with dx more on the left and right, dy more above and below."""
        return Box(self.x0 - dx, self.y0 - dy, self.x1 + dx, self.y1 + dy)

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def scaled(self, factor: float) -> Box:
        return Box(self.x0 * factor, self.y0 * factor, self.x1 * factor, self.y1 * factor)

    def intersection(self, other: Box) -> Box:
        """The common part; its area is 0 where the boxes do not meet."""
        return Box(max(self.x0, other.x0), max(self.y0, other.y0), min(self.x1, other.x1), min(self.y1, other.y1))

    def corners(self) -> NDArray[np.float64]:
        """(4, 2) float64: clockwise from the top left."""
        return np.array([(self.x0, self.y0), (self.x1, self.y0), (self.x1, self.y1), (self.x0, self.y1)])

    def slices(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Row and column slices of the box inside an array of `shape`."""
        rows, columns = shape[:2]
        return (
            slice(max(0, round(self.y0)), max(0, min(rows, round(self.y1)))),
            slice(max(0, round(self.x0)), max(0, min(columns, round(self.x1)))),
        )


def identity() -> Transform:
    return np.eye(3, dtype=np.float64)


def translation(dx: float, dy: float) -> Transform:
    return np.array([(1.0, 0.0, dx), (0.0, 1.0, dy), (0.0, 0.0, 1.0)])


def scaling(sx: float, sy: float) -> Transform:
    """Scales pixel areas: the corner (-0.5, -0.5) of the first pixel stays where it is."""
    return np.array([(sx, 0.0, (sx - 1) / 2), (0.0, sy, (sy - 1) / 2), (0.0, 0.0, 1.0)])


def rotation(degrees: float, centre: tuple[float, float]) -> Transform:
    """Turns clockwise as seen on the page (y down) about `centre`."""
    angle = np.deg2rad(degrees)
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([(c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0)])
    return np.asarray(translation(*centre) @ turn @ translation(-centre[0], -centre[1]), np.float64)


def quarter_turn(width: int, height: int, degrees: int) -> tuple[Transform, int, int]:
    """Maps the pixels of a width × height picture turned counter-clockwise by `degrees` to those of the picture
    itself; also the turned picture's width and height."""
    last_x, last_y = width - 1.0, height - 1.0
    match degrees % 360:
        case 90:
            return np.array([(0.0, -1.0, last_x), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)]), height, width
        case 180:
            return np.array([(-1.0, 0.0, last_x), (0.0, -1.0, last_y), (0.0, 0.0, 1.0)]), width, height
        case 270:
            return np.array([(0.0, 1.0, 0.0), (-1.0, 0.0, last_y), (0.0, 0.0, 1.0)]), height, width
        case _:
            return identity(), width, height


def apply(transform: Transform, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maps (N, 2) points."""
    mapped = points @ transform[:2, :2].T + transform[:2, 2]
    scale = points @ transform[2, :2] + transform[2, 2]
    return np.asarray(mapped / scale[:, None], np.float64)


def quad_of(box: Box, transform: Transform) -> Quad:
    """The corners of `box` after `transform`, clockwise from its top left."""
    x = [float(v) for v in apply(transform, box.corners()).ravel()]
    return (x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7])


def is_affine(transform: Transform) -> bool:
    """Whether parallels stay parallel; rounding may have touched the last row."""
    x, y, one = transform[2].tolist()
    return bool(abs(x) < 1e-8 and abs(y) < 1e-8 and abs(one - 1) < 1e-5)


def _shrink(transform: Transform, box: Box, flat: bool) -> float:
    """How many times longer `transform` makes the sides of `box`, on the mean; `flat` says that it is affine."""
    if flat:
        (a, b, _), (c, d, _) = transform[:2].tolist()
        return math.sqrt(abs(a * d - b * c))
    corners = apply(transform, box.corners())
    across, down = corners[2] - corners[0], corners[3] - corners[1]
    return math.sqrt(abs(across[0] * down[1] - across[1] * down[0]) / 2 / box.area)


def means(pixels: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    """The picture reduced to means of `times` × `times` pixels, what is over at the right and below dropped; itself
    where it is smaller than that."""
    import cv2

    height, width = pixels.shape[0] // times, pixels.shape[1] // times
    if times == 1 or min(height, width) < 1:
        return pixels
    whole = pixels[: height * times, : width * times]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def resample(
    pixels: NDArray[np.uint8], to_pixels: Transform, width: int, height: int, *, border: int = 255
) -> NDArray[np.uint8]:
    """Draws a (height, width) picture whose point p shows `pixels` at `to_pixels(p)`; outside is `border`.

    Only the part of `pixels` that is shown is read, so a small region of a large page costs little.
    Pictures that shrink are averaged (area), others interpolated linearly.
    """
    import cv2  # the command line reads boxes without paying for OpenCV

    flat, enclosing = is_affine(to_pixels), Box(-1, -1, width + 1, height + 1)
    part, to_part, shrink = pixels, to_pixels, _shrink(to_pixels, enclosing, flat)
    if shrink > 1.5 or max(pixels.shape) >= _WARPED_PX:
        corners = apply(to_pixels, enclosing.corners())
        rows, columns = Box(*(corners.min(axis=0) - 1), *(corners.max(axis=0) + 2)).slices(pixels.shape)
        part = pixels[rows, columns]
        if part.size == 0:
            return np.full((height, width), border, np.uint8)
        to_part = translation(-columns.start, -rows.start) @ to_pixels
    if shrink > 1.5:
        size = max(1, round(part.shape[1] / shrink)), max(1, round(part.shape[0] / shrink))
        to_part = scaling(size[0] / part.shape[1], size[1] / part.shape[0]) @ to_part
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    drawn = (
        cv2.warpAffine(part, to_part[:2], (width, height), flags=flags, borderValue=border)
        if flat
        else cv2.warpPerspective(part, to_part, (width, height), flags=flags, borderValue=border)
    )
    return np.asarray(drawn, np.uint8)


def resampled_parts(
    pixels: NDArray[np.uint8], to_pixels: Transform, corners: NDArray[np.float64], shape: tuple[int, int]
) -> NDArray[np.uint8]:
    """(N, *shape): small parts of the picture that `resample` draws, which begin at its `corners` (N, 2)."""
    import cv2

    height, width = shape
    flat = is_affine(to_pixels)
    plain = flat and _shrink(to_pixels, Box(0, 0, 1, 1), flat) <= 1.5 and max(pixels.shape) < _WARPED_PX
    parts = np.empty((len(corners), height, width), np.uint8)
    if not plain:
        for part, (x, y) in zip(parts, corners.tolist(), strict=True):
            part[:] = resample(pixels, to_pixels @ translation(x, y), width, height)
        return parts
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    frames = np.repeat(to_pixels[None, :2], len(corners), axis=0)
    frames[:, :, 2] = apply(to_pixels, corners)
    for part, frame in zip(parts, frames, strict=True):
        cv2.warpAffine(pixels, frame, (width, height), part, flags=flags, borderValue=255)
    return parts
