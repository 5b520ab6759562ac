"""Tests of hypotheses lose what would tell the error of a ratio that is rounded elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from ketaoutcomes.privacy.digits import NOTHING, Coarseness, coarse, is_ratio
from ketaoutcomes.privacy.rows import OF_OTHERS
from ketaoutcomes.results import Result

AROUND: Final = ("std_error", "conf_low", "conf_high", "test_statistic")

Key = tuple[str, ...]


def without_errors_of_ratios(rows: Iterable[Result]) -> Iterator[Result]:
    """The rows in which a test of a ratio tells no more of its error than the ratio's own row.

    An adjusted p-value is a function of that of the ratio, and so is one against a margin. Of both
    only the side of 0.05 stays where the ratio is rounded or withheld.
    """
    found = tuple(rows)
    less = {
        _about(row)
        for row in found
        if row.table not in OF_OTHERS and is_ratio(row) and _is_less(row)
    }
    for row in found:
        yield _on_one_side(row) if row.table in OF_OTHERS and _about(row) in less else row


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
