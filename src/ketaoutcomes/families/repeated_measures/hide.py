"""Residuals and counts of a mixed model without those of single subjects."""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from ketaoutcomes.families.repeated_measures.subgroups import MEAN
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.curves import Days, means_of_neighbours


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
