"""What stands in place of numbers that could not be had."""

from collections.abc import Iterable

from ketaoutcomes.report.blocks import Callout
from ketaoutcomes.results import NOT_ESTIMATED, Result


def not_estimated(rows: Iterable[Result]) -> Callout | None:
    """Why some of these results could not be had; nothing where all were."""
    messages = tuple(row.message for row in rows if row.status in NOT_ESTIMATED)
    return Callout("Not estimated", messages, "warning") if messages else None
