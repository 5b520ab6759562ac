"""How the counts of a mixed model add up: the subgroups of a covariate are all of an arm."""

from collections import defaultdict

from ketaoutcomes.families.repeated_measures.subgroups import MEAN
from ketaoutcomes.privacy.counts import Cells


def sums_of_subgroups(cells: Cells) -> None:
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
