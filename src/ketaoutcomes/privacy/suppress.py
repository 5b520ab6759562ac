"""Results and records without what could betray a person.

The rule is that of the Centers for Medicare & Medicaid Services (cell size suppression policy,
ResDAC article 1506): no cell of 1 to 10 is shown, nor any percentage or total from which one could
be worked out. What goes beyond it: values of single subjects, days of a curve between which few had
the event, and words that few subjects have in common.
"""

from dataclasses import dataclass

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.families.registry import hiding_of
from ketaoutcomes.privacy.coarsen import (
    coarse_results,
    coarsened,
    values_needed,
    with_round_counts,
)
from ketaoutcomes.privacy.counts import cells_of
from ketaoutcomes.privacy.curves import coarse_records, coarse_rows, days_of, round_heights
from ketaoutcomes.privacy.events import beside_few
from ketaoutcomes.privacy.keep import kept_places
from ketaoutcomes.privacy.labels import LabelCounts, label_counts, without_labels
from ketaoutcomes.privacy.register import relations_of
from ketaoutcomes.privacy.repeated import alike, sums_of_means, with_digits
from ketaoutcomes.privacy.rows import hide
from ketaoutcomes.privacy.sums import add_sums
from ketaoutcomes.privacy.tests_of_hypotheses import as_in_their_rows
from ketaoutcomes.privacy.told import told
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import ResultTable


@dataclass(frozen=True)
class Shown:
    """What may be shown of a run.

    Attributes
    ----------
    results : ResultTable
    records : tuple of ModelRecord
    remarks : tuple of Remark
        What was rounded or withheld, of which analysis and why.
    """

    results: ResultTable
    records: tuple[ModelRecord, ...]
    remarks: tuple[Remark, ...] = ()


def suppress(
    cohort: Cohort,
    results: ResultTable,
    records: tuple[ModelRecord, ...],
    smallest: int,
    keep: tuple[str, ...] = (),
    labels: LabelCounts | None = None,
) -> Shown:
    """Hide every count under `smallest` and all from which one could be worked out.

    Parameters
    ----------
    smallest : int
        The smallest count, other than zero, that may be shown; 1 hides nothing but records of
        which no family says what may be shown.
    keep : tuple of str
        Which counts are hidden only if nothing else is left (`privacy.keep`).
    labels : LabelCounts, optional
        Texts of the data that the results may still hold; by default those of `cohort`.
    """
    records = tuple(record for record in records if hiding_of(record) is not None)
    if smallest <= 1:
        return Shown(results, records)
    labels = label_counts(cohort, smallest) if labels is None else labels
    rows = without_labels(results.rows, labels.under(smallest))
    cells = cells_of(rows)
    add_sums(cells, records)
    told_by = relations_of(cells, rows)  # the counts that only a formula tells are cells, too
    kept_here = kept_places(cells, keep)
    beside = beside_few(cells, told_by, smallest, kept_here)
    audit = cells.book.audit(smallest, values_needed(smallest), kept_here, beside)
    places = audit.places_of(audit.hidden)
    hidden = hide(rows, places, smallest)
    first = {place for place, row in enumerate(hidden) if row.role == "primary"}
    found = coarsened(audit, cells.book, relations_of(cells, hidden), first)
    days = days_of(records, hidden, smallest)
    shown = with_round_counts(coarse_results(hidden, found), rows, found)
    shown = tuple(as_in_their_rows(sums_of_means(alike(shown, hidden)), rows))
    heights = round_heights(records, days, smallest)
    coarse = coarse_records(records, places, days, smallest)
    coarse = tuple(with_digits(record, hidden, shown) for record in coarse)
    table = ResultTable(coarse_rows(shown, days, heights))
    following = (_following(record, table, smallest) for record in coarse)
    kept = tuple(record for record in following if record is not None)
    return Shown(table, kept, told(rows, table.rows, smallest))


def _following(record: ModelRecord, table: ResultTable, smallest: int) -> ModelRecord | None:
    """The record in which what follows from rows follows from those that are shown, if it may."""
    hiding = hiding_of(record)
    if hiding is None or hiding.follows is None:
        return record
    found: ModelRecord | None = hiding.follows(record, table.rows, smallest)
    return found
