"""What standardised risks tell of the participants who responded."""

from collections.abc import Iterator, Sequence

from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.relations import Relation
from ketaoutcomes.privacy.shares import SharesOf, outcomes_behind_shares
from ketaoutcomes.results import Result


def responders_behind_risks(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """A standardised risk times the participants of its arm is nearly the number who responded."""
    of = SharesOf("gcmt01", "standardised risk", "risk difference")
    yield from outcomes_behind_shares(cells, rows, of)
