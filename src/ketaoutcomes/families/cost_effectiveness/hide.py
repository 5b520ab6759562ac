"""What mean effects and net benefits tell of the participants who had the outcome."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ketaoutcomes.families.cost_effectiveness.record import ValueRecord
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.relations import Relation, Share
from ketaoutcomes.results import RATIO_OF_COSTS, Result

TABLE, EFFECT = "cet01", "mean effect"
MEANS: Final = ("mean cost", EFFECT)
WHOLE: Final = 1e-6
"""How near to a whole number successes must come, in participants."""

Arm = tuple[str, str]
"""An analysis and an arm."""


@dataclass(frozen=True)
class _Compared:
    """What is known of a comparison: its increments, and net benefits with their errors."""

    effect: float
    errors: Mapping[str, tuple[float, float]]

    def slope(self, row: Result) -> float | None:
        """By how much a number of the comparison moves with the incremental effect."""
        match row.statistic:
            case "incremental effect":
                return 1.0
            case statistic if statistic == RATIO_OF_COSTS:
                return -(row.estimate or 0.0) / self.effect if self.effect else None
            case "probability of being cost-effective":
                net, error = self.errors.get(row.group, (0.0, 0.0))
                return worth_of(row) * _density(net / error) / error if error else None
            case statistic if "net monetary benefit" in statistic:
                return worth_of(row)
        return None


def _density(z: float) -> float:
    """That of the normal distribution."""
    return math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def worth_of(row: Result) -> float:
    """The worth of a unit of effect, as a row of net benefit names it."""
    words = row.group.removeprefix("at ").split()
    return float(words[0].replace(",", "")) if row.group.startswith("at ") else 0.0


def successes_behind_effects(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """A mean of noughts and ones times the participants of its arm is how many had the outcome.

    Net benefit is linear in the incremental effect, so that two of them give the effect and the
    cost; the probability of being cost-effective is nearly that of a normal net benefit.
    """
    successes = _successes(cells)
    for place, row in enumerate(rows):
        if row.table == TABLE and row.estimate is not None:
            arms = [successes.get((row.analysis, arm)) for arm in (row.arm, row.reference) if arm]
            known = [arm for arm in arms if arm is not None]
            if row.statistic == EFFECT and known:
                yield Share((known[0][0],), (known[0][1],), (place,), row)
            elif row.reference and len(known) == len(arms):
                slope = _compared(cells, row).slope(row)
                if slope:
                    pair = tuple(cell for cell, _ in known)
                    yield Share(pair, tuple(n / slope for _, n in known), (place,), row)


def plane_of_rows(
    record: ValueRecord, rows: Sequence[Result], _smallest: int
) -> ValueRecord | None:
    """The plane, if every mean of it is shown: a cloud of resamples tells its middle."""
    means = (r for r in rows if r.analysis == record.analysis and r.statistic in MEANS)
    hidden = any(
        word.partition(":")[0] == "estimate" for r in means for word in r.suppressed.split()
    )
    return None if hidden else record


def _successes(cells: Cells) -> dict[Arm, tuple[int, int]]:
    """The cell of those of an arm who had the outcome, and how many the arm has."""
    found: dict[Arm, tuple[int, int]] = {}
    for place, row in enumerate(cells.rows):
        if (row.table, row.statistic) == (TABLE, EFFECT) and row.n and _is_of_noughts_and_ones(row):
            count = round((row.estimate or 0.0) * row.n)
            cell = cells.book.cell(("successes", row.analysis, row.phase, row.arm), count)
            cells.book.total([cells.of[place, "n"]], [cell])
            found[row.analysis, row.arm] = (cell, row.n)
    return found


def _is_of_noughts_and_ones(row: Result) -> bool:
    """Whether a mean is a share, by its standard error and a whole number of successes."""
    p, n = row.estimate or 0.0, row.n or 0
    whole = abs(p * n - round(p * n)) < WHOLE
    errors = (math.sqrt(max(p * (1 - p), 0.0) / d) for d in (n, n - 1) if d > 0)
    return (
        whole
        and 0 < p < 1
        and any(abs(error - (row.std_error or 0.0)) < WHOLE * error for error in errors)
    )


def _compared(cells: Cells, of: Result) -> _Compared:
    """What all rows of a comparison say, before anything is rounded."""
    same = [
        row
        for row in cells.rows
        if (row.table, row.analysis, row.arm, row.reference)
        == (of.table, of.analysis, of.arm, of.reference)
    ]
    effect = next((r.estimate for r in same if r.statistic == "incremental effect"), None)
    errors = {
        row.group: (row.estimate or 0.0, row.std_error)
        for row in same
        if "net monetary benefit" in row.statistic and row.std_error
    }
    return _Compared(effect or 0.0, errors)
