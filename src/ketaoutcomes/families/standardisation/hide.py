"""What standardised risks tell of the participants who responded."""

from collections.abc import Iterator, Sequence

from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.relations import Relation, Share
from ketaoutcomes.results import Result

TABLE, RISK, DIFFERENCE = "gcmt01", "standardised risk", "risk difference"


def responders_behind_risks(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """A standardised risk times the subjects of its arm is nearly the number who responded.

    The logistic model reproduces the mean of its outcomes; covariates move it little.
    """
    of_arm: dict[tuple[str, str], tuple[int, int]] = {}
    for place, row in enumerate(cells.rows):
        if (row.table, row.statistic) == (TABLE, RISK) and row.arm and row.n and not row.group:
            responders = _responders(cells, place, row)
            of_arm[row.analysis, row.arm] = (responders, row.n)
            if rows[place].estimate is not None:
                yield Share((responders,), (row.n,), (place,), rows[place])
    for place, row in enumerate(rows):
        arms = [of_arm.get((row.analysis, arm)) for arm in (row.arm, row.reference)]
        known = [arm for arm in arms if arm is not None]
        if row.table == TABLE and row.statistic == DIFFERENCE and len(known) == len(arms):
            pair, wholes = zip(*known, strict=True)
            if row.estimate is not None:
                yield Share(pair, wholes, (place,), row)


def _responders(cells: Cells, place: int, row: Result) -> int:
    """The cell of those who responded: as another analysis counts them, or as the risk says."""
    for (other, field), cell in cells.of.items():
        one = cells.rows[other]
        same = (one.endpoint, one.phase, one.visit, one.arm, one.n) == (
            row.endpoint, row.phase, row.visit, row.arm, row.n
        )  # fmt: skip
        if same and field == "estimate" and one.statistic == "responders":
            return cell
    count = round((row.estimate or 0.0) * (row.n or 0))
    cell = cells.book.cell(("responders", row.analysis, row.phase, row.visit, row.arm), count)
    cells.book.total([cells.of[place, "n"]], [cell])
    return cell
