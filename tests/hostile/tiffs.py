"""Damaged and hostile TIFF."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests.hostile.cases import Case, Ending, cannot_be_told, case, fails, reads, reads_and_fails
from tests.hostile.good import HEIGHT, WIDTH, fax, tiff, tiffs
from tests.hostile.structure import (
    entry,
    flipped,
    patched,
    strips,
    tiff_directories,
    truncations,
    with_added_entries,
    with_entry,
)

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _OFFSETS, _ORIENTATION = 256, 257, 258, 259, 262, 273, 274
_SAMPLES, _ROWS_PER_STRIP, _COUNTS, _X_DENSITY, _SUB_DIRECTORIES, _EXIF = 277, 278, 279, 282, 330, 34665
_TEN_MILLION = 10_000_000


def tiff_cases() -> Iterator[Case]:
    for name, content in tiffs().items():
        pages = 3 if name == "pages.tif" else 1
        yield case(f"good-{name}", content, reads(pages))
    yield from _cut()
    yield from _strips_damaged()
    yield from _strips_misplaced()
    yield from _sizes()
    yield from _tags()
    yield from _directories()
    yield from _bombs()


def _cut() -> Iterator[Case]:
    good = tiffs()["deflate.tif"]
    at, entries, link = tiff_directories(good)[0]
    places = [4, 8, at, at + 2, at + 2 + 12 * (len(entries) // 2), link, link + 2]
    places += [place for offset, count in strips(good) for place in (offset, offset + count // 2, offset + count)]
    for where, content in truncations(good, places):
        yield case(f"tiff-cut-at-{where}.tif", content, fails("truncated"))
    pages = tiffs()["pages.tif"]
    for index, (start, _, _) in enumerate(tiff_directories(pages)):
        if index:
            yield case(f"tiff-cut-at-directory-{index}.tif", pages[: start + 20], _cut_pages(pages, start + 20))


def _cut_pages(pages: bytes, at: int) -> Ending:
    """A chain that is cut ends in one failed row behind the pages whose strips still lie in the file."""
    before = [index for index, (start, _, _) in enumerate(tiff_directories(pages)) if start < at][:-1]
    lying = [max(offset + count for offset, count in strips(pages, index)) <= at for index in before]
    return reads_and_fails(sum(lying), 1 + len(lying) - sum(lying))


def _strips_damaged() -> Iterator[Case]:
    for name in ("g4", "g3", "lzw", "predictor", "deflate", "packbits", "jpeg", "colour-jpeg", "tiled"):
        good = tiffs()[f"{name}.tif"]
        offset, count = strips(good)[1]
        middle = offset + count // 2
        # T.4 loses a row or two, as on any fax; run-length and LZW codes have no checksum, but must fill their strip
        told = (
            fails()
            if name in ("g4", "deflate", "tiled", "lzw", "predictor", "jpeg", "colour-jpeg")
            else cannot_be_told()
        )
        zeros = patched(good, middle, bytes(count // 4))
        yield case(f"tiff-{name}-strip-partly-zero.tif", zeros, told)
        ones = patched(good, middle, b"\xff" * (count // 4))
        yield case(f"tiff-{name}-strip-partly-ones.tif", ones, told)
        yield case(f"tiff-{name}-strip-all-zero.tif", patched(good, offset, bytes(count)), fails())
        yield case(f"tiff-{name}-strip-says-half.tif", _shorter(good, 1, count // 2), fails())
        yield case(f"tiff-{name}-strip-says-1.tif", _shorter(good, 1, 1), fails())
        for bit in range(3):
            flip = flipped(good, offset + (bit + 1) * count // 5, bit)
            ending = fails() if name in ("deflate", "tiled") else cannot_be_told()
            yield case(f"tiff-{name}-bit-{bit}.tif", flip, ending)
    raw = tiffs()["raw.tif"]
    yield case("tiff-raw-strip-says-half.tif", _shorter(raw, 1, 3200), fails())


def _shorter(content: bytes, index: int, count: int) -> bytes:
    return _column(content, _COUNTS, index, count)


def _column(content: bytes, tag: int, index: int, value: int) -> bytes:
    """The strip offsets or byte counts with one of them changed."""
    tags = {_COUNTS: (279, 325), _OFFSETS: (273, 324)}[tag]
    one = next(one for one in tiff_directories(content)[0][1] if one.tag in tags)
    form = {3: "<H", 4: "<I"}[one.kind]
    at = one.at + 8 if struct.calcsize(form) * one.count <= 4 else one.value
    return patched(
        content, at + struct.calcsize(form) * index, struct.pack(form, value % (1 << 8 * struct.calcsize(form)))
    )


def _strips_misplaced() -> Iterator[Case]:
    good = tiffs()["deflate.tif"]
    where = strips(good)
    yield case("tiff-strip-beyond-the-file.tif", _column(good, _OFFSETS, 2, 2**32 - 100), fails("truncated"))
    yield case("tiff-strip-at-0.tif", _column(good, _OFFSETS, 2, 0), fails())
    yield case("tiff-strip-inside-the-header.tif", _column(good, _OFFSETS, 2, 4), fails())
    yield case("tiff-strip-count-0.tif", _shorter(good, 2, 0), fails())
    yield case("tiff-strip-count-huge.tif", _shorter(good, 2, 2**32 - 1), fails())
    # the same strip twice is a picture like any other: a writer may store equal strips once
    yield case("tiff-strips-overlap.tif", _column(_shorter(good, 2, where[1][1]), _OFFSETS, 2, where[1][0]), reads())
    yield case("tiff-fewer-offsets-than-strips.tif", with_entry(good, _OFFSETS, count=2), fails())
    yield case("tiff-fewer-counts-than-strips.tif", with_entry(good, _COUNTS, count=2), fails())
    both = with_entry(with_entry(good, _OFFSETS, count=3), _COUNTS, count=3)
    yield case("tiff-one-strip-too-few.tif", both, fails())
    yield case("tiff-no-strips.tif", with_entry(with_entry(good, _OFFSETS, count=0), _COUNTS, count=0), fails())
    raw = tiffs()["raw.tif"]
    yield case(
        "tiff-raw-one-strip-too-few.tif", with_entry(with_entry(raw, _OFFSETS, count=3), _COUNTS, count=3), fails()
    )


def _sizes() -> Iterator[Case]:
    for name in ("deflate", "g4", "raw", "jpeg", "tiled"):
        good = tiffs()[f"{name}.tif"]
        for side in (0, 1, 65_535, 2**31 - 1, 2**32 - 1):
            for what, tag in (("width", _WIDTH), ("height", _HEIGHT)):
                content = with_entry(good, tag, kind=4, value=side)
                ending = fails("unreadable", "truncated", "too_large")
                if side == 1:  # a smaller picture that its strips can fill
                    ending = cannot_be_told()
                yield case(f"tiff-{name}-{what}-{side}.tif", content, ending)
    good = tiffs()["deflate.tif"]
    for rows in (0, 1, 2**32 - 1):
        yield case(f"tiff-{rows}-rows-a-strip.tif", with_entry(good, _ROWS_PER_STRIP, kind=4, value=rows), fails())
    tiled = tiffs()["tiled.tif"]
    for tag, name in ((322, "width"), (323, "height")):
        for side in (0, 1, 65_535, 2**32 - 1):
            content = with_entry(tiled, tag, kind=4, value=side)
            yield case(f"tiff-tile-{name}-{side}.tif", content, fails("unreadable", "truncated", "too_large"))


def _tags() -> Iterator[Case]:
    good = tiffs()["deflate.tif"]
    for bits in (0, 3, 64, 65_535):
        yield case(f"tiff-{bits}-bits.tif", with_entry(good, _BITS, value=bits), fails())
    for samples in (0, 2, 9, 65_535):
        ending = fails("unreadable", "truncated", "too_large") if samples else reads()
        yield case(f"tiff-{samples}-samples.tif", with_added_entries(good, [(_SAMPLES, 3, 1, samples)]), ending)
    for compression in (0, 2, 3, 4, 5, 6, 7, 34_925, 50_000, 65_535):
        content = with_entry(good, _COMPRESSION, value=compression)
        yield case(f"tiff-compression-{compression}.tif", content, fails())
    for photometric in (3, 4, 5, 6, 8, 32_803, 65_535):
        ending = reads() if photometric in (4, 8) else fails()  # a mask, and lightness: one sample is right
        yield case(f"tiff-photometric-{photometric}.tif", with_entry(good, _PHOTOMETRIC, value=photometric), ending)
    yield case("tiff-orientation-99.tif", with_added_entries(good, [(_ORIENTATION, 3, 1, 99)]), reads())
    yield case("tiff-density-of-zeros.tif", with_added_entries(good, [(_X_DENSITY, 5, 1, 60)]), reads())
    for tag, what in ((_WIDTH, "width"), (_OFFSETS, "offsets"), (270, "description"), (_X_DENSITY, "density")):
        content = with_added_entries(good, [(tag, 4 if tag < 280 and tag != 270 else 2, 2**31, 8)])
        ending = reads() if tag in (270, _X_DENSITY) else fails()
        yield case(f"tiff-2-thousand-million-values-of-{what}.tif", content, ending)
    yield case("tiff-value-beyond-the-file.tif", with_added_entries(good, [(270, 2, 1000, 2**32 - 1)]), reads())
    yield case("tiff-value-of-no-kind.tif", with_added_entries(good, [(270, 99, 1, 0)]), reads())
    at, entries, _ = tiff_directories(good)[0]
    yield case("tiff-65535-tags.tif", patched(good, at, b"\xff\xff"), fails())
    yield case("tiff-no-tags.tif", good[:8] + b"\0\0" + bytes(4) + patched(good, 4, b"\x08\0\0\0")[14:], fails())
    same = b"".join(good[entries[0].at : entries[0].at + 12] for _ in entries)
    yield case("tiff-the-same-tag-over-and-over.tif", patched(good, entries[0].at, same), fails())
    without = tiff(compression="zlib")
    for tag, what in ((_WIDTH, "width"), (_HEIGHT, "height"), (_OFFSETS, "offsets"), (_COUNTS, "counts")):
        content = patched(without, entry(without, tag).at, struct.pack("<H", 60_000))
        yield case(f"tiff-without-its-{what}.tif", content, fails())


def _directories() -> Iterator[Case]:
    good = tiffs()["pages.tif"]
    (first, _, first_link), (_, _, second_link), (_, _, last_link) = tiff_directories(good)
    link = struct.Struct("<I").pack
    loops = {
        "last-links-to-first": (patched(good, last_link, link(first)), 3),
        "first-links-to-itself": (patched(good, first_link, link(first)), 1),
        "second-links-to-first": (patched(good, second_link, link(first)), 2),
        "link-beyond-the-file": (patched(good, last_link, link(2**32 - 2)), 3),
        "link-into-the-header": (patched(good, last_link, link(2)), 3),
        "link-into-a-strip": (patched(good, last_link, link(strips(good)[0][0] + 4)), 3),
    }
    for name, (content, pages) in loops.items():
        ending = reads_and_fails(pages)
        if name == "link-into-the-header":  # which begins like a directory without a picture, with a link to nowhere
            ending = reads_and_fails(pages, 2)
        yield case(f"tiff-directories-{name}.tif", content, ending)
    yield case("tiff-first-directory-beyond-the-file.tif", patched(good, 4, link(2**32 - 2)), fails())
    yield case("tiff-first-directory-at-0.tif", patched(good, 4, link(0)), fails())
    yield case("tiff-odd-directory.tif", patched(good, 4, link(first + 1)), fails())
    one = tiffs()["deflate.tif"]
    (start, _, _), *_ = tiff_directories(one)
    yield case(
        "tiff-subdirectory-is-the-directory.tif",
        with_added_entries(one, [(_SUB_DIRECTORIES, 4, 1, start)]),
        reads(),
    )
    ring = with_added_entries(one, [(_SUB_DIRECTORIES, 4, 1, len(one) + len(one) % 2)])
    yield case("tiff-subdirectories-loop.tif", ring, reads())
    yield case(
        "tiff-a-million-subdirectories.tif", with_added_entries(one, [(_SUB_DIRECTORIES, 4, 1_000_000, 8)]), reads()
    )
    yield case("tiff-exif-is-the-directory.tif", with_added_entries(one, [(_EXIF, 4, 1, start)]), reads())
    yield case("tiff-exif-beyond-the-file.tif", with_added_entries(one, [(_EXIF, 4, 1, 2**32 - 9)]), reads())
    big = tiffs()["big.tif"]
    yield case("bigtiff-directory-at-the-end-of-numbers.tif", patched(big, 8, b"\xff" * 8), fails())
    yield case("bigtiff-directory-beyond-the-file.tif", patched(big, 8, struct.pack("<Q", 2**40)), fails())
    (at,) = struct.unpack_from("<Q", big, 8)
    yield case("bigtiff-18-million-million-million-tags.tif", patched(big, at, b"\xff" * 8), fails())
    yield case("bigtiff-offsets-of-nine-bytes.tif", patched(big, 4, b"\x09\0"), fails())


def _bombs() -> Iterator[Case]:
    good = tiffs()["deflate.tif"]
    bomb = zlib.compress(bytes(400_000_000), 9)
    at = len(good) + len(good) % 2
    grown = good + b"\0" * (at - len(good)) + bomb
    content = _column(_shorter(grown, 1, len(bomb)), _OFFSETS, 1, at)
    yield case("bomb-tiff-deflate-400-MB-in-a-strip.tif", content, fails())
    fields = dict.fromkeys((_WIDTH, _HEIGHT), 40_000)
    huge = with_entry(with_entry(fax("group4"), _WIDTH, kind=4, value=40_000), _HEIGHT, kind=4, value=fields[_HEIGHT])
    yield case("bomb-tiff-group4-1600-million-pixels.tif", huge, fails("too_large"))
    twelve = with_entry(with_entry(fax("group4"), _WIDTH, kind=4, value=12_000), _HEIGHT, kind=4, value=12_000)
    yield case("bomb-tiff-group4-144-million-pixels.tif", twelve, fails())
    yield case(
        "bomb-tiff-raw-144-million-pixels.tif",
        with_entry(with_entry(tiffs()["raw.tif"], _WIDTH, kind=4, value=12_000), _HEIGHT, kind=4, value=12_000),
        fails(),
    )
    yield case("bomb-tiff-100000-directories.tif", _chain(100_000), fails("too_large"))
    yield case(
        "bomb-tiff-8-samples-of-140-million-pixels.tif",
        with_added_entries(good, [(_WIDTH, 4, 1, 14_000), (_HEIGHT, 4, 1, _TEN_MILLION // 1000), (_SAMPLES, 3, 1, 8)]),
        fails(),
    )


def _chain(count: int) -> bytes:
    """So many directories with nothing but a width."""
    size = 2 + 12 + 4
    out = [b"II*\0" + struct.pack("<I", 8)]
    for index in range(count):
        after = 8 + size * (index + 1) if index + 1 < count else 0
        out.append(struct.pack("<HHHIII", 1, _WIDTH, 4, 1, WIDTH + HEIGHT, after))
    return b"".join(out)
