"""Which column tells the arms, or the groups that are compared."""

from typing import Final

from ketaoutcomes.data.inspection.column_words import (
    ARM_WORDS,
    ASSIGNED_WORDS,
    CENSORED_WORDS,
    EVENT_WORDS,
    GIVEN_WORDS,
    GROUPED_WORDS,
    OF_AN_ARM,
    TELLING_OUTCOME_WORDS,
    before_randomisation,
    named,
    rank,
)
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column
from ketaoutcomes.data.inspection.questions import Asked, Choice
from ketaoutcomes.data.inspection.timed import times_and_marks
from ketaoutcomes.data.inspection.visits import wide_columns

MOST_ARMS: Final = 8
MOST_GROUPS_OF_FEW: Final = 6
"""So many labels a column of groups may have where too few rows have them to show them."""
FEWEST_OF_A_CODE: Final = 3
"""Rows that a code of an arm has on average, at least."""
OF_A_CONDITION: Final = frozenset(("condition", "bedingung", "cond", "intervention"))
"""Words of what was compared, next to a column called after a group, which may be of therapy."""
NO_GROUP: Final = "none"
"""The answer that no groups are compared."""


def few(column: Column) -> bool:
    """Whether a column has as many labels as there are arms in a study."""
    return 1 < len(column.counts) <= MOST_ARMS


def arm_of(columns: list[Column], asked: Asked) -> tuple[Column | None, bool]:
    """The column of arms, and whether any column may tell groups.

    A telling name makes it evident. Without one, any column of few labels may tell groups that
    are compared, or nothing is compared.
    """
    telling = [c for c in named(columns, ARM_WORDS) if few(c) and not before_randomisation(c)]
    telling = [c for c in telling if not _counts_something(c)]
    best = _most_telling(telling)
    if best is not None and rank(best, ASSIGNED_WORDS) is None:
        best = None if _another_may_be(columns, best) else best
    if best is not None and not asked.answers.get("group", ""):
        return best, True
    groups = [*telling, *_untold(columns, telling), *_of_one_label(columns)]
    if not groups:
        return None, False
    alone = len(groups) == 1 and not groups[0].labels()
    question = asked.decide(
        "group",
        "Which column holds the groups to compare?",
        [
            *(Choice(c.name, _sizes(c)) for c in groups),
            Choice(NO_GROUP, "one arm without a comparison"),
        ],
        default=NO_GROUP if len(groups) > 1 or alone else groups[0].name,
    )
    return next((c for c in groups if c.name == question.taken), None), True


def _another_may_be(columns: list[Column], best: Column) -> bool:
    """Whether a column of conditions tells other groups than one that is called after a group."""
    conditions = [c for c in columns if few(c) and c.constant and c.words & OF_A_CONDITION]
    return any(c is not best and not _tells_the_same(best, c) for c in conditions)


def _of_one_label(columns: list[Column]) -> list[Column]:
    """Columns called after arms with one label, whose empty rows may be those of controls."""
    alone = (c for c in named(columns, ARM_WORDS) if len(c.counts) == 1)
    return [c for c in alone if len(c.text) - len(c.told) >= SMALLEST_GROUP]


def _most_telling(telling: list[Column]) -> Column | None:
    """The one column that is called after arms; None where several say different things.

    A name that says nothing else goes first: of `group` and `tx_time` it is `group`.
    """
    plain = [c for c in telling if c.words - {c.name.casefold()} <= OF_AN_ARM | _digits(c)]
    assigned = any(rank(c, ASSIGNED_WORDS) is not None for c in plain)
    of_arms = [c for c in telling if rank(c, ASSIGNED_WORDS) is not None] if assigned else plain
    if _are_factors(of_arms):
        return None
    for words in (ASSIGNED_WORDS, GROUPED_WORDS, GIVEN_WORDS):
        found = [c for c in plain or telling if rank(c, words) is not None]
        if found:
            same = all(_tells_the_same(found[0], other) for other in found[1:])
            return found[0] if same else None
    return None


def _are_factors(columns: list[Column]) -> bool:
    """Whether two columns called after arms were given in all combinations, as factors are."""
    return any(
        len(set(zip(a.told, b.told, strict=False))) == len(a.counts) * len(b.counts)
        for place, a in enumerate(columns)
        for b in columns[place + 1 :]
        if a.constant and b.constant and {len(a.told), len(b.told)} == {len(a.text)}
    )


def _counts_something(column: Column) -> bool:
    """Whether a column is a number of an arm, as that of its responders, and not its code."""
    plain = column.words - {column.name.casefold()} <= OF_AN_ARM | _digits(column)
    return not plain and column.numeric and len(column.counts) > len(column.told) / FEWEST_OF_A_CODE


def _digits(column: Column) -> frozenset[str]:
    return frozenset(word for word in column.words if any(sign.isdigit() for sign in word))


def _tells_the_same(first: Column, second: Column) -> bool:
    """Whether two columns tell each other, as the arms and their codes do."""
    pairs = set(zip(first.text.fillna(""), second.text.fillna(""), strict=True))
    return {len(pairs)} == {one.text.fillna("").nunique() for one in (first, second)}


def _untold(columns: list[Column], telling: list[Column]) -> list[Column]:
    """Columns of few labels that may tell groups, though they are not called so."""
    scored = {n for found in wide_columns(columns) for n in found.columns.values()}
    others = [c for c in columns if few(c) and c.constant and c.name not in scored]
    shown = [c for c in others if len(c.labels()) > 1 or _small(c)]
    shown = [c for c in shown if all(c is not one for one in telling) and not _marks(c)]
    pairs, told = times_and_marks(columns)
    marks = {mark.name for _, _, mark in pairs if told}
    return [c for c in shown if c.name not in marks]


def _small(column: Column) -> bool:
    """Whether a column of few labels may be that of groups, though rows of one are few."""
    return len(column.counts) <= MOST_GROUPS_OF_FEW


def _marks(column: Column) -> bool:
    """Whether a column seems to say what happened, and not who was treated how."""
    words = (*EVENT_WORDS, *CENSORED_WORDS, *TELLING_OUTCOME_WORDS, "normal")
    return rank(column, words) is not None


def _sizes(column: Column) -> str:
    """Subjects of each label that may be shown.

    With a label of few the others are not counted: what all have together may stand elsewhere.
    """
    assert column.subjects is not None
    if len(column.counts) == 1:
        return "one label; others are empty, perhaps controls"
    people = column.subjects.groupby(column.text).nunique()
    told = [(label, int(people[label])) for label in column.labels()]
    many = [(label, n) for label, n in told if n >= SMALLEST_GROUP]
    hidden = len(column.counts) - len(many)
    least = f"at least {SMALLEST_GROUP}"
    shown = ", ".join(f"{label}: {least if hidden else n}" for label, n in many)
    return ", ".join(words for words in (shown, _of_few(hidden)) if words)


def _of_few(labels: int) -> str:
    if not labels:
        return ""
    word = "label" if labels == 1 else "labels"
    return f"{labels} {word} with fewer than {SMALLEST_GROUP}"
