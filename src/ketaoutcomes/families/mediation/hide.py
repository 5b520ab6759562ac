"""What effects through a mediator tell of how many participants had both measurements."""

from collections.abc import Iterator, Sequence

from ketaoutcomes.families.mediation.fit import SENSITIVITY, TABLE
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.digits import error_of
from ketaoutcomes.privacy.relations import InformationBound, Relation
from ketaoutcomes.results import Result


def participants_behind_effects(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """The squared error of an effect is one over the participants of each arm, added up.

    So it is of the total effect and of that on the mediator; of the others it is nearly so. The
    table has one count for both arms, those of each stand in the flow.
    """
    analysed = {
        (row.analysis, row.arm): cell
        for row, cell, _ in cells.of_field("n", flow=True)
        if row.statistic == "analysed"
    }
    for place, row in enumerate(rows):
        if row.table not in (TABLE, SENSITIVITY) or error_of(row) is None:
            continue
        pair = [analysed.get((row.analysis, arm)) for arm in (row.arm, row.reference)]
        known = tuple(cell for cell in pair if cell is not None)
        counts = tuple(map(cells.book.count_of, known))
        if len(known) == len(pair) and min(counts) > 0:
            yield InformationBound(known, counts, (place,), row)
