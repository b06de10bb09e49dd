"""An item as the page in the browser has it: plain values, and where on its pictures they belong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ocrpipe.review.desk import Desk, reads_blank
from ocrpipe.review.pictures import Scans, Shown, Unseen

_ALWAYS = ("source", "page", "document", "template", "field", "kind", "source_sha256")
_OF_THE_MACHINE = ("value", "text", "status", "reason", "detail", "confidence", "threshold")


def item_of(desk: Desk, scans: Scans, item: int) -> dict[str, Any]:
    """What a browser needs to show an item; what a blind item must not tell is not in it."""
    row = desk.queue.row(item)
    blind = desk.is_blind(item)
    field = _seen(scans.field, row)
    told = {name: row[name] for name in _ALWAYS}
    told |= {"id": item, "part": desk.part(item), "blind": blind, "format": desk.spec_of(row).format}
    told |= {"field_picture": _picture(field, f"/picture/{item}"), "page_picture": _page(scans, row, item)}
    told["entries"] = [
        {"action": entry.action, "value": entry.value} for entry in desk.settlement(item).by if not blind
    ]
    if blind:
        return told | dict.fromkeys(_OF_THE_MACHINE) | {"reads_blank": False, "runners_up": [], "characters": []}
    told |= {name: row[name] for name in _OF_THE_MACHINE} | {"reads_blank": reads_blank(row)}
    told["runners_up"] = [one for one in row["alternatives"] or () if one["value"]]
    told["characters"] = _characters(row, field)
    return told


def _characters(row: Mapping[str, Any], field: Shown | str) -> list[dict[str, Any]]:
    """Each character with its box on the picture, x0, y0, x1, y1."""
    if isinstance(field, str) or field.from_page is None:
        return []
    told = []
    for one in row["characters"] or ():
        outline = field.outline(one["quad"])
        x, y = outline[::2], outline[1::2]
        told.append({"text": one["text"], "prob": one["prob"], "box": [min(x), min(y), max(x), max(y)]})
    return told


def _page(scans: Scans, row: Mapping[str, Any], item: int) -> dict[str, Any]:
    page = _seen(scans.page, row)
    told = _picture(page, f"/page/{item}")
    if isinstance(page, Shown) and row["field_quad"] is not None:
        told["outline"] = page.outline(row["field_quad"])
    return told


def _seen(show: Callable[[Mapping[str, Any]], Shown], row: Mapping[str, Any]) -> Shown | str:
    try:
        return show(row)
    except Unseen as reason:
        return str(reason)


def _picture(shown: Shown | str, url: str) -> dict[str, Any]:
    if isinstance(shown, str):
        return {"trouble": shown}
    return {"url": url, "width": shown.width, "height": shown.height}
