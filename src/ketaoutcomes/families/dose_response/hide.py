"""What the curve of doses and the contrasts of shapes tell of how many had each dose."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ketaoutcomes.families.dose_response.fit import TABLE
from ketaoutcomes.families.dose_response.record import DoseResponseRecord
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.digits import error_of
from ketaoutcomes.privacy.relations import InformationBound, Relation
from ketaoutcomes.results import Result

START: Final = "E0"
OF_ALL_DOSES: Final = (START, "Emax", "ED50", "trend contrast")
"""Statistics that rest on the means of all doses and name no arm."""


def participants_behind_curves(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """The squared error of a contrast is a sum over the doses of one over their participants.

    That of the curve at dose nought is nearly the one of the arm without the drug. Of each dose it
    is taken that a reader knows the others; all rows of the curve have one set of digits, for each
    of its parameters has an error of all doses.
    """
    of_arm: dict[str, list[int]] = {}
    together: dict[str, list[int]] = {}
    for place, row in enumerate(cells.rows):
        if row.table == TABLE and row.statistic == "LS mean" and (place, "n") in cells.of:
            of_arm.setdefault(row.analysis, []).append(cells.of[place, "n"])
        if row.table == TABLE and row.statistic in OF_ALL_DOSES:
            together.setdefault(row.analysis, []).append(place)
    for analysis, places in together.items():
        for cell in of_arm.get(analysis, ()):
            count = cells.book.count_of(cell)
            for place in places if count > 0 else ():
                if error_of(rows[place]) is not None:
                    yield InformationBound((cell,), (count,), tuple(places), rows[place])


def curve_of_rows(
    record: DoseResponseRecord, rows: Sequence[Result], _smallest: int
) -> DoseResponseRecord:
    """The curve without its band, if the errors of its parameters are rounded or withheld."""
    less = any(
        row.analysis == record.analysis and row.statistic in OF_ALL_DOSES and row.suppressed
        for row in rows
    )
    nothing = np.full(record.grid.size, np.nan)
    return replace(record, curve_low=nothing, curve_high=nothing) if less else record
