"""Which counts a plan keeps: they are hidden only if nothing else is left."""

from typing import Final

from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.results import Result

KINDS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "randomised": (("dst01", "assigned"),),
    "analysed": (("dst01", "analysed"),),
    "completed": (("dst01", "completed"),),
    "events": (("", "events"), ("", "events of this kind")),
    "responders": (("", "responders"),),
    "observed": (("", "observed"),),
}
"""What a plan may name under `privacy: keep`, and the table and statistic of each."""


def kept_places(cells: Cells, keep: tuple[str, ...]) -> frozenset[Place]:
    """The places of counts that the plan keeps."""
    return frozenset(
        (place, field)
        for place, field in cells.of
        for kind in keep
        if _is_of(cells.rows[place], field, kind)
    )


def _is_of(row: Result, field: str, kind: str) -> bool:
    """Whether a field of a row is the count that a name stands for."""
    main = "n" if row.estimate is None else "estimate"
    return field == main and any(_matches(row, *one) for one in KINDS[kind])


def _matches(row: Result, table: str, statistic: str) -> bool:
    return row.statistic == statistic and table in {"", row.table}
