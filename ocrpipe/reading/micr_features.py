"""What of a read MICR line predicts error, by name; kept apart, so that cards are read without torch."""

from __future__ import annotations

FEATURE_NAMES = (
    "posterior", "weakest", "present", "unread", "uneven", "comb", "pattern", "check_fits", "check_fails",
)  # fmt: skip
"""logit of the text's posterior; log probabilities of its weakest character and that the least certain one is there at
all; log of what the ink beside the characters may be; how uneven the pitch is (frames); how
sure the comb was; whether the line follows a known pattern; whether its check digit fits, and whether it does not: both
are 0 where there is none."""
