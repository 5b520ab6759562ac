"""Which columns may hold the outcome, and what speaks for each."""

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.data.identifiers.names import words_of
from ketaoutcomes.data.inspection.column_words import (
    BEFORE_IF_ALONE,
    LOGARITHMS,
    ONE_UNIT,
    OUTCOME_WORDS,
    TELLING_OUTCOME_WORDS,
    before_randomisation,
    demographic,
    is_code,
    is_derived,
    rank,
)
from ketaoutcomes.data.inspection.direction import OF_ANY_SCORE, tells_a_state
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.data.inspection.scales import INSTRUMENT, guess_scale, is_called_after
from ketaoutcomes.data.inspection.subjects import MOST_VISITS
from ketaoutcomes.data.inspection.timed import (
    Pair,
    dates_of,
    hardly_a_pair,
    is_bare_time,
    is_of_something,
    tells_time,
    times_and_marks,
)
from ketaoutcomes.data.inspection.two_values import grades, two_codes, two_words
from ketaoutcomes.data.inspection.visits import VisitColumns, wide_columns
from ketaoutcomes.data.mapping import CENTRE

OutcomeKind = Literal["long", "wide", "one outcome", "times"]
MOST_LISTED: Final = 12
KNOWN: Final = 3
"""A scale that the package knows, or a time with its event."""
NAMED: Final = 2
"""The name says that it is an outcome, or the layout does."""
POSSIBLE: Final = 1
ENDS_IN_A_NUMBER: Final = re.compile(r"(?P<stem>.*?)[._ -]?\d{1,2}")
FEWEST_ITEMS: Final = 3
MOST_GRADES_OF_AN_ITEM: Final = 7
"""Numbered columns of so few values may be the items of a scale as well as its visits."""
ROUNDED: Final = 0.06
"""So far a mean with one decimal lies from that of its items."""
SHORTEST_NAME: Final = 4
"""Letters of a score's name by which a file may be called."""
OF_A_STAY: Final = re.compile(
    r"(?:in|on)[._ -]*(?:the[._ -]*)?(?:study|trial|treatment|therapy|program)", re.IGNORECASE
)
"""Names of how long somebody stayed, which may end otherwise than by the event."""
AS_RATERS: Final = 0.25
"""So few standard deviations two raters differ by on average."""
NEARLY_ALL: Final = 0.95
"""In so many rows a total is the sum of its items; the rest may be slips."""
OF_EVENTS: Final = frozenset(
    (
        *("success", "failure", "relapse", "remission", "remitted", "recovered", "cured"),
        *("responder", "response", "improved"),
    )
)
CHANGES: Final = frozenset(("change", "chg"))
"""Words of a score that was calculated, and is the outcome where no other column can be."""
QUANTITY: Final = "numbers"
ON_THE_SCALE: Final = "on the scale"
ASKS: Final = "Which column holds the outcome?"


@dataclass(frozen=True)
class Outcome:
    """A candidate for the outcome.

    Attributes
    ----------
    name : str
        What it is called in an answer: a column, or the stem of several.
    kind : str
        The layout that it makes of the file.
    means : str
        What speaks for it.
    weight : int
        `KNOWN`, `NAMED` or `POSSIBLE`.
    roles : dict of str to str
    scores : tuple of str
    wide : tuple of VisitColumns
    """

    name: str
    kind: OutcomeKind
    means: str
    weight: int
    roles: dict[str, str] = field(default_factory=dict)
    scores: tuple[str, ...] = ()
    wide: tuple[VisitColumns, ...] = ()

    @property
    def of_event(self) -> bool:
        """Whether it is called after what somebody has reached or not, as a response."""
        return self.kind != "times" and bool(OF_EVENTS & set(words_of(self.name)))

    @property
    def rival(self) -> bool:
        """Whether its name says that another trial could have it as its primary outcome."""
        visits = any(len(group.columns) > len("ab") for group in self.wide)
        return self.weight >= NAMED or visits or tells_a_state(self.name)


