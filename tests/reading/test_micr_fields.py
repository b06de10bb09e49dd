"""Groups of MICR lines: what a line says, and that nothing is corrected."""

from __future__ import annotations

import pytest

from ocrpipe.reading.micr_fields import fields_of, fits_aba


@pytest.mark.parametrize(
    ("text", "country", "values"),
    [
        (
            "U093858U T166200744T 412010U",
            "US",
            {"micr_routing": "166200744", "micr_account": "412010", "micr_serial": "093858"},
        ),
        (
            "T114176707T 47755904U 027104",
            "US",
            {"micr_routing": "114176707", "micr_account": "47755904", "micr_serial": "027104"},
        ),
        (
            "T114176707T12D34 567D8U0271 A0000012345A",
            "US",
            {
                "micr_routing": "114176707",
                "micr_account": "12-34567-8",
                "micr_serial": "0271",
                "micr_amount": "123.45",
            },
        ),
        (
            "U001U T12345D678T 1234D567U",
            "US",
            {"micr_routing": "12345-678", "micr_account": "1234-567", "micr_serial": "001"},
        ),
        (
            "U309061U 500211012T 426160U 31",
            "IN",
            {
                "micr_serial": "309061",
                "micr_routing": "500211012",
                "micr_account": "426160",
                "micr_transaction": "31",
            },
        ),
    ],
)  # fmt: skip
def test_groups_are_told_by_their_symbols(text: str, country: str, values: dict[str, str]) -> None:
    parsed = fields_of(text)
    assert parsed.country == country
    assert {name: field.value for name, field in parsed.fields.items()} == values


@pytest.mark.parametrize("text", ["", "123456", "T12345678T 1234U", "U093858U T166200744T", "TAUD"])
def test_what_follows_no_pattern_has_no_fields(text: str) -> None:
    assert fields_of(text).fields == {}


def test_a_field_says_where_it_stands() -> None:
    text = "U093858U T166200744T 412010U"
    routing = fields_of(text).fields["micr_routing"]
    assert text[routing.start : routing.end] == "166200744"


def test_a_wrong_check_digit_is_told_and_stays() -> None:
    parsed = fields_of("T166200745T 412010U")
    assert parsed.check_digit is False
    assert parsed.fields["micr_routing"].value == "166200745"


def test_sort_codes_have_no_check_digit() -> None:
    assert fields_of("U309061U 500211012T 426160U 31").check_digit is None


def test_the_aba_sum() -> None:
    assert fits_aba("021000021") is True
    assert fits_aba("021000022") is False
    assert fits_aba("12345-678") is None


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "U555862U 51D4094T 62583754U 61 A0000001400A",
            {"serial": "555862", "routing": "51-4094", "account": "62583754", "transaction": "61", "amount": "14.00"},
        ),
        ("U555862U 14D72033T 69235647518U", {"serial": "555862", "routing": "14-72033", "account": "69235647518"}),
        ("U5586U T92251D613T 732D720D4U", {"serial": "5586", "routing": "92251-613", "account": "732-720-4"}),
    ],
)
def test_sort_codes_with_a_dash(text: str, fields: dict[str, str]) -> None:
    parsed = fields_of(text)
    assert {name.removeprefix("micr_"): field.value for name, field in parsed.fields.items()} == fields
    assert parsed.check_digit is None
