"""Relations of ratios whose errors are those of numbers of events."""

import math
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import Final

from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.digits import error_of, is_ratio
from ketaoutcomes.privacy.relations import InformationBound, RatioOfCounts, Relation
from ketaoutcomes.results import Result

LOG_RANK: Final = "log-rank test"
"""The test whose p-value is nearly that of the hazard ratio."""


def errors_by_events(
    cells: Cells, rows: Sequence[Result], tables: Sequence[str], *, of_rates: bool = False
) -> Iterator[Relation]:
    """The squared error of a log ratio is 1/d1 + 1/d2, with the events of the two arms.

    The events of each arm stand in the same analysis, or follow from the total and the error:
    d1 and d2 are the roots of x^2 - D x + D / SE^2 = 0 (exactly in an exponential model).

    Parameters
    ----------
    of_rates : bool
        Whether the ratios are nearly those of events over the time of follow-up, as of events that
        can happen again. A hazard ratio tells the events of one arm by the other's less well.
    """
    of_arm: dict[tuple[Hashable, str, str], int] = {
        (where, row.arm, _kind(row)): cell
        for (place, field), cell in cells.of.items()
        for row in (cells.rows[place],)
        for where in (row.analysis, (row.endpoint, row.phase))
        if field in {"estimate", "n_events"} and not row.reference and row.arm
        and row.statistic in {"events", "events of this kind"}
    }  # fmt: skip
    for place, row in enumerate(rows):
        if row.table in tables and row.reference and _is_of_events(row) and error_of(row):
            shown = _shown(of_arm, row)
            pair = shown or _implied(cells, place, cells.rows[place])
            counts = tuple(map(cells.book.count_of, pair))
            if counts and min(counts) > 0:
                tests = tuple(_tests_beside(rows, row))
                same = tuple(rows[test] for test in tests if rows[test].statistic == LOG_RANK)
                yield InformationBound(pair, counts, (place, *tests), row, same)
                if shown and of_rates:
                    one, other = shown
                    of = (cells.book.count_of(one), cells.book.count_of(other))
                    yield RatioOfCounts((one, other), of, (place,), row)


def beside_few(
    cells: Cells, relations: Iterable[Relation], smallest: int, kept: Collection[Place]
) -> frozenset[int]:
    """Counts that together with a ratio tell few events: those of the other arm, and of both.

    The ratio stays, and the counts are given in round numbers as far as may be.
    """
    found: set[int] = set()
    for one in relations:
        if isinstance(one, RatioOfCounts) and any(1 <= n < smallest for n in one.counts):
            totals = {cells.of.get((place, "n_events")) for place in one.rows}
            found |= {*one.cells, *(cell for cell in totals if cell is not None)}
    held = {cells.book.first(cells.of[place]) for place in cells.of if place in kept}
    return frozenset(cells.book.first(cell) for cell in found) - held


def _is_of_events(row: Result) -> bool:
    """Whether a row is a ratio whose error is that of numbers of events."""
    return is_ratio(row) and not row.statistic.startswith("ratio of restricted means")


def _kind(row: Result) -> str:
    """Of several kinds of event the one that a row counts."""
    return row.group if row.statistic == "events of this kind" else ""


def _shown(of_arm: dict[tuple[Hashable, str, str], int], row: Result) -> tuple[int, ...]:
    """The cells of both arms, where an analysis of the endpoint counts their events."""
    if row.group and " in period" in row.statistic:
        return ()
    places = [
        (where, kind)
        for where in (row.analysis, (row.endpoint, row.phase))
        for kind in (row.group, "")
    ]
    found = [
        next(
            (of_arm[where, arm, kind] for where, kind in places if (where, arm, kind) in of_arm),
            None,
        )
        for arm in (row.arm, row.reference)
    ]
    return () if None in found else tuple(cell for cell in found if cell is not None)


def _implied(cells: Cells, place: int, row: Result) -> tuple[int, ...]:
    """Cells of the events of both arms that no row shows, as the total and the error give them."""
    error, total = error_of(row), row.n_events
    if error is None or not total:
        return ()
    free = total**2 - 4 * total / error**2
    fewer = round((total - math.sqrt(max(free, 0.0))) / 2)
    about = (row.analysis, row.phase, row.visit, row.group, row.statistic)
    key = ("events of the arms", *about, row.arm, row.reference)
    pair = tuple(
        cells.book.cell((*key, side), count)
        for side, count in (("fewer", fewer), ("more", total - fewer))
    )
    if (place, "n_events") in cells.of:
        cells.book.total([cells.of[place, "n_events"]], pair)
    return pair if min(fewer, total - fewer) > 0 else ()


def _tests_beside(rows: Sequence[Result], of: Result) -> Iterator[int]:
    """Tests of the same comparison, whose p-values tell the error with the estimate."""
    compared = (of.analysis, of.arm, of.reference, of.group)
    for place, row in enumerate(rows):
        same = (row.analysis, row.arm, row.reference, row.group) == compared
        if same and row.estimate is None and row.p_value is not None:
            yield place