def choose(candidates: list[Outcome], asked: Asked, file: str = "") -> Outcome | None:
    """The outcome that was answered or is evident; None where several readings remain.

    It is evident where one candidate alone is known or named as an outcome, and no other one is
    called after something that a trial may have as its primary outcome. The name of the file may
    say which of them it is.
    """
    if not candidates:
        return None
    ranked = sorted(candidates, key=lambda outcome: -outcome.weight)
    listed = [*{outcome.name: outcome for outcome in reversed(ranked)}.values()][::-1]
    listed = listed[:MOST_LISTED]
    best = [outcome for outcome in listed if outcome.weight == listed[0].weight]
    evident = best[0] if len(best) == 1 and best[0].weight >= NAMED else None
    because = _why(evident, listed) if evident else ""
    if evident is not None and any(_may_be_primary(c, evident) for c in listed):
        evident = None
    called = [c for c in listed if c.weight >= NAMED and _is_in(file, c)]
    if evident is None and len(called) == 1:
        evident, because = called[0], f"the file, `{file}`, is called after it"
    question = asked.decide(
        "outcome",
        ASKS,
        [Choice(outcome.name, outcome.means) for outcome in listed],
        evident=evident.name if evident else "",
        because=because if evident else "",
        default=listed[0].name,
    )
    return _taken(listed, question)


def _is_in(file: str, outcome: Outcome) -> bool:
    """Whether a file is called after a score or after the scale of the package that it is on."""
    if outcome.means.startswith(ON_THE_SCALE):
        return is_called_after(file, outcome.means.removeprefix(ON_THE_SCALE).strip())
    plain = re.sub(r"[\W_]", "", outcome.name.casefold())
    return len(plain) >= SHORTEST_NAME and plain in re.sub(r"[\W_]", "", file.casefold())


def _may_be_primary(other: Outcome, evident: Outcome) -> bool:
    """Whether another trial could have another candidate as its primary outcome.

    A response or a remission may be calculated from any score of the file.
    """
    if other is evident:
        return False
    of_any = evident.kind != "times" and OF_ANY_SCORE.fullmatch(other.name) is not None
    return of_any or other.rival or (evident.of_event and other.means.startswith(QUANTITY))


def _why(evident: Outcome, listed: list[Outcome]) -> str:
    return "no other column fits" if len(listed) == 1 else f"only this is {evident.means}"


def _taken(listed: list[Outcome], question: Question) -> Outcome | None:
    return next((outcome for outcome in listed if outcome.name == question.taken), None)


def outcomes_of_rows(free: list[Column], *, compares: bool) -> list[Outcome]:
    """Candidates in a file with one row a subject; single columns only where arms are told."""
    timed = timed_columns(free)
    times = {column for found in timed for column in _columns_of(found)}
    groups = [g for g in wide_columns(free) if not times & {*g.columns.values()}]
    wide = _named_apart([_of_columns(group, free) for group in groups])
    told = [found for found in (*timed, *wide) if found.weight > POSSIBLE]
    used = {column for found in told for column in _columns_of(found)}
    single = [_of_single(c) for c in free if c.name not in used and _can_be_outcome(c)]
    if (
        timed or wide or tells_time(free) or len(dates_of(free)) > 1
    ) and not told:  # other readings remain beside a name that is telling
        single = [replace(found, weight=POSSIBLE) for found in single]
    changes = [_of_single(c) for c in free if c.words & CHANGES and c.numeric]
    single += [one for one in changes if all(one.name != known.name for known in single)]
    found = [*timed, *wide, *(single if compares else [])]
    return [replace(found[0], weight=NAMED)] if _only(found, free) else found


def _named_apart(found: list[Outcome]) -> list[Outcome]:
    """The candidates; those with a common name are called after their first column, too."""
    names = [one.name for one in found]
    return [
        replace(one, name=f"{one.name} from {next(iter(one.wide[0].columns.values()))}")
        if names.count(one.name) > 1
        else one
        for one in found
    ]


def _only(found: list[Outcome], free: list[Column]) -> bool:
    """Whether one column alone can be the outcome, as all others tell who somebody is."""
    if len(found) != 1 or found[0].kind != "one outcome":
        return False
    own = found[0].scores[0]
    column = next(c for c in free if c.name == own)
    if is_bare_time(column):
        return False
    whole = column.numeric and not column.negative and bool((column.number % 1 == 0).all())
    code = whole and len(column.counts) == len(column.text)
    return not code and all(c.name == own or demographic(c) for c in free)


