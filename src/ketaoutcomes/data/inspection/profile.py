"""A column in numbers: what can be said of it without showing a value."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.data.identifiers.names import words_of
from ketaoutcomes.data.mapping import is_number, numbers
from ketaoutcomes.data.readers.raw import RawTable

SMALLEST_GROUP: Final = 11
"""A label is shown if so many rows have it; the rule of the Centers for Medicare & Medicaid
Services for cells of a table."""

A_DATE: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[ T].*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    r"|\d{1,2}[- ]?[A-Za-z]{3}[- ]?\d{2,4}"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
)
DIGITS_APART: Final = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes
    ----------
    name : str
    text : Series
        Text, None where missing; never shown.
    subjects : Series or None
        Whose each row is, once that is known.
    """

    name: str
    text: pd.Series
    subjects: pd.Series | None = None

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the name; digits are words of their own."""
        parts = [word for part in words_of(self.name) for word in DIGITS_APART.split(part)]
        return frozenset((*parts, *words_of(self.name), self.name.casefold()))

    @cached_property
    def told(self) -> pd.Series:
        """The values that are there."""
        return self.text.dropna()

    @cached_property
    def counts(self) -> pd.Series:
        """Rows of each value, the commonest first; equals in the order of the alphabet."""
        counts = self.told.value_counts().sort_index()
        return counts.sort_values(ascending=False, kind="stable")

    @cached_property
    def numeric(self) -> bool:
        """Whether every value is a quantity."""
        return len(self.told) > 0 and all(is_number(value) for value in self.counts.index)

    @cached_property
    def number(self) -> pd.Series:
        """The values as numbers."""
        return numbers(self.text)

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """A number for each distinct value, -1 where it is missing."""
        return pd.factorize(self.text)[0].astype(np.int64)

    @cached_property
    def binary(self) -> bool:
        """Whether there are two values, 0 and 1 or words for them."""
        return self.numeric and set(self.number.dropna().unique()) == {0.0, 1.0}

    @cached_property
    def dates(self) -> bool:
        """Whether every value is a date."""
        return len(self.told) > 0 and all(A_DATE.fullmatch(str(v)) for v in self.counts.index)

    @cached_property
    def largest(self) -> int:
        """The power of ten that no value exceeds."""
        reach = float(self.number.abs().max())
        return next((10**k for k in range(18) if reach <= 10**k), 10**18)

    @cached_property
    def negative(self) -> bool:
        """Whether a value is below 0."""
        return bool((self.number < 0).any())

    @cached_property
    def constant(self) -> bool:
        """Whether nobody has two values."""
        return self.constant_within([])

    def constant_within(self, others: list[pd.Series]) -> bool:
        """Whether nobody has two values at the same value of other columns."""
        if self.subjects is None:
            return False
        key = [self.subjects, *others]
        return bool(self.text.groupby(key).nunique().le(1).all())

    def labels(self) -> tuple[str, ...]:
        """The labels that may be shown, in order of number or alphabet.

        Enough rows have each, and not all of them are rows of one subject.
        """
        shared = self.counts.index
        if self.subjects is not None:
            people = self.subjects.groupby(self.text).nunique()
            shared = shared[people.reindex(shared).to_numpy() > 1]
        shown = [str(label) for label in shared if self.counts[label] >= SMALLEST_GROUP]
        return tuple(sorted(shown, key=lambda label: (_as_number(label), label)))


def count_shown(count: int) -> str:
    """A count of rows or people as it may be shown: a small one only as that."""
    return str(count) if count >= SMALLEST_GROUP else f"fewer than {SMALLEST_GROUP}"


def columns_of(raw: RawTable, subject: str | None = None) -> dict[str, Column]:
    """The columns of a file by name."""
    whose = raw.frame[subject] if subject is not None else None
    return {str(name): Column(str(name), raw.frame[name], whose) for name in raw.frame.columns}


def _as_number(label: str) -> float:
    return float(label) if is_number(label) else float("inf")
