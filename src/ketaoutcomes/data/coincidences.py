"""Rows of different people that are alike by more than chance."""

from typing import Final

import pandas as pd

FEW: Final = 0.05
"""How many pairs may be alike by chance for one to be told."""


def alike(people: pd.DataFrame) -> int:
    """How many people are alike in all columns; 0 where as many pairs may be so by chance.

    Under independence the share of pairs that agree in all columns is the product of those that
    agree in each. Columns that go together agree more often, so that only what is rare is told.

    Parameters
    ----------
    people : DataFrame
        One row a person, without the code of the person.
    """
    twins = int(people.duplicated(keep=False).sum())
    if not twins:
        return 0
    pairs = len(people) * (len(people) - 1)
    expected = pairs / 2
    for column in people:
        size = people[column].value_counts(dropna=False).to_numpy(dtype=float)
        expected *= float(size @ (size - 1)) / pairs
    return twins if expected <= FEW else 0
