"""Rows of participants who are alike are counted, part by part, and written out again at the end.

Whole days, yes and no, and levels of factors leave few different rows however many participants
there are. What is written out are the participants, in an order and with numbers of their own.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import BinaryData, TimeToEventData

COUNT = "number of participants"
Counted = TypeVar("Counted", BinaryData, TimeToEventData)


def counted(frame: pd.DataFrame) -> pd.DataFrame:
    """The different rows of a frame without its subjects, and how many there are of each."""
    columns = [name for name in frame if name != "subject"]
    sizes = frame.groupby(columns, sort=False, dropna=False, observed=True).size()
    return sizes.rename(COUNT).reset_index()


def fewer_counts(parts: list[Counted]) -> list[Counted]:
    """The same counts in fewer parts, as soon as as many rows wait as the first of them has.

    All parts are thus never held at a time.
    """
    first, *more = parts
    wait = sum(len(part.frame) for part in more) > len(first.frame)
    return [joined_counts(None, None, parts, None)] if wait else parts


def joined_counts(
    _analysis: object, _estimand: object, parts: list[Counted], _census: None
) -> Counted:
    """The endpoint of all participants, still counted; who was left out is added up."""
    excluded: Counter[str] = Counter()
    for part in parts:
        excluded.update(dict(part.excluded))
    frame = summed(part.frame for part in parts)
    return replace(parts[0], frame=frame, excluded=tuple(excluded.items()))


def summed(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The counts of all parts together, whatever their order."""
    every = pd.concat(list(parts), ignore_index=True)
    columns = [name for name in every if name != COUNT]
    sums = every.groupby(columns, sort=True, dropna=False, observed=True)[COUNT].sum()
    return sums.reset_index()


def written_out(counts: pd.DataFrame) -> pd.DataFrame:
    """One row a participant; the rows share what they say."""
    times = counts[COUNT].to_numpy()
    columns = {
        str(name): np.repeat(counts[name].to_numpy(), times) for name in counts if name != COUNT
    }
    return pd.DataFrame({"subject": np.arange(int(times.sum())), **columns})
