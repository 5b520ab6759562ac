"""Rows of results lose the numbers that must not be shown, and what follows from them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ketaoutcomes.families.registry import family_of_table
from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import COUNTS, RATE
from ketaoutcomes.results import Result

NUMBERS = (
    "estimate",
    "std_error",
    "df",
    "test_statistic",
    "conf_low",
    "conf_high",
    "p_value",
)

OF_ONE_SUBJECT = frozenset(
    {
        *("min", "max", "lowest without one subject", "highest without one subject"),
        "mean cost by item",
    }
)
"""Statistics that are the value of one subject, or may rest on one: few may have used an item."""

HYPOTHESES = "multt01"
"""Tests of model estimates: they stay, with the digits of the estimates that they are of."""

OF_OTHERS = (HYPOTHESES, "nint01")
"""Tables of tests that are of estimates of other tables; `group` names the hypothesis."""

SHARES = frozenset({"percent", "proportion", "sum"})
"""Statistics from which the number of subjects follows, given the count or the mean."""

Key = tuple[str, ...]


def hide(rows: tuple[Result, ...], places: Iterable[Place], smallest: int) -> tuple[Result, ...]:
    """The rows without what must not be shown; `places` are (number of the row, field)."""
    fields: dict[int, set[str]] = {}
    for place, field in places:
        if isinstance(place, int):
            fields.setdefault(place, set()).add(field)
    gone = {
        _where(rows[place])
        for place, hidden in fields.items()
        if "estimate" in hidden or ("n_events" in hidden and rows[place].statistic == RATE)
    }
    few = {_where(row)[:-1] for row in rows if row.arm and _is_of_few(row, smallest)}
    return tuple(
        without(
            row,
            fields.get(place, set()),
            whole=_must_go(row, fields.get(place, set()), gone, few, smallest),
        )
        for place, row in enumerate(rows)
    )


def without_numbers(row: Result) -> Result:
    """A row that says it is suppressed and nothing else."""
    return without(row, {"n", "n_events"}, whole=True)


def _where(row: Result, arm: str | None = None) -> Key:
    """What a row is about, apart from its statistic; the arm comes last."""
    about = (row.table, row.analysis, row.phase, row.endpoint, row.visit, row.group)
    return (*about, row.arm if arm is None else arm)


def _must_go(row: Result, fields: set[str], gone: set[Key], few: set[Key], smallest: int) -> bool:
    """Whether the estimate of a row and all that belongs to it is to be hidden."""
    if row.statistic in OF_ONE_SUBJECT:
        return True
    if _is_of_a_model(row):
        return "estimate" in fields
    arms = (row.arm, row.reference) if row.reference else (row.arm,)
    return (
        "estimate" in fields
        or (row.statistic not in COUNTS and _rests_on(row, arms, gone))
        or ("n" in fields and row.statistic in SHARES)
        or ("n_events" in fields and row.statistic not in COUNTS)
        or _is_of_few(row, smallest)
        or ((not row.arm or bool(row.reference)) and _where(row)[:-1] in few)
    )


def _is_of_a_model(row: Result) -> bool:
    """Whether a row is a model estimate: it stays, only the counts beside it go."""
    family = family_of_table(row.table)
    if family is None:
        return row.table == HYPOTHESES
    return row.table in family.estimate_tables or (
        bool(row.reference) and row.table in family.comparison_tables
    )


def _rests_on(row: Result, arms: tuple[str, ...], gone: set[Key]) -> bool:
    """Whether a count of the same group, or of a level of it, is hidden in one of the arms."""
    if any(_where(row, arm) in gone for arm in arms):
        return True
    factor = row.statistic == "standardised difference"
    levels = {key for key in gone if factor and key[-2].startswith(f"{row.group}: ")}
    return any((*_where(row)[:-2], key[-2], arm) in levels for key in levels for arm in arms)


def _is_of_few(row: Result, smallest: int) -> bool:
    """Whether a summary describes fewer subjects than may be shown."""
    described = row.estimate is not None and row.statistic not in COUNTS and not row.reference
    family = family_of_table(row.table)
    of_some = bool(row.arm) or (family is not None and row.table in family.group_tables)
    return described and row.n is not None and 0 < row.n < smallest and of_some


def without(row: Result, fields: set[str], *, whole: bool) -> Result:
    """The row with these fields blank; `whole` blanks its estimate and what goes with it."""
    fields = fields | set(NUMBERS) if whole else fields
    blank = sorted(field for field in fields if getattr(row, field) is not None)
    if not blank:
        return row
    main = "n" if row.estimate is None and row.test_statistic is None else "estimate"
    lost = whole or main in blank
    changes: dict[str, Any] = dict.fromkeys(blank)
    changes |= {"status": "suppressed", "message": ""} if lost else {}
    return replace(row, **changes, suppressed=" ".join(blank))
