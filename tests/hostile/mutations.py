"""Ways to damage the bytes of a file, as Hypothesis strategies: what it finds, it makes as small as it can."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.hostile.good import fax, pdf_image, pdf_page, pdfs, stills, tiffs

_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF)


def good_files() -> dict[str, bytes]:
    """By name; the first part of the suffix is the format."""
    compressed = {"mh.tif": fax("tiff_ccitt"), "old.pdf": pdf_page(pdf_image(b"", b"/DCTDecode"))}
    return {**stills(), **tiffs(), **pdfs(), **compressed}


@st.composite
def damaged(draw: st.DrawFn, content: bytes, other: bytes) -> bytes:
    """`content` after one to five accidents; `other` is what a splice brings in."""
    damaged = bytearray(content)
    for _ in range(draw(st.integers(1, 5))):
        size = max(1, len(damaged))
        # the structure of most formats is at the beginning, and that of TIFF and PDF at the end as well
        place = draw(
            st.one_of(st.integers(0, min(size, 400)), st.integers(max(0, size - 400), size), st.integers(0, size))
        )
        length = draw(st.one_of(st.integers(1, 8), st.integers(1, size)))
        kind = draw(st.sampled_from(("flip", "set", "word", "delete", "insert", "double", "zero", "cut", "splice")))
        if kind == "flip" and place < len(damaged):
            damaged[place] ^= 1 << draw(st.integers(0, 7))
        elif kind == "set" and place < len(damaged):
            damaged[place] = draw(st.sampled_from(_NUMBERS))
        elif kind == "word":
            word = draw(
                st.sampled_from(
                    (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\1\0\0\0")
                )
            )
            damaged[place : place + 4] = word
        elif kind == "delete":
            del damaged[place : place + length]
        elif kind == "insert":
            damaged[place:place] = draw(st.binary(max_size=40))
        elif kind == "double":
            damaged[place:place] = damaged[place : place + min(length, 4000)]
        elif kind == "zero":
            damaged[place : place + length] = bytes(min(length, max(0, len(damaged) - place)))
        elif kind == "cut":
            del damaged[place:]
        elif kind == "splice":
            damaged[place:] = other[draw(st.integers(0, len(other))) :]
    return bytes(damaged)
