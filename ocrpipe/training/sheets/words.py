"""What stands on paper beside the figures: banks, streets, towns, firms, sums in words. None of them exists."""

from __future__ import annotations

from numpy.random import Generator

from ocrpipe.training.sheets.chance import figures, odds, pick
from ocrpipe.training.sheets.lettering import SURNAMES

_BANK_FIRST = (
    "First", "Harbor", "Prairie", "Union", "Granite", "Coastal", "Meridian", "Lotus", "Banyan", "Sterling", "Cedar",
    "Imperial", "Orchid", "Highland", "Delta", "Summit", "Pioneer", "Kaveri", "Northern", "Lakeshore",
)  # fmt: skip
_BANK_LAST = (
    "National Bank",
    "Savings Bank",
    "Bank",
    "Trust",
    "Credit Union",
    "Commercial Bank",
    "Bank Limited",
    "& Co",
)
_STREETS = (
    "Maple",
    "Station",
    "Mill",
    "Church",
    "Ring",
    "Gandhi",
    "Lake",
    "Victoria",
    "Market",
    "Hill",
    "Oak",
    "Canal",
)
_WAYS = ("Street", "Road", "Avenue", "Lane", "St", "Ave", "Rd", "Blvd", "Drive", "Court", "Way")
TOWNS = (
    ("Springdale", "AR"), ("Fairport", "NY"), ("Cedar Falls", "IA"), ("Monroe", "LA"), ("Red Oak", "TX"),
    ("Salem", "OR"), ("Bristol", "CT"), ("Dayton", "OH"), ("Lakewood", "CO"), ("Marion", "IN"), ("Auburn", "ME"),
    ("Santa Rosa", "CA"), ("Eau Claire", "WI"), ("Newport", "RI"), ("St Paul", "MN"), ("Concord", "NC"),
)  # fmt: skip
ABROAD = (
    "Pune",
    "Mysuru",
    "Nagpur",
    "Leeds",
    "Bath",
    "Ipoh",
    "Penang",
    "Guelph",
    "Halifax",
    "Cork",
    "Singapore",
    "Kochi",
)
_TRADES = (
    "Hardware", "Dental Care", "Plumbing", "Foods", "Textiles", "Motors", "Consulting", "Printing", "Pharmacy",
    "Electric", "Water Works", "Insurance", "Traders", "School", "Roofing",
)  # fmt: skip
_ENDS = ("Inc", "LLC", "Ltd", "Pvt Ltd", "Sdn Bhd", "& Sons", "Co", "plc", "")
MEMOS = ("rent", "invoice", "school fees", "gift", "April rent", "water bill", "loan", "donation", "repair", "deposit")
_ONES = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WESTERN = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred"))
_INDIAN = ((10**7, "crore"), (10**5, "lakh"), (10**3, "thousand"), (100, "hundred"))


def bank(rng: Generator) -> str:
    return f"{pick(rng, _BANK_FIRST)} {pick(rng, _BANK_LAST)}"


def firm(rng: Generator) -> str:
    return f"{pick(rng, SURNAMES)} {pick(rng, _TRADES)} {pick(rng, _ENDS)}".strip()


def street(rng: Generator) -> str:
    return f"{figures(rng, int(rng.integers(1, 6)))} {pick(rng, _STREETS)} {pick(rng, _WAYS)}"


def town(rng: Generator) -> str:
    """A place with its state, or one abroad with figures after it as its country writes them."""
    if odds(rng, 0.7):
        name, state = pick(rng, TOWNS)
        return f"{name}, {state} {figures(rng, 5)}"
    return f"{pick(rng, ABROAD)} {figures(rng, int(rng.integers(5, 7)))}"


def address(rng: Generator) -> list[str]:
    """Two or three lines below a name."""
    unit = [f"Suite {figures(rng, 3)}"] if odds(rng, 0.2) else []
    return [street(rng), *unit, town(rng)]


def in_words(number: int, *, indian: bool = False) -> str:
    """A whole number, in small letters.

    >>> in_words(1_234_567, indian=True)
    'twelve lakh thirty-four thousand five hundred sixty-seven'
    """
    for unit, name in _INDIAN if indian else _WESTERN:
        if number >= unit:
            rest = in_words(number % unit, indian=indian) if number % unit else ""
            return f"{in_words(number // unit, indian=indian)} {name} {rest}".strip()
    if number >= 20:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    return _ONES[number] or "zero"


def halves(words: str) -> tuple[str, str]:
    """Words on two lines, the longer part first; short ones stay on one."""
    if len(words) < 24:
        return words, ""
    at = words.find(" ", len(words) // 2)
    return (words, "") if at < 0 else (words[:at], words[at + 1 :])


def legal_amount(value: str, rng: Generator, *, indian: bool = False) -> str:
    """The legal amount of a check: `One hundred twelve and 50/100`."""
    whole, cents = value.split(".")
    words = in_words(int(whole), indian=indian).capitalize()
    if indian:
        paise = f" and {in_words(int(cents))} paise" if cents != "00" else ""
        return f"{words}{paise} only"
    tail = pick(rng, (f" and {cents}/100", f" & {cents}/100", f" and {cents}/100", " only" if cents == "00" else ""))
    return words + tail
