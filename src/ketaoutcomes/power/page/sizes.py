"""How many subjects the power wanted takes, in words."""

from collections.abc import Iterable
from math import ceil

from ketaoutcomes.report.numbers import count, level
from ketaoutcomes.results import Result


def size_sentence(rows: Iterable[Result], what: str) -> str:
    """A sentence for each power wanted; nothing where the grid has one size.

    Parameters
    ----------
    what : str
        How the statistic ends, such as "to reject all".
    """
    return "".join(
        f" {_sentence(row, what)}"
        for row in rows
        if row.statistic.startswith("subjects for") and row.statistic.endswith(what or "power")
    )


def _sentence(row: Result, what: str) -> str:
    """Rounded up to the next subject."""
    power = row.statistic.removeprefix("subjects for ").removesuffix(what).strip()
    power = power.removesuffix(" power")
    power = f"{power} power{what and f' {what}'}"
    if row.estimate is None or row.conf_low is None or row.conf_high is None:
        return f"For {power}: {row.message}."
    subjects = (
        f"{count(ceil(row.estimate))} participants ({level(row.conf_level or 0)} CI "
        f"{count(row.conf_low)} to {count(row.conf_high)})"
    )
    if row.message:
        return f"{power} would take about {subjects}, but {row.message}."
    return f"{power} takes {subjects}."
