"""Amounts that a published plan may hold: no small group, and no difference that gives one.

A report keeps its plan, and with it the comments. Sizes of arms are exact only where each is large
enough; all other counts are in tens, so that no difference of two is a small one.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd

from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column

STEP: Final = 10
ROUNDED: Final = 3
"""Digits of a mean."""
FEW: Final = f"fewer than {SMALLEST_GROUP}"


def about(count: int) -> str:
    """A count in tens; a small one only as that."""
    if count == 0:
        return "0"
    return FEW if count < SMALLEST_GROUP else f"about {STEP * round(count / STEP)}"


def people_of(column: Column) -> int:
    """How many participants have a value in a column; rows where it is not known whose they are."""
    if column.subjects is None:
        return len(column.told)
    return int(column.subjects[column.text.notna()].nunique())


def mean_of(values: pd.Series) -> str:
    """A mean of enough values."""
    known = values.dropna()
    if len(known) < SMALLEST_GROUP:
        return f"{FEW} values"
    return in_digits(float(known.mean()))


def in_digits(mean: float) -> str:
    """A mean in three digits, or as a whole number."""
    digits = f"{mean:.{ROUNDED}g}" if abs(mean) < 10**ROUNDED - 1 else f"{mean:.0f}"
    return "0" if digits == "-0" else digits


def share_of(values: pd.Series) -> str:
    """How many of values of 0 and 1 are 1; neither side of it as a small count."""
    known = values.dropna()
    ones = int((known == 1).sum())
    if len(known) < SMALLEST_GROUP:
        return f"{FEW} values"
    if 0 < len(known) - ones < SMALLEST_GROUP:
        return f"all but {FEW} of {about(len(known))}"
    return f"{about(ones)} of {about(len(known))}"


def by_arm(values: pd.Series, arms: Mapping[str, pd.Series], *, shares: bool = False) -> str:
    """The mean of values, or the share of ones, in each arm.

    Parameters
    ----------
    values : Series
        Values of rows.
    arms : mapping of str to Series
        Arm -> whether a row is of it; empty where there is nothing to compare.
    """
    amount = share_of if shares else mean_of
    if not arms:
        return amount(values)
    parts = (f"`{arm}` {amount(values[here.reindex(values.index)])}" for arm, here in arms.items())
    return ", ".join(parts)


def heads_in(column: Column, labels: Mapping[str, str]) -> Iterator[str]:
    """Participants of each arm, exact if all labels of the column have enough of them.

    Parameters
    ----------
    labels : mapping of str to str
        Label in the data -> arm, which several spellings may have.
    """
    whose = column.subjects if column.subjects is not None else pd.Series(column.text.index)
    people = whose.groupby(column.text).nunique()
    exact = bool((people >= SMALLEST_GROUP).all())
    for arm in dict.fromkeys(labels.values()):
        here = column.text.isin([label for label, of in labels.items() if of == arm])
        count = int(whose[here].nunique())
        enough = f"at least {SMALLEST_GROUP}" if count >= SMALLEST_GROUP else FEW
        yield f"{arm}: {count if exact else enough}"
