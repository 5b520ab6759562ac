"""What shares that a model estimates tell of the participants who had the outcome."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.relations import InverseOfCount, Relation, Share
from ketaoutcomes.results import Result

PENALISED: Final = "penalised odds ratio"
"""The odds ratio of a visit at which an arm has no responder, or nobody else."""


Arm = tuple[str, str, str]
"""An analysis, a visit and an arm."""


@dataclass(frozen=True)
class SharesOf:
    """A table of shares: which of its statistics is the share of an arm, which a difference."""

    table: str
    share: str
    difference: str


def outcomes_behind_shares(
    cells: Cells, rows: Sequence[Result], of: SharesOf
) -> Iterator[Relation]:
    """A share of an arm times its participants is nearly the number who had the outcome.

    A logistic model reproduces the mean of its outcomes; covariates and other visits move it
    little.
    """
    of_arm: dict[Arm, tuple[int, int]] = {}
    for place, row in enumerate(cells.rows):
        if (row.table, row.statistic) == (of.table, of.share) and _is_of_an_arm(row):
            outcomes, n = _outcomes(cells, place, row), row.n or 0
            of_arm[row.analysis, row.visit, row.arm] = (outcomes, n)
            if rows[place].estimate is not None:
                yield Share((outcomes,), (n,), (place,), rows[place])
    for place, row in enumerate(rows):
        arms = [of_arm.get((row.analysis, row.visit, arm)) for arm in (row.arm, row.reference)]
        known = [arm for arm in arms if arm is not None]
        if row.table == of.table and row.estimate is not None and len(known) == len(arms):
            yield from _compared(cells, place, row, known, of)


def _is_of_an_arm(row: Result) -> bool:
    return bool(row.arm and row.n) and row.estimate is not None and not row.group


def _compared(
    cells: Cells, place: int, row: Result, arms: Sequence[tuple[int, int]], of: SharesOf
) -> Iterator[Relation]:
    """What a comparison of two arms tells of those with the outcome in both."""
    pair, wholes = zip(*arms, strict=True)
    if row.statistic == of.difference:
        yield Share(pair, wholes, (place,), row)
    elif row.statistic == PENALISED:
        counts = ((cell, cells.book.count_of(cell)) for cell in pair)
        yield from (InverseOfCount((cell,), (place,), n, row) for cell, n in counts if n)


def _outcomes(cells: Cells, place: int, row: Result) -> int:
    """The cell of those who responded: as another analysis counts them, or as the share says."""
    for (other, field), cell in cells.of.items():
        one = cells.rows[other]
        same = (one.endpoint, one.phase, one.visit, one.arm, one.n) == (
            row.endpoint, row.phase, row.visit, row.arm, row.n
        )  # fmt: skip
        if same and field == "estimate" and one.statistic == "responders":
            return cell
    count = round((row.estimate or 0.0) * (row.n or 0))
    cell = cells.book.cell(("responders", row.analysis, row.phase, row.visit, row.arm), count)
    cells.book.total([cells.of[place, "n"]], [cell])
    return cell