def _of_single(column: Column) -> Outcome:
    """A column by itself; a score may as well be that at baseline, or one of several outcomes."""
    found = _of_column(column)
    if is_bare_time(column):
        means = "a time, which no column says to end in an event, taken as a number"
        return replace(found, means=means, weight=POSSIBLE)
    telling = rank(column, TELLING_OUTCOME_WORDS) is not None
    if column.words & OF_EVENTS and column.numeric and not column.binary:
        telling = False  # a success is there or not; its number is a rate, or something of others
    return found if telling and found.weight < KNOWN else replace(found, weight=POSSIBLE)


def outcomes_of_visits(columns: list[Column]) -> list[Outcome]:
    """Candidates in a file with several rows a subject: what changes from visit to visit."""
    fitting = [c for c in columns if (c.numeric or two_words(c)) and not is_code(c)]
    items = items_of_a_total(columns)
    fitting = [c for c in fitting if c.name not in items]
    alone = len([c for c in fitting if not is_derived(c)]) == 1
    return [_of_column(c, "long", alone=alone) for c in fitting if not is_derived(c)]


def items_of_a_total(columns: list[Column]) -> frozenset[str]:
    """Numbered columns whose sum another column holds: the items of a scale and its total."""
    groups: dict[str, list[Column]] = {}
    for column in columns:
        if column.numeric and (found := ENDS_IN_A_NUMBER.fullmatch(column.name)):
            groups.setdefault(found["stem"].casefold(), []).append(column)
    told: set[str] = set()
    for members in groups.values():
        names = {c.name for c in members}
        others = [c for c in columns if c.numeric and c.name not in names]
        if len(members) >= FEWEST_ITEMS and _hold_total(others, _side_by_side(members)):
            told |= names
    return frozenset(told)


def _side_by_side(items: list[Column]) -> pd.DataFrame:
    return pd.concat([c.number for c in items], axis=1)


def _hold_total(columns: list[Column], items: pd.DataFrame) -> bool:
    """Whether one of several columns is the sum of the items in nearly all rows."""
    total = items.sum(axis=1, skipna=False).to_numpy()
    return any(_nearly_all(np.isclose(total, c.number), total, c) for c in columns)


def _hold_mean(columns: list[Column], items: pd.DataFrame) -> bool:
    """Whether one of several columns is the mean of the items in nearly all rows, rounded."""
    mean = items.mean(axis=1).to_numpy()
    return any(_nearly_all(abs(mean - c.number.to_numpy()) <= ROUNDED, mean, c) for c in columns)


def _nearly_all(near: NDArray[np.bool_], calculated: NDArray[np.float64], column: Column) -> bool:
    """Whether values are near in nearly all rows that have both."""
    known = ~np.isnan(calculated) & ~np.isnan(column.number.to_numpy())
    return bool(known.any()) and float(near[known].mean()) >= NEARLY_ALL


def _can_be_outcome(column: Column) -> bool:
    words = two_words(column) or bool(grades(column))
    told = len(column.counts) > 1 and (column.numeric or words)
    if is_code(column) or (CENTRE.search(column.name) and not column.binary):
        return False
    named_so = rank(column, OUTCOME_WORDS) is not None
    perhaps = column.name.casefold() in BEFORE_IF_ALONE
    free = named_so or perhaps or not before_randomisation(column)
    return told and free and not is_derived(column)


def _columns_of(found: Outcome) -> list[str]:
    wide = [name for group in found.wide for name in group.columns.values()]
    return [*found.roles.values(), *found.scores, *wide]


def _of_column(
    column: Column, kind: OutcomeKind = "one outcome", *, alone: bool = False
) -> Outcome:
    if column.numeric and guess_scale([column], column.name).definition is None:
        scale = guess_scale([column], column.name).name
        return Outcome(column.name, kind, f"{ON_THE_SCALE} {scale}", KNOWN, {}, (column.name,))
    if column.numeric and INSTRUMENT.search(column.name):
        means = "named after an instrument"
        return Outcome(column.name, kind, means, KNOWN, {}, (column.name,))
    if rank(column, OUTCOME_WORDS) is not None:
        return Outcome(column.name, kind, "named as an outcome", NAMED, {}, (column.name,))
    if alone:
        means = "the only column that changes from visit to visit"
        return Outcome(column.name, kind, means, NAMED, {}, (column.name,))
    return Outcome(column.name, kind, _content(column), POSSIBLE, {}, (column.name,))


