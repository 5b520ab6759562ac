"""Tests of hypotheses lose what is rounded or withheld of the estimates that they are of."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from ketaoutcomes.privacy.digits import NOTHING, Coarseness, blanked, coarse, is_ratio
from ketaoutcomes.privacy.repeated import ALIKE
from ketaoutcomes.privacy.rows import OF_OTHERS
from ketaoutcomes.results import Result

AROUND: Final = ("std_error", "conf_low", "conf_high", "test_statistic")

Key = tuple[str, ...]


def as_in_their_rows(rows: Iterable[Result], before: Iterable[Result]) -> Iterator[Result]:
    """The rows in which a test of a hypothesis tells no more than the row of its estimate.

    An adjusted p-value is a function of that of a ratio, and so is one against a margin. Of both
    only the side of 0.05 stays where the ratio is rounded or withheld. The same is left where the
    estimate itself is withheld, as a risk difference is with the counts behind it.

    Parameters
    ----------
    before : iterable of Result
        The same rows before anything was hidden.
    """
    found = tuple(rows)
    lost = {
        (_about(row), f"{was.estimate:.{ALIKE}g}")
        for row, was in zip(found, before, strict=True)
        if row.table not in OF_OTHERS and was.estimate is not None and row.estimate is None
    }
    less = {
        _about(row)
        for row in found
        if row.table not in OF_OTHERS and is_ratio(row) and _is_less(row)
    }
    for row in found:
        if row.table not in OF_OTHERS:
            yield row
        elif row.estimate is not None and (_about(row), f"{row.estimate:.{ALIKE}g}") in lost:
            yield blanked(_on_one_side(row), ("estimate",))
        else:
            yield _on_one_side(row) if _about(row) in less else row


def _about(row: Result) -> Key:
    return (row.analysis, row.phase, row.visit, row.arm, row.reference)


def _is_less(row: Result) -> bool:
    """Whether something of the error of a row is rounded or withheld."""
    words = {word.partition(":")[0] for word in row.suppressed.split()}
    return not words.isdisjoint((*AROUND, "p_value"))


def _on_one_side(row: Result) -> Result:
    """The estimate, and on which side of 0.05 the p-value lies."""
    if row.p_value is None or any(w.startswith("p_value:") for w in row.suppressed.split()):
        p = row
    else:
        nothing: dict[str, Any] = dict.fromkeys((*AROUND, "estimate", "df"))
        bare = replace(row, **nothing)
        p = coarse(bare, Coarseness(error=NOTHING))
    blank = [name for name in AROUND if getattr(row, name) is not None]
    words = {w for w in p.suppressed.split() if w.partition(":")[0] not in AROUND}
    changes: dict[str, Any] = {**dict.fromkeys(AROUND), "p_value": p.p_value}
    return replace(row, **changes, suppressed=" ".join(sorted({*words, *blank})))
