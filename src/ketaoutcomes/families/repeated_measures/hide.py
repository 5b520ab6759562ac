"""Residuals and counts of a mixed model without those of single subjects."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ketaoutcomes.families.repeated_measures.subgroups import DIFFERENCE, INTERACTION, MEAN
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.curves import Days, means_of_neighbours
from ketaoutcomes.privacy.relations import InformationBound, Relation
from ketaoutcomes.results import Result

SUBGROUPS = "subt01"


def coarse_residuals(
    record: MmrmRecord, places: frozenset[Place], _days: Days, smallest: int
) -> MmrmRecord:
    """Means of neighbouring residuals, and no count that is hidden."""
    name = record.analysis
    return replace(
        record,
        residuals=means_of_neighbours(record.residuals, smallest),
        correlation=np.round(record.correlation, 1),
        n_obs=None if (name, "n_obs") in places else record.n_obs,
        n_subjects=None if (name, "n_subjects") in places else record.n_subjects,
    )


def residuals_of_rows(record: MmrmRecord, rows: Sequence[Result], smallest: int) -> MmrmRecord:
    """Fewer means of residuals where the number of observations is hidden.

    How many groups of neighbours there are tells how many observations. It is then made to depend
    on the participants and visits alone, which are shown: half as many groups as all visits of all
    participants would make. Where more than half of the observations are missing there are none.
    """
    means = record.residuals
    if record.n_obs is not None or not means.size:
        return record
    phases = {row.phase for row in rows if row.analysis == record.analysis}
    assigned = [row.n or 0 for row in rows if row.statistic == "assigned" and row.phase in phases]
    groups = sum(assigned) * len(record.visits) // (2 * smallest)
    if not 0 < groups <= means.size:
        return replace(record, residuals=np.array([]))
    places, fewer = ((np.arange(n) + 0.5) / n for n in (means.size, groups))
    return replace(record, residuals=np.interp(fewer, places, means))


def counts_of_model(cells: Cells, record: MmrmRecord) -> None:
    """Observations of a model are those of its visits and arms; its subjects those analysed."""
    means = [
        cell
        for row, cell, _ in cells.of_field("n")
        if (row.analysis, row.statistic) == (record.analysis, "LS mean")
    ]
    people = [
        cell
        for row, cell, _ in cells.of_field("n", flow=True)
        if (row.analysis, row.statistic) == (record.analysis, "analysed")
    ]
    if record.n_obs is not None and means:
        whole = cells.book.cell("observations", record.n_obs, (record.analysis, "n_obs"))
        cells.book.total([whole], means)
    if record.n_subjects is not None and people:
        part = cells.book.cell("subjects", record.n_subjects, (record.analysis, "n_subjects"))
        cells.book.total(people, [part])


def counts_that_add_up(cells: Cells) -> None:
    """The levels of each factor are all participants, together and in each arm."""
    _levels_of_every_factor(cells)
    _subgroups_of_an_arm(cells)


def _levels_of_every_factor(cells: Cells) -> None:
    """The levels of each factor add up to the same subjects: those of its test of interaction."""
    levels: dict[tuple[str, ...], list[int]] = defaultdict(list)
    whole: dict[tuple[str, ...], int] = {}
    for row, cell, _ in cells.of_field("n"):
        if row.table == "subt01":
            factor, divided, _level = row.group.partition(": ")
            about: tuple[str, ...] = (
                *(row.analysis, row.phase, row.visit, row.arm, row.reference),
                factor,
            )
            if divided:
                levels[about].append(cell)
            else:
                whole[about] = cell
    of_all: dict[tuple[str, ...], list[int]] = {}
    for where, parts in levels.items():
        cells.book.total(of_all.setdefault(where[:-1], parts), parts)
        if where in whole:
            cells.book.total([whole[where]], parts)


def _subgroups_of_an_arm(cells: Cells) -> None:
    """The subjects of an arm in the subgroups of one covariate are those analysed in it."""
    analysed = {
        (row.analysis, row.arm): cell
        for row, cell, _ in cells.of_field("n", flow=True)
        if row.statistic == "analysed"
    }
    levels: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row, cell, _ in cells.of_field("n"):
        if row.statistic == MEAN:
            levels[row.analysis, row.arm, row.group.partition(": ")[0]].append(cell)
    for (analysis, arm, _), parts in levels.items():
        if (analysis, arm) in analysed:
            cells.book.total([analysed[analysis, arm]], parts)


def errors_behind_interactions(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """The test of an interaction of two levels tells the errors of their two differences.

    Its statistic is the squared distance of the differences over the sum of their squared errors,
    nearly those of the participants of each arm and level: the sum of their inverses. A reader is
    taken to know those of the level with more.
    """
    for place, row in enumerate(rows):
        if row.table != SUBGROUPS or row.statistic != INTERACTION or not row.test_statistic:
            continue
        levels = [*_levels_of(cells, row)]
        if len(levels) != len((row.arm, row.reference)):
            continue
        fewer, more = sorted(levels, key=lambda level: min(level.counts, default=0))
        apart = (fewer.difference.estimate or 0.0) - (more.difference.estimate or 0.0)
        if apart and fewer.counts and all((*fewer.counts, *more.counts)):
            error = abs(apart) / math.sqrt(row.test_statistic)
            yield InformationBound(
                fewer.cells,
                fewer.counts,
                (place,),
                replace(row, estimate=apart, std_error=error),
                known=sum(1 / count for count in more.counts),
            )


@dataclass(frozen=True)
class _Level:
    """The difference in a level of a factor, and the participants of its arms."""

    difference: Result
    cells: tuple[int, ...]
    counts: tuple[int, ...]


def _levels_of(cells: Cells, test: Result) -> Iterator[_Level]:
    """The levels of the factor of a test, each with its difference and its counts."""

    def belongs(row: Result) -> bool:
        return (row.table, row.analysis, row.visit) == (test.table, test.analysis, test.visit)

    means: dict[str, dict[str, int]] = defaultdict(dict)
    for row, cell, _ in cells.of_field("n"):
        if belongs(row) and row.statistic == MEAN:
            means[row.group][row.arm] = cell
    for row in cells.rows:
        same = (row.arm, row.reference) == (test.arm, test.reference)
        of_factor = row.group.startswith(f"{test.group}: ")
        if belongs(row) and row.statistic == DIFFERENCE and same and of_factor:
            arms = means[row.group]
            found = tuple(arms[arm] for arm in (row.arm, row.reference) if arm in arms)
            yield _Level(row, found, tuple(map(cells.book.count_of, found)))