def _content(column: Column) -> str:
    if column.binary or two_words(column) or two_codes(column):
        return "one of two values"
    if words := grades(column):
        return f"one of {len(words)} words"
    signs = "with and without a minus sign" if column.negative else "none below 0"
    return f"{QUANTITY}, {signs}" if column.numeric else "text"


def _of_columns(group: VisitColumns, free: list[Column]) -> Outcome:
    by_name = {column.name: column for column in free}
    members = [by_name[name] for name in group.columns.values()]
    name = group.name  # `e1` to `e4`, and `var1` to `var3`, may as well be several outcomes
    known = guess_scale(members, name).definition is None
    others = [c for c in free if c.numeric and all(c is not m for m in members)]
    items = _side_by_side(members)
    graded = all(len(c.counts) <= MOST_GRADES_OF_AN_ITEM for c in members)
    counted = len("ab") < len(members) <= MOST_VISITS and group.counts_on and len(name) > 1
    told = group.says_visit or tells_a_state(name) or bool(set(words_of(name)) & {*OUTCOME_WORDS})
    counted = counted and told and not graded and not _nearly_equal(members)
    counted = counted and not (_hold_total(others, items) or _hold_mean(others, items))
    clear = group.timed or counted
    weight = KNOWN if known else NAMED if clear else POSSIBLE
    return Outcome(name, "wide", f"a score at {len(members)} visits", weight, wide=(group,))


def _nearly_equal(members: list[Column]) -> bool:
    """Whether columns hold nearly the same numbers, as two raters of one visit give them."""
    pairs = list(pairwise(c.number for c in members))
    return all(
        float((a - b).abs().mean()) < AS_RATERS * float(min(a.std(), b.std())) for a, b in pairs
    )


def timed_columns(columns: list[Column]) -> list[Outcome]:
    """A time and whether the event was seen or censored: coded 0 and 1, 1 and 2, or in words."""
    by_name = {column.name: column for column in columns}
    if _of_adam(by_name):
        return [_of_times("AVAL", "AVAL", {"censored": "CNSR"})]
    pairs, told = times_and_marks(columns)
    return [_of_pair(pair, pairs, told=told) for pair in pairs]


def _of_pair(pair: Pair, pairs: list[Pair], *, told: bool) -> Outcome:
    """The outcome of a time and a mark, called after the time if it can mean nothing else."""
    time, field_, mark = pair
    alone = told and sum(time is other for other, _, _ in pairs) == 1
    by_age = "age" in time.words
    one_unit = rank(time, ONE_UNIT) is not None
    stay = OF_A_STAY.search(time.name) is not None
    unsure = stay or (
        by_age or one_unit or not told or hardly_a_pair(time, mark) or is_of_something(time, mark)
    )
    plain = alone and (not unsure or bool(time.words & LOGARITHMS))
    name = time.name if plain else f"{time.name} with {mark.name}"
    found = _of_times(name, time.name, {field_: mark.name})
    if time.words & LOGARITHMS:
        means = f"{found.means}; its name says that it is a logarithm"
        return replace(found, means=means, weight=POSSIBLE)
    return replace(found, weight=POSSIBLE) if unsure else found


def _of_times(name: str, time: str, mark: dict[str, str]) -> Outcome:
    event = next(iter(mark.values()))
    means = f"a time, with `{event}` to say whether the event occurred"
    return Outcome(name, "times", means, NAMED, {"time": time, **mark})


def _of_adam(columns: dict[str, Column]) -> bool:
    """Whether these are the times of a CDISC ADTTE: a time and 0 where the event was seen."""
    time, mark = columns.get("AVAL"), columns.get("CNSR")
    return time is not None and mark is not None and time.numeric and mark.numeric
