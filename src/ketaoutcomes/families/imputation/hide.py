"""How the counts of imputed subjects add up with others."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ketaoutcomes.families.fitted import FloatArray
from ketaoutcomes.families.imputation.hide_assumptions import imputed_behind_assumptions
from ketaoutcomes.families.imputation.record import TippingRecord
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.planes import Plane
from ketaoutcomes.privacy.relations import InverseOfCount, Relation
from ketaoutcomes.privacy.shares import SharesOf, outcomes_behind_shares
from ketaoutcomes.results import Result

SHIFTED: Final = "shifted difference in LS means"
TIPPING: Final = "tipping shift"


def nothing_imputed_of_the_complete(cells: Cells) -> None:
    """Nothing is imputed of those seen at every visit."""
    counts = list(cells.of_field("estimate"))
    complete = [
        (row, cell)
        for row, cell, _ in counts
        if row.statistic == "pattern" and row.group.rpartition(": ")[2] == "complete"
    ]
    for row, cell, _ in counts:
        if row.table == "impt03" and row.group.endswith(": nothing missing"):
            for pattern, other in complete:
                if (pattern.phase, pattern.arm) == (row.phase, row.arm):
                    cells.book.apart(cell, other)


def imputed_behind_estimates(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """What tipping points, proportions, and two assumptions side by side tell of the imputed."""
    yield from imputed_behind_slopes(cells, rows)
    yield from imputed_behind_assumptions(cells, rows)
    of = SharesOf("impt02", "proportion", "risk difference")
    yield from outcomes_behind_shares(cells, rows, of)


def imputed_behind_slopes(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """The slope of a shifted difference is the share of the arm whose outcome was imputed.

    The shift at which the difference tips is inverse to it.
    """
    grid = [
        (place, row, dict(map(_shift, row.group.split("; "))))
        for place, row in enumerate(rows)
        if row.statistic == SHIFTED and row.estimate is not None
    ]
    for analysis in dict.fromkeys(row.analysis for _, row, _ in grid):
        yield from _plane(cells, [one for one in grid if one[1].analysis == analysis])
    for place, row in enumerate(rows):
        imputed = _imputed(cells, row, row.group.removesuffix(" shifted"))
        if row.statistic == TIPPING and row.estimate and imputed is not None:
            cell, _ = imputed
            yield InverseOfCount((cell,), (place,), cells.book.count_of(cell), row)


def _plane(cells: Cells, grid: list[tuple[int, Result, dict[str, float]]]) -> Iterator[Relation]:
    """The plane of an analysis, with the counts behind its slopes."""
    arms = tuple(grid[0][2])
    found = [_imputed(cells, grid[0][1], arm) for arm in arms]
    told = tuple(place for place, one in enumerate(found) if one is not None)
    if told and len(grid) > len(arms):
        yield Plane(
            cells=tuple(one[0] for one in found if one is not None),
            rows=tuple(place for place, _, _ in grid),
            told=told,
            wholes=tuple(
                (-1 if arm == grid[0][1].reference else 1) * (1 if one is None else one[1])
                for arm, one in zip(arms, found, strict=True)
            ),
            shifts=tuple(tuple(at[arm] for arm in arms) for _, _, at in grid),
            points=tuple(row for _, row, _ in grid),
        )


def contour_of_rows(record: TippingRecord, rows: Sequence[Result], _smallest: int) -> TippingRecord:
    """The contour as it follows from the points that are published, where these are rounded."""
    told = [r for r in rows if r.analysis == record.analysis and r.statistic == SHIFTED]
    if not any(row.suppressed for row in told):
        return record
    if len(record.shifts) == 1:
        tips = [
            r.estimate for r in rows if (r.analysis, r.statistic) == (told[0].analysis, TIPPING)
        ]
        return replace(record, contour=np.array([t for t in tips if t is not None] or [np.nan]))
    errors = np.array([np.nan if r.std_error is None else r.std_error for r in told])
    level = norm.ppf((1 + (told[0].conf_level or 0.95)) / 2)
    beyond = np.abs(record.estimate) - level * errors.reshape(record.estimate.shape)
    found = [_crossing(record.shifts[0], of_row) for of_row in beyond]
    return replace(record, contour_rows=record.shifts[1], contour=np.array(found))


def _crossing(shifts: FloatArray, limits: FloatArray) -> float:
    """Where the nearer limit first passes zero between points of the grid; NaN where nowhere."""
    places = np.flatnonzero(limits[:-1] * limits[1:] < 0)
    if not places.size:
        return np.nan
    at = int(places[0])
    share = limits[at] / (limits[at] - limits[at + 1])
    return float(shifts[at] + share * (shifts[at + 1] - shifts[at]))


def _shift(words: str) -> tuple[str, float]:
    arm, _, value = words.rpartition(" ")
    return arm, float(value)


def _imputed(cells: Cells, of: Result, arm: str) -> tuple[int, int] | None:
    """The cell of those of an arm who were not seen at the visit, and how many the arm has."""
    for (place, field), cell in cells.of.items():
        row = cells.rows[place]
        same = (row.endpoint, row.phase, row.visit, row.arm) == (
            of.endpoint, of.phase, of.visit, arm
        )  # fmt: skip
        if same and field == "estimate" and row.statistic == "missing" and row.n:
            return cell, row.n
    return None
