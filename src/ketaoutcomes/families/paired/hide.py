"""How the counts of paired comparisons add up."""

from collections import defaultdict

from ketaoutcomes.families.paired.fit import AFTER, BEFORE, DIFFERENCE, TABLE
from ketaoutcomes.privacy.counts import Cells

Place = tuple[str, str, str]


def counts_of_pairs(cells: Cells) -> None:
    """Those of one visit are some of those analysed, and those with one score are some of them."""
    analysed = {
        (row.analysis, row.arm): cell
        for row, cell, _ in cells.of_field("n", flow=True)
        if row.statistic == "analysed"
    }
    whole: dict[Place, int] = {}
    parts: dict[Place, list[int]] = defaultdict(list)
    for row, cell, _ in cells.of_field("n"):
        if row.table != TABLE:
            continue
        place = (row.analysis, row.arm, row.visit)
        if row.statistic == DIFFERENCE:
            whole[place] = cell
        elif row.statistic in (BEFORE, AFTER):
            parts[place].append(cell)
    for place, cell in whole.items():
        for part in parts[place]:
            cells.book.total([cell], [part])
        if (found := analysed.get(place[:2])) is not None:
            cells.book.total([found], [cell])
