"""Which numbers of the results are counts of subjects, and what each counts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ketaoutcomes.families.registry import family_of_table
from ketaoutcomes.privacy.book import CountBook
from ketaoutcomes.results import Result

COUNTS = frozenset(
    {
        *("count", "pattern", "observed", "derived", "missing", "subjects", "responders"),
        *("events", "event by", "censored", "events of this kind", "subjects with an event"),
        *("yes at both visits", "no at both visits"),
        *("yes at the first visit alone", "yes at the later visit alone"),
    }
)
"""Statistics whose estimate is a count."""

AT_TIMES = frozenset(
    {"survival", "difference in survival", "cumulative incidence", "mean number of events"}
)
"""Statistics of curves, whose counts at risk are judged along the curve."""

FLOW, SEQUENCES, MISSING = "dst01", "dst02", "mist01"

ENTERED = "entered a later phase"
DID_NOT_ENTER = "completed and did not enter a later phase"
RECEIVED = "received treatment"
STOPPED = "discontinued treatment"
ASSESSED = "assessed for eligibility"
NOT_ENROLLED = "not enrolled"
"""Statistics of participant flow other than those assigned, completed, left and analysed."""

RATE = "rate"
"""A statistic whose events are subjects with a first one."""

Key = tuple[str, ...]


@dataclass(frozen=True)
class Cells:
    """The cells of the rows: `of` gives the cell of (number of the row, field)."""

    rows: tuple[Result, ...]
    book: CountBook
    of: dict[tuple[int, str], int]

    def of_field(self, field: str, *, flow: bool = False) -> Iterator[tuple[Result, int, int]]:
        """Rows with a count in a field, its cell and the row's number; flow or all but flow."""
        for (place, name), cell in self.of.items():
            row = self.rows[place]
            if name == field and (row.table == FLOW) is flow:
                yield row, cell, place


def cells_of(rows: tuple[Result, ...]) -> Cells:
    """All counts of the rows."""
    book = CountBook()
    of = {
        (place, field): book.cell(_key(row, field), count, (place, field))
        for place, row in enumerate(rows)
        for field, count in _counted(row)
    }
    return Cells(rows, book, of)


def _counted(row: Result) -> Iterator[tuple[str, int]]:
    """The fields of a row that hold counts of subjects or events, with the count."""
    if row.n is not None and row.statistic not in AT_TIMES:
        yield "n", row.n
    if row.n_events is not None:
        yield "n_events", row.n_events
    if row.statistic in COUNTS and row.estimate is not None:
        yield "estimate", round(row.estimate)


def _key(row: Result, field: str) -> Key:
    """What a count counts."""
    if row.table in {FLOW, SEQUENCES}:
        return (row.table, row.statistic, row.phase, row.analysis, row.arm, row.group)
    family = family_of_table(row.table)
    if family is not None and row.table in family.shared_counts and field == "estimate":
        return (row.table, row.statistic, row.phase, row.arm, row.group)
    if row.statistic in AT_TIMES:
        # events of the whole follow-up, of a kind where there are several
        row = replace(row, visit="", group=row.group if row.visit else "")
    if field == "n_events" and row.statistic == RATE:
        # subjects with any event, or with a term of a class, as the tables of counts have them
        field, counted_in = "estimate", "aet02" if ": " in row.group else "aet01"
        row = replace(row, table=counted_in, statistic="subjects")
    where = (row.analysis, row.phase, row.visit, row.arm, row.reference)
    if field == "n" and row.table == MISSING:
        return ("among", row.endpoint, row.phase, row.arm)
    if field == "n":
        return ("subjects", *where, row.endpoint)
    if field == "n_events" or row.statistic in {"events", "events of this kind"}:
        return ("events", *where, row.group)
    return (row.table, row.statistic, *where, row.endpoint, row.group)
