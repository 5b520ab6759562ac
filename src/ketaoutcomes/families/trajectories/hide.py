"""What shares of classes tell of how many participants they have."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.relations import Relation, Share
from ketaoutcomes.results import Result

SIZES, CLASSES = "trjt01", "trjt02"
LIKELIHOOD = "log likelihood"
IN_PERCENT = 100
Key = tuple[str, str]
"""An analysis and a class of it."""


def participants_behind_shares(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """A share of an arm times its participants is how many of them a class is expected to have.

    Those of all classes are the arm's participants, those of all arms the size of the class.
    """
    arms = _analysed(cells)
    parts = _parts(cells, arms)
    for place, row in enumerate(rows):
        names = tuple(arm for arm in (row.arm, row.reference) if arm)
        found = [parts.get((row.analysis, row.group, arm)) for arm in names]
        if row.table == CLASSES and "share" in row.statistic and row.estimate is not None:
            known = tuple(one for one in found if one is not None)
            if known and len(known) == len(found):
                wholes = tuple(
                    cells.book.count_of(arms[row.analysis, arm]) / IN_PERCENT for arm in names
                )
                yield Share(known, wholes, (place,), row)
    yield from _smallest(cells, rows)
    yield from _behind_bic(cells, rows)
    yield from _behind_likelihood(cells, rows)


def _analysed(cells: Cells) -> dict[Key, int]:
    """The cell of the participants of each analysis and arm."""
    return {
        (row.analysis, row.arm): cell
        for row, cell, _ in cells.of_field("n", flow=True)
        if row.statistic == "analysed" and cells.book.count_of(cell) > 0
    }


def _parts(cells: Cells, arms: dict[Key, int]) -> dict[tuple[str, str, str], int]:
    """The cell of each class and arm, with the sums over classes and over arms."""
    parts: dict[tuple[str, str, str], int] = {}
    of_arm: dict[Key, list[int]] = defaultdict(list)
    of_class: dict[Key, list[int]] = defaultdict(list)
    sizes: dict[Key, int] = {}
    for place, row in enumerate(cells.rows):
        arm = arms.get((row.analysis, row.arm))
        if (row.table, row.statistic) != (CLASSES, "share") or arm is None or row.estimate is None:
            continue
        count = round(row.estimate / IN_PERCENT * cells.book.count_of(arm))
        where = (row.analysis, row.group, row.arm)
        parts[where] = cells.book.cell(("participants of a class", *where), count)
        of_arm[row.analysis, row.arm].append(parts[where])
        of_class[row.analysis, row.group].append(parts[where])
        if (place, "n") in cells.of:
            sizes[row.analysis, row.group] = cells.of[place, "n"]
    for key, inside in of_arm.items():
        cells.book.total([arms[key]], inside)
    for key, inside in of_class.items():
        if key in sizes:
            cells.book.total([sizes[key]], inside)
    return parts


def _behind_bic(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """BIC = -2 log likelihood + parameters x log n: the participants follow from the three."""
    parameters = {
        (row.analysis, row.group): row.estimate
        for row in cells.rows
        if (row.table, row.statistic) == (SIZES, "parameters") and row.estimate
    }
    for place, row in enumerate(rows):
        known, n = parameters.get((row.analysis, row.group)), cells.rows[place].n
        cell = cells.of.get((place, "n"))
        if row.table == SIZES and row.statistic == "BIC" and known and n and cell is not None:
            yield Share((cell,), (n / known,), (place,), row)


def _behind_likelihood(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """The log likelihood, and with it BIC, is nearly the observations times that of one.

    So for one class, where the squared normalised residuals add up to their number: minus twice the
    log likelihood is the sum of log(2 pi) + 1 and of the logarithms of conditional variances.
    """
    likelihood = {
        (row.analysis, row.group): row.estimate
        for row in cells.rows
        if (row.table, row.statistic) == (SIZES, LIKELIHOOD) and row.estimate
    }
    for place, row in enumerate(rows):
        value = likelihood.get((row.analysis, row.group))
        factor = {LIKELIHOOD: 1, "BIC": -2}.get(row.statistic)
        if row.table != SIZES or value is None or factor is None or row.estimate is None:
            continue
        cell = _observations(cells, row)
        if cell is not None and cells.book.count_of(cell) > 0:
            yield Share((cell,), (cells.book.count_of(cell) / (factor * value),), (place,), row)


def _observations(cells: Cells, of: Result) -> int | None:
    """The cell of all scores at the visits of an analysis, if the table of missing data has them.

    Those of each visit and arm add up to it.
    """
    visits = {row.visit for row in cells.rows if row.analysis == of.analysis and row.visit}
    seen = [
        cell
        for row, cell, _ in cells.of_field("estimate")
        if row.statistic == "observed"
        and (row.endpoint, row.phase) == (of.endpoint, of.phase)
        and row.visit in visits
    ]
    if not seen:
        return None
    count = sum(map(cells.book.count_of, seen))
    whole = cells.book.cell(("observations of classes", of.analysis), count)
    cells.book.total([whole], seen)
    return whole


def _smallest(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """The share of the smallest class times the participants is its size."""
    for place, row in enumerate(rows):
        whole = cells.rows[place].n
        if (row.table, row.statistic) == (SIZES, "smallest class") and whole and row.estimate:
            share = (cells.rows[place].estimate or 0.0) / IN_PERCENT
            where = ("smallest class", row.analysis, row.phase, row.group)
            cell = cells.book.cell(where, round(share * whole))
            if (place, "n") in cells.of:
                cells.book.total([cells.of[place, "n"]], [cell])
            yield Share((cell,), (whole / IN_PERCENT,), (place,), row)
