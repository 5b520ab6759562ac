"""What a table says of the comparisons for which its intervals are not adjusted."""

import pytest

from ketaoutcomes.families.shared.mixed_words import not_adjusted
from ketaoutcomes.results import Result


def rows(visits: int, arms: int) -> list[Result]:
    """Means of each arm at each visit, and each arm after the first against it."""
    means = [
        Result(table="mmrmt01", statistic="LS mean", visit=f"v{v}", arm=f"a{a}")
        for v in range(visits)
        for a in range(arms)
    ]
    compared = [
        Result(
            table="mmrmt01",
            statistic="difference in LS means",
            visit=f"v{v}",
            arm=f"a{a}",
            reference="a0",
        )
        for v in range(visits)
        for a in range(1, arms)
    ]
    return means + compared


@pytest.mark.parametrize(
    ("visits", "arms", "words"),
    [
        (1, 1, ""),
        (1, 2, ""),
        (2, 1, ", not adjusted for multiple visits"),
        (3, 2, ", not adjusted for multiple visits"),
        (1, 4, ", not adjusted for multiple comparisons of arms"),
        (2, 3, ", not adjusted for multiple visits or comparisons of arms"),
    ],
)
def test_words(visits: int, arms: int, words: str) -> None:
    assert not_adjusted(rows(visits, arms)) == words
