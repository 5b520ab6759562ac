"""How many subjects the power wanted takes, in words."""

from collections.abc import Iterable
from math import ceil

from ketaoutcomes.report.labels import joined
from ketaoutcomes.report.numbers import count, level
from ketaoutcomes.results import Result


def size_sentence(rows: Iterable[Result], what: str) -> str:
    """A sentence for each power wanted; nothing where the grid has one size.

    Parameters
    ----------
    what : str
        How the statistic ends, such as "to reject all".
    """
    wanted = [
        row
        for row in rows
        if row.statistic.startswith("subjects for") and row.statistic.endswith(what or "power")
    ]
    without: dict[str, list[str]] = {}
    for row in wanted:
        if not _is_found(row):
            without.setdefault(row.message, []).append(_level(row, what))
    ending = f" power{what and f' {what}'}"
    sentences = [_sentence(row, what, ending) for row in wanted if _is_found(row)]
    sentences += [f"For {joined(levels)}{ending}: {why}." for why, levels in without.items()]
    return "".join(f" {sentence}" for sentence in sentences)


def _is_found(row: Result) -> bool:
    """Whether a size is known, with its limits."""
    return None not in (row.estimate, row.conf_low, row.conf_high)


def _level(row: Result, what: str) -> str:
    """The power wanted, in %."""
    power = row.statistic.removeprefix("subjects for ").removesuffix(what).strip()
    return power.removesuffix(" power")


def _sentence(row: Result, what: str, ending: str) -> str:
    """Rounded up to the next subject."""
    power = _level(row, what) + ending
    assert row.estimate is not None
    subjects = (
        f"{count(ceil(row.estimate))} participants ({level(row.conf_level or 0)} CI "
        f"{count(row.conf_low)} to {count(row.conf_high)})"
    )
    if row.message:
        return f"{power} would take about {subjects}, but {row.message}."
    return f"{power} takes {subjects}."
