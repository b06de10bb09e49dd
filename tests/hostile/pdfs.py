"""Damaged and hostile PDF."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from tests.hostile.cases import REFUSED, Case, Ending, cannot_be_told, case, fails, reads, reads_and_fails
from tests.hostile.good import pdf, pdf_image, pdf_page, pdfs, stills, stream
from tests.hostile.structure import flipped, patched, pdf_marks, truncations, with_jpeg_size

_ANY_END = Ending((0, 1), (1, 0), REFUSED)


def pdf_cases() -> Iterator[Case]:
    yield from (
        case(f"good-{name}", content, reads(3 if name == "pages.pdf" else 1)) for name, content in pdfs().items()
    )
    yield from _cut()
    yield from _images()
    yield from _pages()
    yield from _trees()
    yield from _forms()
    yield from _bombs()


def _cut() -> Iterator[Case]:
    good = pdfs()["image.pdf"]
    for where, content in truncations(good, [5, 9, *pdf_marks(good)]):
        ending = reads() if int(where) >= len(good) - 1 else fails("truncated", "unreadable")
        yield case(f"pdf-cut-at-{where}.pdf", content, ending)
    table = good.index(b"xref\n")
    yield case("pdf-table-of-nonsense.pdf", patched(good, table + 9, b"9" * 60), _ANY_END)
    start = good.rindex(b"startxref") + 10
    yield case("pdf-table-nowhere.pdf", good[:start] + b"99999999999999999999\n%%EOF\n", _ANY_END)
    yield case("pdf-table-at-itself.pdf", good.replace(b"/Root", b"/Prev %d /Root" % table), _ANY_END)
    yield case("pdf-size-huge.pdf", re.sub(rb"/Size \d+", b"/Size 999999999", good), _ANY_END)
    yield case("pdf-without-root.pdf", good.replace(b"/Root 1 0 R", b"/Toor 1 0 R"), _ANY_END)
    yield case("pdf-root-is-the-image.pdf", good.replace(b"/Root 1 0 R", b"/Root 3 0 R"), _ANY_END)
    lock = (
        b"/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Encrypt <<"
        b" /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"ab" * 32 + b"> /U <" + b"cd" * 32 + b"> >>"
    )
    yield case("pdf-encrypted.pdf", pdf_page(trailer=lock), fails("encrypted"))
    yield case(
        "pdf-encrypted-by-nobody.pdf", pdf_page(trailer=lock.replace(b"/Standard", b"/Unheard")), fails("encrypted")
    )
    yield case("pdf-behind-900-bytes-of-mail.pdf", b"X" * 900 + good, reads())
    yield case("pdf-behind-5000-bytes-of-mail.pdf", b"X" * 5000 + good, fails())
    for at in range(20, 300, 40):
        yield case(f"pdf-bit-at-{at}.pdf", flipped(good, at, at % 7), _ANY_END)


def _images() -> Iterator[Case]:
    jpeg = stills()["base.jpg"]
    middle = len(jpeg) // 2
    damaged = {
        "jpeg-cut-short": jpeg[:-400],
        "jpeg-900-bytes-zero": patched(jpeg, middle, bytes(900)),
        "jpeg-900-bytes-lost": jpeg[:middle] + jpeg[middle + 900 :],
        "jpeg-of-nothing": b"",
        "jpeg-is-a-png": stills()["gray.png"],
    }
    for name, data in damaged.items():
        yield case(f"pdf-{name}.pdf", pdf_page(pdf_image(data, b"/DCTDecode")), fails())
    large = pdf_image(with_jpeg_size(jpeg, 60_000, 60_000), b"/DCTDecode", size=(60_000, 60_000))
    yield case("pdf-jpeg-of-3600-million-pixels.pdf", pdf_page(large), fails("too_large"))
    lie = pdf_image(with_jpeg_size(jpeg, 60_000, 60_000), b"/DCTDecode")
    yield case(
        "pdf-jpeg-larger-than-its-object-says.pdf",
        pdf_page(lie),
        fails("too_large", "truncated", "unreadable"),
    )
    pixels = zlib.compress(bytes(range(256)) * 200)
    yield case("pdf-deflate.pdf", pdf_page(pdf_image(pixels, b"/FlateDecode")), reads())
    yield case("pdf-deflate-cut-short.pdf", pdf_page(pdf_image(pixels[:-200], b"/FlateDecode")), fails())
    half = zlib.compress(bytes(range(256)) * 100)
    yield case("pdf-deflate-half-the-rows.pdf", pdf_page(pdf_image(half, b"/FlateDecode")), fails())
    yield case("pdf-deflate-bit.pdf", pdf_page(pdf_image(flipped(pixels, 20), b"/FlateDecode")), fails())
    fax = b"/DecodeParms << /K -1 /Columns 320 /Rows 160 >>"
    for name, filters in (("jbig2", b"/JBIG2Decode"), ("jpeg2000", b"/JPXDecode"), ("nobody", b"/NobodyDecode")):
        yield case(f"pdf-nonsense-by-{name}.pdf", pdf_page(pdf_image(b"\x55" * 500, filters)), fails())
    yield case(
        "pdf-nonsense-by-fax.pdf",
        pdf_page(
            pdf_image(b"\x55" * 500, b"/CCITTFaxDecode", extra=fax).replace(
                b"/BitsPerComponent 8", b"/BitsPerComponent 1"
            )
        ),
        fails(),
    )
    for size in ((0, 0), (1, 160), (2**31 - 1, 2**31 - 1), (-5, -5)):
        ending = fails("too_large") if size[0] > 9 else _ANY_END
        yield case(
            f"pdf-image-{size[0]}-by-{size[1]}.pdf", pdf_page(pdf_image(pixels, b"/FlateDecode", size=size)), ending
        )


def _pages() -> Iterator[Case]:
    drawing = b"0 0 50 30 re f"
    boxes = {
        "empty": b"[]", "of-zeros": b"[0 0 0 0]", "negative": b"[-115 -58 -10 -5]", "inside-out": b"[115 58 0 0]",
        "of-names": b"[/A /B /C /D]", "absent": b"null", "not-a-number": b"[0 0 1e999 1e999]",
    }  # fmt: skip
    for name, box in boxes.items():
        yield case(f"pdf-box-{name}.pdf", pdf_page(box=box, content=drawing), _ANY_END)
    huge = fails("too_large")
    yield case("pdf-box-huge.pdf", pdf_page(box=b"[0 0 2000000000 2000000000]", content=drawing), huge)
    yield case("pdf-box-14400.pdf", pdf_page(box=b"[0 0 14400 14400]", content=drawing), huge)
    yield case("pdf-unit-huge.pdf", pdf_page(extra=b"/UserUnit 100000", content=drawing), _ANY_END)
    for turn in (b"45", b"-90", b"99999999999", b"/Left"):
        yield case(f"pdf-rotate-{turn.decode().strip('/')}.pdf", pdf_page(extra=b"/Rotate " + turn), _ANY_END)
    script = b"/OpenAction << /S /JavaScript /JS (while(1);) >> /AA << /O << /S /JavaScript /JS (while(1);) >> >>"
    yield case("pdf-javascript.pdf", pdf_page().replace(b"/Type /Catalog", b"/Type /Catalog " + script), reads())
    yield case(
        "pdf-launch.pdf",
        pdf_page().replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /Launch /F (/bin/sh) >>"),
        reads(),
    )
    yield case("pdf-content-of-nonsense.pdf", pdf_page(content=b"\xff\0 q q q Q ( [ << 1 0 0 BT" * 50), _ANY_END)
    yield case("pdf-content-is-the-page.pdf", pdf_page().replace(b"/Contents 4 0 R", b"/Contents 5 0 R"), _ANY_END)
    yield case("pdf-image-of-no-size-on-the-page.pdf", pdf_page(content=b"q 0 0 0 0 0 0 cm /I Do Q"), _ANY_END)
    yield case("pdf-image-huge-on-the-page.pdf", pdf_page(content=b"q 1e30 0 0 1e30 0 0 cm /I Do Q"), _ANY_END)
    yield case("pdf-image-tiny-on-the-page.pdf", pdf_page(content=b"q 1e-9 0 0 1e-9 0 0 cm /I Do Q"), _ANY_END)
    yield case("pdf-100000-states.pdf", pdf_page(content=b"q " * 100_000 + b"/I Do"), _ANY_END)
    bad = pdf_page(copies=3).replace(b"/Contents 4 0 R", b"/Contents 9 9 R", 1)
    yield case("pdf-one-page-without-content.pdf", bad, reads(3))
    gone = pdf_page(copies=3).replace(b"6 0 R", b"9 0 R", 1)
    yield case("pdf-one-page-missing.pdf", gone, reads_and_fails(2))


def _trees() -> Iterator[Case]:
    good = pdfs()["pages.pdf"]
    yield case(
        "pdf-tree-is-its-own-child.pdf",
        re.sub(rb"/Kids \[.*?\]", b"/Kids [2 0 R 2 0 R]", good),
        Ending((0, 0, 0), (1, 2, 3)),
    )
    yield case(
        "pdf-page-is-its-own-parent.pdf",
        good.replace(b"/Parent 2 0 R", b"/Parent 5 0 R"),
        Ending((0, 3), (1, 0), REFUSED),
    )
    for count in (-1, 0, 2**31 - 1):
        ending = Ending((0, 3), (1, 0), REFUSED)
        yield case(f"pdf-count-{count}.pdf", re.sub(rb"/Count \d+", b"/Count %d" % count, good), ending)
    yield case("pdf-count-1-of-3.pdf", re.sub(rb"/Count \d+", b"/Count 1", good), reads(1))  # PDFium tells of no more
    yield case("pdf-count-5-of-3.pdf", re.sub(rb"/Count \d+", b"/Count 5", good), reads_and_fails(3, 2))
    deep = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    deep += [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (index + 3) for index in range(5000)]
    yield case("pdf-tree-5000-deep.pdf", pdf([*deep, b"<< /Type /Page /MediaBox [0 0 9 9] >>"]), _ANY_END)
    nested = b"[" * 100_000 + b"]" * 100_000
    yield case("pdf-lists-100000-deep.pdf", pdf([b"<< /Type /Catalog /Pages 2 0 R /X %s >>" % nested]), fails())


def _forms() -> Iterator[Case]:
    head = b"/Type /XObject /Subtype /Form /BBox [0 0 115 58]"
    itself = stream(head + b" /Resources << /XObject << /G 6 0 R >> >>", b"/G Do /G Do")
    first = {"content": b"/G Do", "resources": b"/G 6 0 R"}
    yield case("pdf-form-draws-itself.pdf", pdf_page(more=(itself,), **first), _ANY_END)
    ring = tuple(
        stream(head + b" /Resources << /XObject << /G %d 0 R >> >>" % (6 + (index + 1) % 3), b"/G Do")
        for index in range(3)
    )
    yield case("pdf-forms-in-a-ring.pdf", pdf_page(more=ring, **first), _ANY_END)
    chain = tuple(
        stream(head + b" /Resources << /XObject << /G %d 0 R >> >>" % (7 + index), b"/G Do") for index in range(2000)
    )
    yield case("pdf-forms-2000-deep.pdf", pdf_page(more=chain, **first), _ANY_END)
    laughs = tuple(
        stream(head + b" /Resources << /XObject << /G %d 0 R >> >>" % (7 + index), b"/G Do " * 10)
        for index in range(12)
    )
    last = (stream(head, b"0 0 5 5 re f"),)
    yield case(
        "bomb-pdf-forms-10-to-the-12th.pdf", pdf_page(more=laughs + last, **first), fails("too_large", "unreadable")
    )
    pattern = stream(
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1]"
        b" /XStep 0.0001 /YStep 0.0001 /Resources << >>",
        b"0 0 1 1 re f",
    )
    tiled = b"/Pattern cs /P scn 0 0 115 58 re f"
    page = pdf_page(content=tiled, more=(pattern,)).replace(b"/Font <<", b"/Pattern << /P 6 0 R >> /Font <<")
    yield case("bomb-pdf-pattern-of-tiny-steps.pdf", page, _ANY_END)


def _bombs() -> Iterator[Case]:
    packed = bytes(200_000_000)
    for _ in range(10):
        packed = zlib.compress(packed, 9)
    filters = b"[" + b"/FlateDecode " * 10 + b"]"
    yield case("bomb-pdf-image-deflated-ten-times.pdf", pdf_page(pdf_image(packed, filters)), _ANY_END)
    content = stream(b"/Filter " + filters, packed)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, content]
    yield case("bomb-pdf-content-deflated-ten-times.pdf", pdf(objects), _ANY_END)
    strokes = zlib.compress(b"0 0 m 115 58 l S\n" * 1_000_000, 9)
    yield case(
        "bomb-pdf-a-million-strokes.pdf", pdf([*objects[:3], stream(b"/Filter /FlateDecode", strokes)]), _ANY_END
    )
    yield case("bomb-pdf-100000-pages.pdf", _many_pages(100_000), fails("too_large"))
    shared = b"<< /Type /Pages /Kids [%s] /Count 100000 >>" % (b"3 0 R " * 100_000)
    yield case(
        "bomb-pdf-one-page-100000-times.pdf", pdf([objects[0], shared, page, stream(b"", b"")]), fails("too_large")
    )
    yield case("bomb-pdf-trailing-garbage.pdf", pdfs()["image.pdf"] + b"\0" * 3000, cannot_be_told())


def _many_pages(count: int) -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    kids = b" ".join(b"%d 0 R" % (3 + index) for index in range(count))
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
            *[page] * count,
        ]
    )
