"""The names of statistics in a reader's words.

The results table keeps its own names, which other programs read; the page says what they are.
"""

from typing import Final

IN_WORDS: Final = {
    "survival": "event-free probability",
    "difference in survival": "difference in event-free probability",
    "restricted mean": "restricted mean survival time (RMST)",
    "difference in restricted means": "RMST difference",
    "ratio of restricted means": "RMST ratio",
    "difference of differences in restricted means": "difference of RMST differences",
    "standardised difference": "standardised mean difference",
    "test of one odds ratio in all strata": "test of homogeneity of odds ratios",
}
"""Names in the results table that would mislead on a page."""

ADJUSTED: Final = " (adjusted)"
"""What follows the name of a number that is also estimated unadjusted."""


def measure_words(statistic: str) -> str:
    """What the page calls a statistic of the results table."""
    name = statistic.removesuffix(ADJUSTED)
    return IN_WORDS.get(name, name) + (ADJUSTED if statistic.endswith(ADJUSTED) else "")
