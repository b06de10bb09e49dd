"""What a MICR line says, by the group patterns of its country.

United States: ANSI X9.100-160-2 (auxiliary on-us, routing between transit symbols, on-us, amount between amount
symbols); the routing number's check digit is the ABA's, 3-7-1 modulo 10. Canada: CPA 006, the same with a transit and
an institution number for the routing number. India: CTS-2010 (serial between on-us symbols, sort code of nine digits,
account base of six, transaction code of two). Britain, and who follows it: serial, sort code with a dash, account, and
perhaps a transaction code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

ABA_WEIGHTS = (3, 7, 1) * 3
Name = Literal["micr_routing", "micr_account", "micr_serial", "micr_amount", "micr_transaction"]
Country = Literal["US", "IN", "GB"]

_INDIAN = re.compile(
    r"U(?P<serial>\d{6})U ?T?(?P<routing>\d{9})T ?(?P<account>\d{6})U ?(?P<transaction>\d{2})(?: ?A?(?P<amount>\d+)A)?"
)
_BRITISH = re.compile(
    r"U(?P<serial>\d{4,10})U ?T?(?P<routing>\d{2}D\d{4,5}|\d{6,7})T ?(?P<account>\d{6,14})U"
    r"(?: ?(?P<transaction>\d{2}))?(?: ?A?(?P<amount>\d+)A)?"
)
_AMERICAN = re.compile(
    r"(?:U(?P<auxiliary>[\dD ]+)U ?)?T(?P<routing>\d{9}|\d{4,5}D\d{3,4})T ?"
    r"(?P<account>[\dD][\dD ]*)U ?(?P<serial>[\dD]*)(?: ?A?(?P<amount>\d{10})A)?"
)
_LINES: dict[Country, re.Pattern[str]] = {"IN": _INDIAN, "GB": _BRITISH, "US": _AMERICAN}
"""The first that fits is taken."""


@dataclass(frozen=True, slots=True)
class MicrField:
    """One field of a line: its value, and where in the line's text it stands."""

    value: str
    """Digits, a dash symbol as `-`; an amount with two decimals."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MicrFields:
    """The fields that a line has; none of them where it follows no known pattern."""

    country: Country | None
    """Whose pattern it is; Canada's is that of the United States."""
    fields: dict[Name, MicrField]
    check_digit: bool | None
    """Whether the routing number's check digit fits; None where it has none."""


def fields_of(text: str) -> MicrFields:
    """Parses a line as `micr.MicrReader` writes it. Nothing is corrected: a wrong check digit is told, that is all.

    >>> parsed = fields_of("U093858U T166200744T 412010U")
    >>> [(name, field.value) for name, field in parsed.fields.items()], parsed.check_digit
    ([('micr_routing', '166200744'), ('micr_account', '412010'), ('micr_serial', '093858')], True)
    """
    country, match = next(
        ((name, found) for name, line in _LINES.items() if (found := line.fullmatch(text))), (None, None)
    )
    if match is None:
        return MicrFields(None, {}, None)
    groups = {name: group for name, group in _GROUPS.items() if match.groupdict().get(group)}
    if country == "US" and match["auxiliary"]:
        groups["micr_serial"] = "auxiliary"
    fields: dict[Name, MicrField] = {}
    for name, group in groups.items():
        digits = match[group].replace(" ", "").replace("D", "-")
        value = f"{int(digits) // 100}.{int(digits) % 100:02d}" if group == "amount" else digits
        fields[name] = MicrField(value, *match.span(group))
    return MicrFields(country, fields, fits_aba(match["routing"]) if country == "US" else None)


_GROUPS: dict[Name, str] = {
    "micr_routing": "routing",
    "micr_account": "account",
    "micr_serial": "serial",
    "micr_amount": "amount",
    "micr_transaction": "transaction",
}


def fits_aba(routing: str) -> bool | None:
    """Whether the check digit of a routing number fits; None where it is no number of nine digits."""
    if len(routing) != 9 or not routing.isdecimal():
        return None
    return sum(weight * int(digit) for weight, digit in zip(ABA_WEIGHTS, routing, strict=True)) % 10 == 0
