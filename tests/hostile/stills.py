"""Damaged and hostile PNG, JPEG, BMP and WebP."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests.hostile.cases import Case, cannot_be_told, case, fails, reads
from tests.hostile.good import HEIGHT, WIDTH, exif, stills
from tests.hostile.structure import (
    flipped,
    jpeg_data,
    jpeg_segments,
    patched,
    png_chunk,
    png_chunks,
    png_of,
    truncations,
    with_jpeg_size,
    with_png_size,
)

SIZES = (0, 1, 65_535, 2**31 - 1, 2**32 - 1)


def still_cases() -> Iterator[Case]:
    yield from (case(f"good-{name}", content, reads()) for name, content in stills().items())
    yield from _png()
    yield from _png_bombs()
    yield from _jpeg()
    yield from _jpeg_entropy()
    yield from _jpeg_exif()
    yield from _bmp()
    yield from _webp()


def _png() -> Iterator[Case]:
    good = stills()["gray.png"]
    chunks = png_chunks(good)
    starts = [place for at, _, size in chunks for place in (at, at + 4, at + 8, at + 8 + size)]
    for where, content in truncations(good, starts):
        ending = fails("truncated") if int(where) < len(good) - 4 else fails()
        yield case(f"png-cut-at-{where}.png", content, ending)
    for at, kind, size in chunks:
        name = kind.decode()
        if size:
            yield case(f"png-bit-in-{name}-body-at-{at}.png", flipped(good, at + 8 + size // 2), fails())
        yield case(
            f"png-{name}-checksum-at-{at}.png", flipped(good, at + 8 + size), reads() if kind == b"IEND" else fails()
        )
        yield case(
            f"png-{name}-longer-than-the-file-at-{at}.png",
            patched(good, at, b"\x7f\xff\xff\xff"),
            fails() if kind == b"IEND" else fails("truncated"),
        )
        yield case(f"png-{name}-renamed-at-{at}.png", patched(good, at + 4, b"QQQQ"), fails())
    for side in SIZES:
        for name, size in (("width", (side, HEIGHT)), ("height", (WIDTH, side))):
            big = side > 1 and side * HEIGHT > 150_000_000
            reasons = ("too_large",) if big else ("unreadable",)
            one_pixel = side == 1  # fewer rows or columns than there is data for: libpng leaves the rest alone
            ending = cannot_be_told() if one_pixel else fails(*reasons)
            yield case(f"png-{name}-{side}.png", with_png_size(good, *size), ending)
    yield case("png-without-data.png", good[:33] + png_chunk(b"IEND", b""), fails())
    yield case("png-two-headers.png", good[:33] + good[8:33] + good[33:], fails())
    yield case("png-palette-missing.png", png_of(8, 8, b"\0" * 72, colour=3), fails())
    yield case("png-bits-of-nobody.png", png_of(8, 8, b"\0" * 72, bits=7), fails())
    yield case("png-colour-of-nobody.png", png_of(8, 8, b"\0" * 72, colour=5), fails())
    yield case("png-filter-of-nobody.png", png_of(8, 8, b"\x09" + b"\0" * 71), fails())
    yield case("png-trailing-garbage.png", good + b"\xff" * 1000, reads())
    yield case(
        "png-density-zero.png", good[:33] + png_chunk(b"pHYs", struct.pack(">IIB", 0, 0, 1)) + good[33:], reads()
    )
    huge = struct.pack(">IIB", 2**32 - 1, 1, 1)
    yield case("png-density-huge.png", good[:33] + png_chunk(b"pHYs", huge) + good[33:], reads())


def _png_bombs() -> Iterator[Case]:
    bomb = zlib.compress(bytes(300_000_000), 9)
    data = png_chunk(b"IDAT", bomb)
    good = stills()["gray.png"]
    yield case("bomb-png-data-300-times-its-size.png", good[:33] + data + png_chunk(b"IEND", b""), cannot_be_told())
    yield case("bomb-png-20000-by-20000.png", png_of(20_000, 20_000, b"\0" * 1000), fails("too_large"))
    text = png_chunk(b"zTXt", b"a\0\0" + bomb)
    yield case("bomb-png-text.png", good[:33] + text + good[33:], reads())
    profile = png_chunk(b"iCCP", b"a\0\0" + bomb)
    yield case("bomb-png-colour-profile.png", good[:33] + profile + good[33:], reads())
    many = png_chunk(b"tEXt", b"a\0b") * 20_000
    yield case("bomb-png-20000-chunks.png", good[:33] + many + good[33:], reads())
    frames = png_chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))
    yield case("bomb-apng-endless.png", good[:33] + frames + good[33:], reads())
    control = struct.pack(">IIIIIHHBB", 0, 60_000, 60_000, 0, 0, 1, 1, 0, 0)
    frame = png_chunk(b"acTL", struct.pack(">II", 2, 0)) + png_chunk(b"fcTL", control)
    yield case("bomb-apng-frame-larger-than-the-picture.png", good[:33] + frame + good[33:], cannot_be_told())


def _jpeg() -> Iterator[Case]:
    for name in ("base.jpg", "progressive.jpg"):
        good = stills()[name]
        starts = [at + past for at, _ in jpeg_segments(good) for past in (0, 2, 4)]
        middle = [jpeg_data(good), (jpeg_data(good) + len(good)) // 2, len(good) - 2, len(good) - 1]
        for where, content in truncations(good, [2, *starts, *middle]):
            yield case(f"jpeg-cut-at-{where}-{name}", content, fails("truncated") if int(where) > 2 else fails())
        for side in (0, 1, 65_535):
            ending = {0: fails("unreadable"), 1: cannot_be_told(), 65_535: fails()}[side]
            yield case(f"jpeg-width-{side}-{name}", with_jpeg_size(good, side, HEIGHT), ending)
            yield case(f"jpeg-height-{side}-{name}", with_jpeg_size(good, WIDTH, side), ending)
        yield case(
            f"jpeg-header-of-4-thousand-million-{name}", with_jpeg_size(good, 65_535, 65_535), fails("too_large")
        )
    good = stills()["base.jpg"]
    for at, mark in jpeg_segments(good):
        for size in (0, 1, 65_535):
            content = patched(good, at + 2, struct.pack(">H", size))
            ending = cannot_be_told() if mark == 0xFFE0 and size == 65_535 else fails()
            yield case(f"jpeg-segment-{mark:04x}-at-{at}-says-{size}.jpg", content, fails() if size else ending)
        yield case(f"jpeg-mark-{mark:04x}-at-{at}-broken.jpg", patched(good, at, b"\x12\x34"), fails())
    frame = next(at for at, mark in jpeg_segments(good) if mark == 0xFFC0)
    yield case("jpeg-twelve-bits.jpg", patched(good, frame + 4, b"\x0c"), fails())
    yield case("jpeg-no-components.jpg", patched(good, frame + 9, b"\0"), fails())
    yield case("jpeg-255-components.jpg", patched(good, frame + 9, b"\xff"), fails())
    yield case("jpeg-sampling-0.jpg", patched(good, frame + 11, b"\0"), fails())
    yield case("jpeg-quantisation-table-of-nobody.jpg", patched(good, frame + 12, b"\x03"), fails())
    yield case("jpeg-arithmetic.jpg", patched(good, frame, b"\xff\xc9"), fails())
    yield case("jpeg-two-frames.jpg", good[:frame] + good[frame : frame + 19] + good[frame:], fails())
    yield case("jpeg-trailing-garbage.jpg", good + b"\xff\xd8\xff" + b"\xff" * 500, reads())
    yield case("jpeg-padding-before-its-end.jpg", good[:-2] + b"\0" * 5 + good[-2:], reads())
    yield case("jpeg-fill-bytes-between-segments.jpg", good[:frame] + b"\xff" * 9 + good[frame:], reads())
    yield case("jpeg-second-picture-behind.jpg", good + good, reads())


def _jpeg_entropy() -> Iterator[Case]:
    """What can be told of coded data: data that ends too early or too late, and codes that do not exist."""
    for name in ("base.jpg", "colour.jpg", "restarts.jpg", "cmyk.jpg", "progressive.jpg"):
        good = stills()[name]
        start = jpeg_data(good)
        middle = (start + len(good)) // 2
        told = fails() if name != "progressive.jpg" else cannot_be_told()
        lost = good[:middle] + good[middle + 900 :]
        yield case(f"jpeg-900-bytes-lost-{name}", lost, told)
        zeros = patched(good, middle, bytes(900))
        yield case(f"jpeg-900-bytes-zero-{name}", zeros, told)
        yield case(f"jpeg-900-bytes-of-ones-{name}", patched(good, middle, b"\xff\0" * 450), told)
        yield case(f"jpeg-900-bytes-doubled-{name}", good[: middle + 900] + good[middle:], told)
        yield case(f"jpeg-end-mark-in-its-middle-{name}", patched(good, middle, b"\xff\xd9"), told)
        for index in range(4):
            at = start + 40 + index * (len(good) - start - 60) // 4
            yield case(f"jpeg-bit-at-{at}-{name}", flipped(good, at, index), cannot_be_told())
    good = stills()["restarts.jpg"]
    first, second = good.index(b"\xff\xd1"), good.index(b"\xff\xd2")
    yield case("jpeg-restart-mark-lost.jpg", good[:first] + good[first + 2 :], fails())
    yield case("jpeg-restart-interval-lost.jpg", good[:first] + good[second:], fails())
    yield case(
        "jpeg-restart-marks-swapped.jpg", patched(patched(good, first, b"\xff\xd2"), second, b"\xff\xd1"), fails()
    )
    scan = stills()["progressive.jpg"]
    again = scan[jpeg_segments(scan)[-1][0] : -2]
    yield case(
        "bomb-jpeg-2000-scans.jpg", scan[:-2] + again[: again.index(b"\xff\xc4", 20)] * 2000 + scan[-2:], fails()
    )


def _jpeg_exif() -> Iterator[Case]:
    good = stills()["base.jpg"]
    tiff = exif(6).removeprefix(b"Exif\0\0")
    entries = 8 + 2 + 12 * struct.unpack_from("<H", tiff, 8)[0] if tiff[:2] == b"II" else len(tiff) - 4
    order = "<" if tiff[:2] == b"II" else ">"
    troubles = {
        "first-directory-beyond-its-end": patched(tiff, 4, struct.pack(order + "I", 2**31)),
        "first-directory-inside-the-header": patched(tiff, 4, struct.pack(order + "I", 0)),
        "65535-entries": patched(tiff, 8, b"\xff\xff"),
        "next-directory-is-the-first": patched(tiff, min(entries, len(tiff) - 4), struct.pack(order + "I", 8)),
        "orientation-99": tiff.replace(
            struct.pack(order + "HHI", 0x112, 3, 1), struct.pack(order + "HHI", 0x112, 3, 99)
        ),
        "value-offset-huge": tiff.replace(
            struct.pack(order + "HHI", 0x11A, 5, 1), struct.pack(order + "HHI", 0x11A, 5, 2**32 - 1)
        ),
        "cut-short": tiff[:11],
        "nothing": b"",
        "not-a-tiff": b"\xff" * 60,
    }
    for name, block in troubles.items():
        segment = b"Exif\0\0" + block
        whole = good[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + good[2:]
        yield case(f"exif-{name}.jpg", whole, reads())


def _bmp() -> Iterator[Case]:
    good = stills()["gray.bmp"]
    (start,) = struct.unpack_from("<I", good, 10)
    for where, content in truncations(
        good, [1, 2, 6, 10, 14, 18, 26, 53, 54, start, start + 1, len(good) // 2, len(good) - 1]
    ):
        ending = fails("unreadable") if where == "000001" else fails("truncated")
        yield case(f"bmp-cut-at-{where}.bmp", content, ending)
    for side in (*SIZES, 2**31):
        for name, at in (("width", 18), ("height", 22)):
            content = patched(good, at, struct.pack("<I", side))
            signed = side - 2**32 if side >= 2**31 else side
            ending = fails("truncated", "too_large", "unreadable")
            if signed == 1 or (name == "height" and signed == -1):
                ending = cannot_be_told()
            yield case(f"bmp-{name}-{signed}.bmp", content, ending)
    upside_down = patched(good, 22, struct.pack("<i", -HEIGHT))
    yield case("bmp-from-the-top.bmp", upside_down, reads())
    for offset in (0, 13, 40, len(good) - 1, 2**32 - 1):
        yield case(f"bmp-pixels-at-{offset}.bmp", patched(good, 10, struct.pack("<I", offset)), fails())
    for size in (0, 11, 39, 2**32 - 1):
        ending = cannot_be_told() if size == 39 else fails()  # a byte less of what no decoder looks at
        yield case(f"bmp-header-of-{size}-bytes.bmp", patched(good, 14, struct.pack("<I", size)), ending)
    for bits in (0, 2, 7, 64, 65_535):
        yield case(f"bmp-{bits}-bits.bmp", patched(good, 28, struct.pack("<H", bits)), fails())
    for packing in (1, 2, 3, 4, 5, 99):
        yield case(f"bmp-packing-{packing}.bmp", patched(good, 30, struct.pack("<I", packing)), fails())
    yield case("bmp-palette-of-2-thousand-million.bmp", patched(good, 46, struct.pack("<I", 2**31)), cannot_be_told())


def _webp() -> Iterator[Case]:
    for name in ("lossy.webp", "lossless.webp", "extended.webp"):
        good = stills()[name]
        places, at = [4, 8, 12], 12
        while at + 8 <= len(good):
            size = struct.unpack_from("<I", good, at + 4)[0]
            places += [at, at + 4, at + 8, at + 8 + size]
            at += 8 + size + size % 2
        for where, content in truncations(good, [*places, 29, 40, len(good) // 2, len(good) - 1]):
            ending = fails("unreadable") if int(where) < 12 else fails("truncated")
            yield case(f"webp-cut-at-{where}-{name}", content, ending)
        middle = len(good) // 2
        yield case(f"webp-900-bytes-zero-{name}", patched(good, middle, bytes(900)), cannot_be_told())
        yield case(f"webp-size-0-{name}", patched(good, 4, bytes(4)), fails())
        yield case(f"webp-size-huge-{name}", patched(good, 4, b"\xfe\xff\xff\xff"), fails("truncated"))
        ending = cannot_be_told() if name == "lossless.webp" else fails()  # libwebp takes the file's size there
        yield case(f"webp-chunk-0-{name}", patched(good, 16, bytes(4)), ending)
        yield case(f"webp-chunk-huge-{name}", patched(good, 16, b"\xfe\xff\xff\xff"), fails())
        yield case(f"webp-chunk-of-nobody-{name}", patched(good, 12, b"QQQQ"), fails())
    good = stills()["extended.webp"]
    yield case("webp-canvas-of-281-million-million.webp", patched(good, 24, b"\xff" * 6), fails("too_large"))
    yield case("webp-canvas-larger-than-its-picture.webp", patched(good, 24, b"\xff\x02\0"), fails())
    yield case("webp-animated-by-its-flag-alone.webp", flipped(good, 20, 1), fails())
    yield case("webp-without-its-picture.webp", _webp_file(good[12:30]), fails())
    lossy = stills()["lossy.webp"]
    yield case("webp-frame-of-0.webp", patched(lossy, 26, bytes(4)), fails())
    yield case("webp-frame-of-16383.webp", patched(lossy, 26, b"\xff\x3f\xff\x3f"), fails("too_large"))


def _webp_file(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks
