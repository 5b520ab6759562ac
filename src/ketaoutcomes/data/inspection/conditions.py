"""Conditions that participants had one after the other, and visits: which column tells them."""

from typing import Final

from ketaoutcomes.data.inspection.column_words import CONDITION_WORDS, is_derived, named
from ketaoutcomes.data.inspection.groups import NO_GROUP, few
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.data.inspection.subjects import twice, visits_by_structure
from ketaoutcomes.data.inspection.timed import dates_of
from ketaoutcomes.data.mapping import CENTRE

NO_VISIT: Final = "none"
HAD_ALL: Final = 0.5
"""So many participants had every condition where conditions are compared within them."""


def condition_of(columns: list[Column], subject: Column) -> Column | None:
    """The column of conditions that nearly all participants had, each once."""
    conditions = (c for c in named(columns, CONDITION_WORDS) if _had_each_once(c, subject))
    return next(conditions, None)


def ask_condition(columns: list[Column], subject: Column, asked: Asked) -> Question | None:
    """Which labels that participants had once each are conditions, though no name says so."""
    fitting = [c for c in columns if _had_each_once(c, subject)]
    fitting = [c for c in fitting if not is_derived(c) and not dates_of([c])]
    # a code in several centres may be several people, whom no condition compares
    fitting = [c for c in fitting if not CENTRE.search(c.name)]
    if not fitting:
        return None
    return asked.decide(
        "conditions",
        f"Which column holds the conditions that are compared within each `{subject.name}`?",
        [
            *(Choice(c.name, f"{len(c.counts)} conditions, each once") for c in fitting),
            Choice(NO_GROUP, "nothing is compared within participants"),
        ],
        default=fitting[0].name,
    )


def ask_visit(columns: list[Column], subject: Column, asked: Asked) -> Question | None:
    """Which column tells the visit, where no name does; None where none may be it.

    It has few values, each of them once at most in each participant. So has the column of a side of
    the body, or of a rater, so that nothing is evident.
    """
    fitting = visits_by_structure(columns, subject)
    if not fitting:
        return None
    return asked.decide(
        "visit",
        f"Which column holds the visit of a row, once for each `{subject.name}`?",
        [
            *(Choice(c.name, f"{len(c.counts)} visits") for c in fitting),
            Choice(NO_VISIT, "no column holds a visit"),
        ],
        default=fitting[0].name,
    )


def _had_each_once(column: Column, subject: Column) -> bool:
    """Whether nearly all participants have one row of each label."""
    if not few(column) or column.constant or twice([subject.text, column.text]):
        return False
    each = column.text.groupby(subject.text).nunique()
    return float((each == len(column.counts)).mean()) > HAD_ALL
