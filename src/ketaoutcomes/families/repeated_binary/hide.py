"""What proportions of a model tell of the participants who responded at a visit."""

from collections.abc import Iterator, Sequence

from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.relations import Relation
from ketaoutcomes.privacy.shares import SharesOf, outcomes_behind_shares
from ketaoutcomes.results import Result


def responders_behind_proportions(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """A proportion of a visit times the participants seen there is nearly who responded."""
    for table in ("geet01", "glmmt01"):
        of = SharesOf(table, "proportion", "risk difference")
        yield from outcomes_behind_shares(cells, rows, of)
