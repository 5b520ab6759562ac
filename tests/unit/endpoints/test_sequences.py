"""Arms of periods that are not in the data, by hand."""

import pandas as pd
import pytest

from ketaoutcomes.describe.sequences import _named
from ketaoutcomes.endpoints.sequences import completed_sequences

WILLIAMS = ("ABC", "BCA", "CAB", "ACB", "BAC", "CBA")


def arms(*orders: str) -> pd.DataFrame:
    """One row for each order; a point is a period without an arm."""
    rows = [[None if arm == "." else arm for arm in order] for order in orders]
    return pd.DataFrame(rows, columns=["one", "two", "three"], index=range(len(rows)))


@pytest.mark.parametrize(
    ("seen", "is_of"),
    [
        ("C.A", "CBA"),  # the second period is missing
        (".BA", "CBA"),
        ("BC.", "BCA"),
        ("B..", "B.."),  # BCA or BAC
        ("..C", "..C"),
        ("AA.", "AA."),  # nobody has it
        ("ABC", "ABC"),
    ],
)
def test_missing_arms_are_those_of_the_only_sequence_that_fits(seen, is_of):
    given = arms(*WILLIAMS, seen)
    found = completed_sequences(given)
    assert "".join(found.iloc[-1].fillna(".")) == is_of
    assert found.iloc[:6].equals(given.iloc[:6])


def test_the_name_of_a_sequence_says_where_it_is_not_known():
    names = [_named(row) for _, row in arms("ABC", "A..", "A.C", "..C", ".B.").iterrows()]
    unknown = "not known"
    assert names == [
        "A - B - C",
        f"A - {unknown}",
        f"A - {unknown} - C",
        f"{unknown} - {unknown} - C",
        f"{unknown} - B - {unknown}",
    ]
