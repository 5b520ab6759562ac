"""Results and records without what could betray a person.

The rule is that of the Centers for Medicare & Medicaid Services (cell size suppression policy,
ResDAC article 1506): no cell of 1 to 10 is shown, nor any percentage or total from which one could
be worked out. What goes beyond it: values of single subjects, days of a curve between which few had
the event, and words that few subjects have in common.
"""

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.families.registry import hiding_of
from ketaoutcomes.privacy.counts import cells_of
from ketaoutcomes.privacy.curves import coarse_records, coarse_rows, days_of
from ketaoutcomes.privacy.labels import rare_labels, without_labels
from ketaoutcomes.privacy.rows import hide
from ketaoutcomes.privacy.sums import add_sums
from ketaoutcomes.results import ResultTable


def suppress(
    cohort: Cohort, results: ResultTable, records: tuple[ModelRecord, ...], smallest: int
) -> tuple[ResultTable, tuple[ModelRecord, ...]]:
    """Hide every count under `smallest` and all from which one could be worked out.

    Parameters
    ----------
    smallest : int
        The smallest count, other than zero, that may be shown; 1 hides nothing but records of
        which no family says what may be shown.
    """
    records = tuple(record for record in records if hiding_of(record) is not None)
    if smallest <= 1:
        return results, records
    rows = without_labels(results.rows, rare_labels(cohort, smallest))
    cells = cells_of(rows)
    add_sums(cells, records)
    places = cells.book.hidden_places(smallest)
    rows = hide(rows, places, smallest)
    days = days_of(records, rows, smallest)
    few = {row.analysis for row in rows if row.statistic == "mean cost" and row.estimate is None}
    kept = (record for record in records if record.analysis not in few)
    coarse = coarse_records(kept, places, days, smallest)
    return ResultTable(coarse_rows(rows, days)), coarse
