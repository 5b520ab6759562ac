"""How the counts of imputed subjects add up with others."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.relations import Line, Relation
from ketaoutcomes.results import Result

SHIFTED: Final = "shifted difference in LS means"


def nothing_imputed_of_the_complete(cells: Cells) -> None:
    """Nothing is imputed of those seen at every visit."""
    counts = list(cells.of_field("estimate"))
    complete = [
        (row, cell)
        for row, cell, _ in counts
        if row.statistic == "pattern" and row.group.rpartition(": ")[2] == "complete"
    ]
    for row, cell, _ in counts:
        if row.table == "impt03" and row.group.endswith(": nothing missing"):
            for pattern, other in complete:
                if (pattern.phase, pattern.arm) == (row.phase, row.arm):
                    cells.book.apart(cell, other)


def imputed_behind_slopes(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """The slope of a shifted difference is the share of the arm whose outcome was imputed.

    Each line of the grid, along which one arm is shifted and the other is not, tells it again.
    """
    grid = [
        (place, row, dict(map(_shift, row.group.split("; "))))
        for place, row in enumerate(rows)
        if row.statistic == SHIFTED and row.estimate is not None
    ]
    analyses = dict.fromkeys((row.analysis, row.arm, row.reference) for _, row, _ in grid)
    for analysis, *arms in analyses:
        of_analysis = [one for one in grid if one[1].analysis == analysis]
        for arm in arms:
            imputed = _imputed(cells, of_analysis[0][1], arm)
            if imputed is not None and arm in of_analysis[0][2]:
                yield from _lines(of_analysis, arm, *imputed)


def _lines(
    grid: list[tuple[int, Result, dict[str, float]]], arm: str, imputed: int, whole: int
) -> Iterator[Relation]:
    """The lines along which one arm is shifted; the whole grid is coarsened together."""
    lines: dict[tuple[float, ...], list[tuple[int, Result, dict[str, float]]]] = defaultdict(list)
    for one in grid:
        lines[tuple(v for name, v in one[2].items() if name != arm)].append(one)
    together = tuple(place for place, _, _ in grid)
    for line in lines.values():
        shifts, points = (one[2][arm] for one in line), (one[1] for one in line)
        yield Line((imputed,), together, whole, tuple(shifts), tuple(points))


def _shift(words: str) -> tuple[str, float]:
    arm, _, value = words.rpartition(" ")
    return arm, float(value)


def _imputed(cells: Cells, of: Result, arm: str) -> tuple[int, int] | None:
    """The cell of those of an arm who were not seen at the visit, and how many the arm has."""
    for (place, field), cell in cells.of.items():
        row = cells.rows[place]
        same = (row.endpoint, row.phase, row.visit, row.arm) == (
            of.endpoint, of.phase, of.visit, arm
        )  # fmt: skip
        if same and field == "estimate" and row.statistic == "missing" and row.n:
            return cell, row.n
    return None
