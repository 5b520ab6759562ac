"""Which columns hold a time to an event and whether it was seen, and which belong together."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from ketaoutcomes.data.inspection.column_words import (
    ARM_WORDS,
    CENSORED_WORDS,
    EVENT_WORDS,
    HARDLY_EVENT_WORDS,
    KIND_OF_EVENT_WORDS,
    TIME_WORDS,
    before_randomisation,
    named,
    rank,
)
from ketaoutcomes.data.inspection.events import event_meaning, kinds_of_end, tells_censoring
from ketaoutcomes.data.inspection.profile import Column

ENDS_AS_TIME: Final = re.compile(
    r".*(?:time|zeit|tiempo|tempo|duration|dauer)|(?:time|days?|weeks?|months?|tte|ttr)[._ ]?to.*"
    r"|(?:surv|time|fu|follow)[._ ]?(?:time|days|weeks|months|years|tage|jahre)",
    re.IGNORECASE,
)
"""Names of times in one word: `survtime`, `TIMETORECURRENCE`, `timeWeeks`."""
OF_A_TIME_ONLY: Final = frozenset(
    (
        *(*TIME_WORDS, *EVENT_WORDS, "to", "in", "of", "until", "bis", "jusqu", "hasta", "event"),
        *("follow", "up", "fu", "overall", "free", "last", "contact", "study", "on", "at"),
    )
)
"""Words of a column that is called after a time to an event and nothing else."""
A_COUNT: Final = re.compile(
    r"^(?:n|no|num|number|count|anzahl|nombre|numero)[._ ]?(?:of[._ ]?)?"
    r"(?:events?|deaths?|fail\w*|relaps\w*|recur\w*|died|dead|progress\w*)",
    re.IGNORECASE,
)
"""Names of a number of events, which is no time to one: `nfailures`, `n_events`."""
DAYS_WITHOUT: Final = re.compile(
    r"(?:free|frei\w*|alive|abstinent|sober|without)[._ -]?(?:days|nights|weeks|months|tage)"
    r"|(?:days|nights|weeks|tage)[._ -]?(?:free|alive|abstinent|sober|without|with(?![a-z])|of)",
    re.IGNORECASE,
)
"""Names of a number of days with or without something, which is a score."""
OF_A_CLOCK: Final = frozenset(
    ("minutes", "minute", "min", "mins", "minuten", "minutos", "seconds", "second", "sec", "secs")
)
OF_AN_AGE: Final = frozenset(("age", "at", "of", *EVENT_WORDS, *CENSORED_WORDS))
TIME_TO: Final = re.compile(
    r"(?:time|days?|weeks?|months?|years?|tt[a-z]?|zeit|tage|temps|tiempo|tempo|d[ée]lai)"
    r"[._ ]?(?:to|bis|jusqu|hasta|fino|until)",
    re.IGNORECASE,
)
TIME_OF: Final = re.compile(
    r"(?:time|days?|weeks?|months?|years?|hours?|minutes?|zeit|tage?|jours?|d[ií]as?)[._ ]?"
    r"(?:of|to|until|till|bis|jusqu|hasta)(?![a-z])",
    re.IGNORECASE,
)
"""Names of when something happened, which is no score: `day_of_remission`."""
PLAIN: Final = frozenset(("duration", "dauer", "duree", "length", "total"))
NUMBERED_TIME: Final = re.compile(
    r"t(?:(?P<which>\d{1,2}|[a-z])|[._](?P<event>[a-z0-9]+))", re.IGNORECASE
)
NUMBERED_MARK: Final = re.compile(
    r"(?:d|delta|event|status|cens)(?:(?P<which>\d{1,2}|[a-z])|[._](?P<event>[a-z0-9]+))",
    re.IGNORECASE,
)
OF_A_TIME: Final = re.compile(r"(?P<stem>[a-z0-9]+?)[._ ]?(?:time|zeit|days|months|years|duration)")
OF_A_MARK: Final = re.compile(r"(?P<stem>[a-z0-9]+?)[._ ]?(?:status|stat|event|cens|censor)")
LAST_NUMBER: Final = re.compile(r"\d+$")
KNOWN_TIMES: Final = {
    "os": ("death", "dead", "died", "dth"),
    "pfs": ("progression", "progressed"),
    "ttp": ("progression", "progressed"),
    "efs": ("event", "relapse", "relapsed"),
    "ttr": ("relapse", "relapsed", "recurrence"),
    "rfs": ("recurrence", "recur", "relapse"),
    "dfs": ("recurrence", "relapse"),
}
"""Times that trials of cancer abbreviate, and what their events are called."""
SAME: Final = 0.05
"""So little the ratio of two times varies that are one in two units, one of them rounded."""
SHORTEST_SHARED: Final = 3
LONGEST_BEFORE: Final = 2
"""Letters before the name of an event that make it the name of its time: `tdeath`."""
MOST_MARKS: Final = 6
"""So many columns of two values may say that an event was seen, where none is named so."""

Pair = tuple[Column, str, Column]
"""A time, the field of the plan for its mark, and the mark."""


def times_and_marks(columns: list[Column]) -> tuple[list[Pair], bool]:
    """The pairs of a time and a mark that a file may mean.

    Names that belong together make a pair (`rtime` and `recur`, `t2` and `d2`). Other times and
    other marks may belong to each other in any way.

    Returns
    -------
    list of Pair
    bool
        Whether marks are named so, and not merely columns of two values.
    """
    marks = _marks(columns)
    taken = {mark.name for _, mark in marks}
    numbers = [c for c in columns if _can_be_time(c) and c.name not in taken]
    own = [(t, f, m) for (f, m), t in product(marks, numbers) if _belong(t, m)]
    plain = [c for c in columns if _plain_mark(c)]
    shared = [(t, "occurred", m) for t, m in product(numbers, plain) if _share_a_word(t, m)]
    for pair in (*_numbered(columns), *_named_after(numbers, plain), *shared):
        own += [] if any(pair[0] is t for t, _, _ in own) else [pair]
    times = _named_plainly(_times(numbers)) if own else _times(numbers)
    left = [t for t in times if all(t is not known for known, _, _ in own)]
    free = [(f, m) for f, m in marks if all(m is not known for _, _, known in own)]
    if own and not free:
        of_any = [(f, m) for f, m in marks if rank(m, KIND_OF_EVENT_WORDS) is None]
        free = of_any if left else []
    if marks or own:
        return [*own, *((t, f, m) for t, (f, m) in product(left, free))], True
    if not 0 < len(plain) <= MOST_MARKS:
        return [], False
    plain.sort(key=lambda column: "outcome" not in column.words)
    return [(t, "occurred", m) for t, m in product(_named_plainly(times), plain)], False


def tells_time(columns: list[Column]) -> bool:
    """Whether a column is called after a time and nothing else, be it that of an event or not."""
    numbers = [c for c in columns if _can_be_time(c)]
    return any(_only_says_time(c) for c in _named_plainly(_times(numbers)))


def dates_of(columns: list[Column]) -> list[Column]:
    """Columns of dates, between two of which a time may be."""
    return [c for c in columns if c.dates]


def is_bare_time(column: Column) -> bool:
    """Whether a column of numbers is called after a time, in one word or with its unit."""
    if not _can_be_time(column) or "age" in column.words:
        return False
    if TIME_OF.match(column.name):
        return True
    plain = column.words - {column.name.casefold()} <= OF_A_TIME_ONLY | OF_A_CLOCK
    named_so = rank(column, TIME_WORDS) is not None or bool(column.words & OF_A_CLOCK)
    return (plain and named_so) or ENDS_AS_TIME.fullmatch(column.name) is not None


def is_of_something(time: Column, mark: Column | None = None) -> bool:
    """Whether a time or duration is called after something that is no follow-up.

    What the mark is called after, too, is the event: `hosp_days` and `hosp`.

    `medication_duration` and `reaction_time` are; `time_to_response` and `survtime` are not.
    """
    if TIME_TO.match(time.name):
        return False
    shared = mark.words if mark is not None else frozenset()
    others = time.words - shared - {time.name.casefold()}
    return not all(w in OF_A_TIME_ONLY or LAST_NUMBER.search(w) for w in others if w not in PLAIN)


def hardly_a_pair(time: Column, mark: Column) -> bool:
    """Whether neither name says much: `duration` and `d` may as well be of an exposure."""
    telling = (*EVENT_WORDS, *CENSORED_WORDS)
    return rank(mark, telling) is None and rank(time, TIME_WORDS) is None


def _times(numbers: list[Column]) -> list[Column]:
    """Columns that are named as times; of ages, those of an event.

    A name that says nothing else goes first: of `time` and `diag.time` it is `time`.
    """
    ending = [c for c in numbers if ENDS_AS_TIME.fullmatch(c.name)]
    known = [c for c in named(numbers, TIME_WORDS) if _is_named_so(c, alone=not ending)]
    only = [c for c in known if _only_says_time(c)]
    bare = [c for c in numbers if _is_bare_letter(c)]
    if only:
        also = [c for c in ending if not is_of_something(c) and all(c is not one for one in only)]
        if bare and all("age" in c.words for c in only):
            return [*ending, *bare]
        plain = _without_the_same([*_named_plainly(only), *also])
        return plain or [*ending, *(c for c in only if all(c is not one for one in ending))]
    found = [*known, *(c for c in ending if all(c is not one for one in known))]
    return found or bare


def _is_bare_letter(column: Column) -> bool:
    """Whether a column is called `t` or `T`, as the times of textbooks are."""
    return column.name.casefold() == "t"


def _without_the_same(times: list[Column]) -> list[Column]:
    """The times without those that hold an earlier one in another unit."""
    kept: list[Column] = []
    for column in times:
        if not any(_same_in_another_unit(column, other) for other in kept):
            kept.append(column)
    return kept


def _same_in_another_unit(first: Column, second: Column) -> bool:
    """Whether one of two columns is the other times a constant, up to what rounding leaves."""
    known = first.number.notna() & second.number.notna() & (first.number > 0)
    ratio = second.number[known & (first.number >= first.number.median())]
    ratio = ratio / first.number[ratio.index]
    same = first.number.notna().eq(second.number.notna()).all()
    return (
        bool(same)
        and len(ratio) > 0
        and float(ratio.max() - ratio.min()) < SAME * float(ratio.max())
    )


def _only_says_time(column: Column) -> bool:
    words = (word for word in column.words if word != column.name.casefold())
    return all(word in OF_A_TIME_ONLY or LAST_NUMBER.search(word) for word in words)


def rank_of_age() -> int:
    """The place of an age among the words of times, the last one."""
    return TIME_WORDS.index("age")


def _is_named_so(column: Column, *, alone: bool) -> bool:
    """Whether a name tells a time; an age only if it says nothing else and stands for no other."""
    if rank(column, TIME_WORDS) != rank_of_age():
        return True
    return alone and column.words - {column.name.casefold()} <= OF_AN_AGE


def _named_plainly(times: list[Column]) -> list[Column]:
    return [c for c in times if rank(c, TIME_WORDS) != rank_of_age()]


def _can_be_time(column: Column) -> bool:
    counted = any(p.search(column.name) for p in (A_COUNT, DAYS_WITHOUT))
    earlier = before_randomisation(column) and "age" not in column.words
    fits = column.numeric and not (column.negative or column.binary or column.dates)
    return fits and not counted and not earlier


def _marks(columns: list[Column]) -> list[tuple[str, Column]]:
    """The columns that say whether an event was seen, each with its field of the plan."""
    censored = [c for c in named(columns, CENSORED_WORDS) if c.binary]
    seen = [c for c in named(columns, EVENT_WORDS) if _says_whether(c)]
    seen += [c for c in named(columns, CENSORED_WORDS) if not c.binary and event_meaning(c)]
    seen += [c for c in columns if tells_censoring(c) and event_meaning(c)]
    marks = [*(("censored", c) for c in censored), *(("occurred", c) for c in seen)]
    several = [*named(columns, EVENT_WORDS), *(c for c in columns if tells_censoring(c))]
    marks += [("occurred", c) for c in several if kinds_of_end(c)[0] and not marks]
    if not marks:
        hardly = [
            c for c in named(columns, HARDLY_EVENT_WORDS) if _says_whether(c) or kinds_of_end(c)[0]
        ]
        marks = [("occurred", c) for c in hardly]
    once = {column.name: (field, column) for field, column in reversed(marks)}
    told = [pair for pair in reversed(once.values()) if not before_randomisation(pair[1])]
    return [(f, c) for f, c in told if rank(c, ARM_WORDS) is None]


def _says_whether(column: Column) -> bool:
    return column.binary or bool(event_meaning(column))


def _plain_mark(column: Column) -> bool:
    """Whether a column of two values may say that an event was seen, though not named so."""
    yes_or_no = column.binary or bool(event_meaning(column) and not column.numeric)
    return yes_or_no and not before_randomisation(column) and rank(column, ARM_WORDS) is None


def _numbered(columns: list[Column]) -> Iterator[Pair]:
    """Times and marks that share a number, a letter or an event: `t1`, `t_dea` and `d_dea`."""
    times = {which: c for c in columns if _can_be_time(c) and (which := _which(NUMBERED_TIME, c))}
    for column in columns:
        which = _which(NUMBERED_MARK, column)
        if which and column.binary and (time := times.get(which)) is not None:
            yield time, "occurred", column


def _which(names: re.Pattern[str], column: Column) -> str:
    """What the name of a time or a mark says of which it is."""
    told = names.fullmatch(column.name)
    return (told["which"] or told["event"]).casefold() if told else ""


def _named_after(numbers: list[Column], plain: list[Column]) -> Iterator[Pair]:
    """Times and columns of two values with one name: `edrel` and `rel`, `srv` and `srvstat`."""
    times = [(time, time.name.casefold()) for time in numbers if len(time.counts) > MOST_MARKS]
    telling = {name for _, name in times if ENDS_AS_TIME.fullmatch(name)}
    for mark, (time, name) in product(plain, times):
        event = mark.name.casefold()
        before = name.removesuffix(event)
        near = before != name and (len(before) <= LONGEST_BEFORE or name in telling)
        if (len(event) >= SHORTEST_SHARED and near) or _have_one_stem(name, event):
            yield time, "occurred", mark


def _share_a_word(time: Column, mark: Column) -> bool:
    """Whether a time and a column of two values are called after the same thing: `hosp_days`."""
    if not time.words & OF_A_TIME_ONLY or rank(time, TIME_WORDS) is None:
        return False
    own = {w for w in time.words & mark.words if len(w) > SHORTEST_SHARED and not w.isdigit()}
    return bool(own - OF_A_TIME_ONLY)


def _have_one_stem(name: str, event: str) -> bool:
    """Whether a mark has the stem of a time and a word for a mark: `rfstime` and `rfsstat`."""
    of_mark = OF_A_MARK.fullmatch(event)
    if of_mark is None or not name.startswith(of_mark["stem"]):
        return False
    of_time = OF_A_TIME.fullmatch(name)
    return of_mark["stem"] in (name, of_time["stem"] if of_time else name)


def _belong(time: Column, mark: Column) -> bool:
    """Whether the names of a time and of a mark belong together."""
    name, event = time.name.casefold(), mark.name.casefold()
    if len(event) >= SHORTEST_SHARED and event in name and event not in CENSORED_WORDS:
        return True
    for short, events in KNOWN_TIMES.items():
        if short in time.words:
            return short in mark.words or any(word in mark.words for word in events)
    numbers = [LAST_NUMBER.search(word) for word in (name, event)]
    if all(numbers) and rank(time, TIME_WORDS) is not None:
        return len({found[0] for found in numbers if found}) == 1
    if _have_one_stem(name, event):
        return True
    stem = OF_A_TIME.fullmatch(name)
    if stem is None or OF_A_MARK.fullmatch(event) is not None:
        return False
    short = stem["stem"]
    return len(short) == 1 and rank(mark, KIND_OF_EVENT_WORDS) is not None and event[0] == short
