"""Visits, from the labels of a column or from the names of several columns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import pandas as pd

from ketaoutcomes.data.inspection.amounts import about
from ketaoutcomes.data.inspection.column_words import BASELINE_WORDS
from ketaoutcomes.data.inspection.profile import Column

DAYS_OF_UNIT: Final = {
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 365.25 / 12,
    "year": 365.25,
}
UNIT_WORDS: Final = {
    **dict.fromkeys(("min", "mins", "minute", "minutes", "minuten"), "minute"),
    **dict.fromkeys(("h", "hr", "hour", "hours", "stunde", "stunden", "heure", "heures"), "hour"),
    **dict.fromkeys(
        ("d", "dy", "visitdy", "day", "days", "tag", "tage", "jour", "jours", "dia", "dias"), "day"
    ),
    **dict.fromkeys(("día", "días", "giorno", "giorni", "dag", "dagen"), "day"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "woche", "wochen", "semaine"), "week"),
    **dict.fromkeys(("semaines", "semana", "semanas", "settimana", "settimane"), "week"),
    **dict.fromkeys(("m", "mo", "month", "months", "monat", "monate", "mois"), "month"),
    **dict.fromkeys(("mes", "meses", "mese", "mesi", "maand", "maanden"), "month"),
    **dict.fromkeys(("year", "years", "jahr", "jahre", "anno", "anni", "jaar"), "year"),
}
BEFORE: Final = frozenset(
    (
        *BASELINE_WORDS,
        *("pre", "screening", "vorher", "avant", "inclusion", "einschluss", "antes", "prima"),
        *("inizio", "inicio", "eingang", "prae", "scr", "intake", "admission", "aufnahme"),
        *("enrolment", "enrollment", "inklusion", "ingreso", "entree", "eintritt"),
    )
)
NOT_YET: Final = frozenset(("screening", "scr"))
NUMBERED: Final = re.compile(r"^(?P<stem>.*?)(?P<number>\d+)(?P<unit>[A-Za-z]*)(?P<rest>.*)$")
LAST_NUMBERED: Final = re.compile(
    r"^(?P<stem>.*\d.*?[^\d])(?P<number>\d+)(?P<unit>[A-Za-z]*)$", re.IGNORECASE
)
WITH_DECIMALS: Final = re.compile(
    r"^(?P<stem>(?:.*[._ -])?(?:t|h|hr|hour|d|day|w|wk|week|m|month|min|time)[._ ]?)"
    r"(?P<number>\d+[.,]\d+)(?P<unit>)(?P<rest>)$",
    re.IGNORECASE,
)
"""A part of an hour or a week: `t0.5`."""
NUMBER_BY_WORD: Final = (
    re.compile(r"(?P<word>[^\W\d_]+)[\s_.]*(?P<number>-?\d+(?:\.\d+)?)"),
    re.compile(r"(?P<number>-?\d+(?:\.\d+)?)[\s_.-]*(?P<word>[^\W\d_]+)"),
)
"""A number next to a word: of `Visit 3 (Week 2)` the 2 is that of the weeks."""
NUMBER_AND_LETTER: Final = re.compile(
    r"(?<![\w.])(?P<number>[-+]?\d+(?:\.\d+)?)\s?(?P<letter>[hdw])(?![A-Za-z])", re.IGNORECASE
)
"""`24 h` or `+7d`; an m may stand for minutes as well as for months."""
OF_VISITS: Final = re.compile(
    r"(?:.*[A-Za-z\d]{2,}[._ -]?|.*[A-Za-z][._ -])"
    r"(?:[vt]|(?<![A-Za-z])(?:visit|time|wave|session|besuch|visite|mzp|fu))[._ -]?",
    re.IGNORECASE,
)
LETTER_OF_UNIT: Final = re.compile(r".*[A-Za-z\d]{2,}[._ -](?P<letter>[dwmDWM])")
FEW_GRADES: Final = 3
"""A scale of more grades does not have two values alone at a visit."""
MOST_SPREAD: Final = 10
"""Scores of one scale do not spread so many times more at one visit than at another."""
WORDED_BASELINE: Final = re.compile(
    r"(?<![a-z])(?:baseline|base|bl|basal[a-z]*|bas|screening|pre|prae|randomi[sz]ation|inclusion"
    r"|einschluss|vorher|ausgangs[a-z]*|eingang[a-z]*|avant|antes|d[ée]part|inizio|inicio)(?![a-z])",
    re.IGNORECASE,
)
NOT_BASELINE: Final = re.compile(
    r"(?<![a-z])(?:post|after|from|since|nach|apr[eè]s|depuis)(?![a-z])", re.IGNORECASE
)

LETTER_AND_NUMBER: Final = re.compile(r"(?P<letter>[WDM])[ ._]?(?P<number>\d+)", re.IGNORECASE)
"""`W4` or `D7`, as visits are called."""
ISO_DURATION: Final = re.compile(
    r"[-+]?P(?:(?P<number>-?\d+(?:\.\d+)?)(?P<unit>[DWM])|T(?P<hours>-?\d+(?:\.\d+)?)H)"
)
"""A duration of ISO 8601: `P2W`, `P1M`, `PT4H`."""
CLOCK_TIME: Final = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?!\d)")
"""The time of a clock, whose hours are no weeks."""
AFTER_TREATMENT: Final = re.compile(
    r"(?:post|after|since|following|nach|seit|despu[eé]s|apr[eè]s)[._ -]*(?:the[._ -]*|der[._ -]*)?"
    r"(?:end|eot|treatment|therap|discharge|surgery|op(?![a-z])|intervention|behandlung|entlass)",
    re.IGNORECASE,
)
"""Names of a time that is counted from the end of treatment, whose 0 is no baseline."""
OF_REDCAP: Final = re.compile(r"_arm_\d+$")
TIMED_WORD: Final = re.compile(r"(?P<before>[A-Za-z]*?)(?P<number>\d+)(?P<after>[A-Za-z]*)")
"""A word of a name that tells a time: `pacu30min`, `postOp4hour`, `pod1am`, `week8`."""
UNITS_APART: Final = "|".join(sorted(word for word in UNIT_WORDS if len(word) > 1))
UNIT_APART: Final = re.compile(rf"(?<![A-Za-z])({UNITS_APART})[._ -]+(?=\d)", re.IGNORECASE)
NUMBER_APART: Final = re.compile(rf"(\d)[._ -]+({UNITS_APART}|h|d)(?![A-Za-z\d])", re.IGNORECASE)
"""A unit and its number that stand apart: `MADRS day 7`, `MADRS 24 h`."""
APART: Final = re.compile(r"[._ -]+")
DAY_STEMS: Final = ("pod",)
"""Words before a number of days: the day after surgery."""
CLOCK: Final = {"am": 0.0, "pm": 0.5}
"""Time of the day behind a number of days, in days."""

RARE: Final = 0.1
"""A day that fewer subjects have, of those at the commonest visit, is no planned visit."""

BEFORE_AND_AFTER: Final = (
    *(("pre", "post"), ("before", "after"), ("vorher", "nachher"), ("vor", "nach")),
    *(("avant", "apres"), ("avant", "après"), ("baseline", "end"), ("baseline", "final")),
    *(("baseline", "followup"), ("base", "final"), ("start", "end"), ("prae", "post")),
    *(("prä", "post"), ("initial", "final"), ("beginn", "ende"), ("eingang", "ausgang")),
)
"""Words by which the names of two columns differ that hold one score at two times."""

OF_A_TIME: Final = frozenset(("start", "beginn", "eingang"))
ORDER: Final = (
    BEFORE,
    frozenset(("during", "mid", "middle", "treatment", "interim")),
    frozenset(("end", "eot", "endpoint", "final", "last", "post", "discharge", "termination")),
    frozenset(("follow", "followup", "fu", "eos")),
)
"""Words of visits before, during, at the end of and after treatment."""


@dataclass(frozen=True)
class VisitColumns:
    """Columns that hold one scale at several visits.

    Attributes
    ----------
    stem : str
        What their names have in common.
    columns : dict of str to str
        Visit -> column.
    days : dict of str to float
        Visit -> nominal days after the first dose.
    rest : str
        What stands behind the number and its unit in each of them.
    timed : bool
        Whether the names tell a unit of time.
    counts_on : bool
        Whether the numbers begin at 0 or 1, or after a baseline, as those of visits do.
    unit : str
        The unit of the numbers, "" where the names tell none.
    baselines : tuple of str
        Columns each of which may be the baseline; empty where one or none is.
    """

    stem: str
    columns: dict[str, str]
    days: dict[str, float]
    rest: str = ""
    timed: bool = False
    counts_on: bool = True
    unit: str = ""
    baselines: tuple[str, ...] = ()

    @property
    def says_visit(self) -> bool:
        """Whether what stands before the numbers says that they are visits: `hamd_v`, `score.t`."""
        return OF_VISITS.fullmatch(self.stem) is not None

    @property
    def counts_from_one(self) -> bool:
        """Whether the first day, week or month may be that of the first dose."""
        numbers = [_number_in(visit)[0] for visit in self.columns]
        return _counts_from_one(self.unit, numbers)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the names say of the unit of time, where it is a guess."""
        if not self.unit:
            return (
                f"the names of `{self.name}` have no unit of time: their numbers are taken as "
                "weeks of 7 days under `visits`, which changes no comparison of arms at a visit",
            )
        if LETTER_OF_UNIT.fullmatch(self.stem):
            days = DAYS_OF_UNIT[self.unit]
            return (
                f"the letter before the numbers of `{self.name}` is read as {self.unit}s of "
                f"{days:.3g} days",
            )
        return ()

    @property
    def name(self) -> str:
        """What the columns have in common, on both sides of the number."""
        return f"{self.stem}{self.rest}".strip("._- ") or next(iter(self.columns.values()))


@dataclass(frozen=True)
class VisitLabels:
    """Visits as a column labels them.

    Attributes
    ----------
    labels : dict of str to str
        Label in the data -> visit.
    days : dict of str to float
        Visit -> nominal days after the first dose.
    timed : bool
        Whether the column itself is a time.
    unit : str
        Its unit, "" where it has none.
    left_out : tuple of str
        Labels that say no day, beside others that do: the end of treatment, say.
    ordered : bool
        Whether no label says a day, so that they are put in order by what they say.
    dated_visits : frozenset of str
        Visits of which the unit is told, or that they are the baseline.
    before_baseline : tuple of str
        Labels of visits before the baseline, which are left out.
    rows : dict of str to int
        Label -> its rows.
    """

    labels: dict[str, str]
    days: dict[str, float]
    timed: bool
    unit: str
    left_out: tuple[str, ...] = ()
    ordered: bool = False
    dated_visits: frozenset[str] = frozenset()
    before_baseline: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)

    def dated(self, visit: str) -> bool:
        """Whether a label tells for certain if a visit is before treatment or after it.

        The first week or day may as well be that of the first dose, and so the baseline.
        """
        numbers = {name: _number_in(label) for label, name in self.labels.items()}
        number, unit = numbers[visit]
        first = number == 1 and _counts_from_one(
            unit or self.unit, [n for n, _ in numbers.values()]
        )
        unsure = first or (bool(self.left_out) and self.days[visit] > 0)
        return visit in self.dated_visits and not unsure

    @property
    def dated_all(self) -> bool:
        """Whether the day of every visit is told with its unit."""
        return self.dated_visits >= set(self.days)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What could not be told of the visits."""
        if self.before_baseline:
            names = self._named(self.before_baseline)
            rest = replace(self, before_baseline=()).remarks
            return (f"visits before the baseline are left out by `where`: {names}", *rest)
        if self.left_out:
            return (
                f"no day is known of {self._named(self.left_out)}, whose rows are left out by "
                "`where`: add the visit with its day under `visits` to have it",
            )
        order = ", ".join(f"`{visit}`" for visit in self.days)
        told = f"the visits say no day and are put 7 days apart: {order}"
        return (told,) if self.ordered else ()

    @property
    def says_order(self) -> bool:
        """Whether words of the labels say which comes first: before, during, at the end, after."""
        places = [_order(label)[0] if _says_place(label) else None for label in self.labels]
        return None not in places and len(set(places)) == len(places)

    def _named(self, labels: tuple[str, ...]) -> str:
        """Labels with their rows."""
        return ", ".join(f"`{label}` ({about(self.rows.get(label, 0))} rows)" for label in labels)


def _counts_from_one(unit: str, numbers: list[float | None]) -> bool:
    """Whether a 1 may be the time of the first dose: a day or week 1, or months 1, 2, 3."""
    return unit in ("day", "week") or (unit in ("month", "year") and 2 in numbers)  # noqa: PLR2004


def says_baseline(label: str) -> bool:
    """Whether a label is called after a baseline, with no later time: `Baseline (Day 1)`."""
    if not WORDED_BASELINE.search(label.replace("_", " ")) or NOT_BASELINE.search(label):
        return False
    number, unit = _number_in(label)
    return not unit or number is None or number <= 1


def wide_columns(columns: list[Column]) -> tuple[VisitColumns, ...]:
    """Groups of two or more numeric columns whose names differ by a number alone.

    Of several groups, those with a number of values like yes and no come last; they are left out
    where others are of more than yes and no.
    """
    mixed = (*_mixed(columns), *_before_and_after(columns))
    taken = {name for group in mixed for name in group.columns.values()}
    groups: dict[tuple[str, str, str], dict[float, Column]] = {}
    for column in columns:
        match = WITH_DECIMALS.match(column.name) or NUMBERED.match(column.name)
        if match and column.numeric and column.name not in taken:
            key = (match["stem"], match["unit"], match["rest"])
            groups.setdefault(key, {})[float(match["number"].replace(",", "."))] = column
    wide = [(key, members) for key, members in groups.items() if len(members) > 1]
    wide += _by_last_number(columns, taken | {c.name for _, m in wide for c in m.values()})
    finest = sorted(wide, key=lambda item: all(c.binary for c in item[1].values()))
    graded = [item for item in finest if not all(c.binary for c in item[1].values())]
    found = [_group(key, members, columns) for key, members in graded or finest]
    by_name = {column.name: column for column in columns}
    alike = [
        g for g in found if g.timed or hold_one_scale([by_name[n] for n in g.columns.values()])
    ]
    return (*mixed, *alike)


def _by_last_number(
    columns: list[Column], taken: set[str]
) -> list[tuple[tuple[str, str, str], dict[float, Column]]]:
    """Groups whose names begin with a number of the scale: `HAMD17_V1`, `phq9_week4`."""
    groups: dict[tuple[str, str, str], dict[float, Column]] = {}
    for column in columns:
        match = LAST_NUMBERED.match(column.name)
        if match and column.numeric and column.name not in taken:
            key = (match["stem"], match["unit"], "")
            groups.setdefault(key, {})[float(match["number"])] = column
    return [(key, members) for key, members in groups.items() if len(members) > 1]


def hold_one_scale(members: list[Column]) -> bool:
    """Whether columns can hold one scale: their ranges lie near and are of much the same width.

    Columns of 0 and 1 of which no row has two 1s are the levels of one variable.
    """
    if all(c.binary for c in members) and len(members) > len("ab"):
        ones = pd.concat([c.number for c in members], axis=1).sum(axis=1)
        return bool((ones > 1).any())
    if any(c.binary for c in members) and any(len(c.counts) > FEW_GRADES for c in members):
        return False
    low = max(members, key=lambda c: float(c.number.min()))
    high = min(members, key=lambda c: float(c.number.max()))
    widths = sum(float(c.number.max() - c.number.min()) for c in (low, high))
    if float(low.number.min() - high.number.max()) > widths:
        return False
    spreads = [spread for c in members if (spread := float(c.number.std())) > 0]
    return not spreads or max(spreads) <= MOST_SPREAD * min(spreads)


def _mixed(columns: list[Column]) -> Iterator[VisitColumns]:
    """Groups of three or more whose names say the same outcome at times in several units.

    One whose name has a word for a baseline in place of the time belongs to them.
    """
    numeric = [c for c in columns if c.numeric]
    groups: dict[str, list[tuple[float, str, Column]]] = {}
    for column in columns:
        if column.numeric and (told := _timed_word(column.name)) is not None:
            rest, at, unit = told
            groups.setdefault(rest, []).append((at, unit, column))
    for rest, members in groups.items():
        units = {unit for _, unit, _ in members}
        times = {at for at, _, _ in members}
        before = [c.name for c in numeric if _before_of(c.name) == rest][:1]
        several = len(before) + len(members) > len("ab")
        if several and len(units) > 1 and len(times) == len(members):
            ordered = sorted(members, key=lambda member: member[0])
            visits = {"Baseline": (0.0, before[0])} if before and 0.0 not in times else {}
            visits |= {_time_name(at, unit): (at, column.name) for at, unit, column in ordered}
            yield VisitColumns(
                "",
                {name: column for name, (_, column) in visits.items()},
                {name: at for name, (at, _) in visits.items()},
                rest,
                timed=True,
                unit="several",
            )


def _before_of(name: str) -> str | None:
    """The rest of the name of a baseline; None where no word says one."""
    words = APART.split(name)
    others = [word for word in words if word.casefold() not in BEFORE]
    return " ".join(others) if 0 < len(others) < len(words) else None


def _timed_word(name: str) -> tuple[str, float, str] | None:
    """The rest of a name, its time in days and its unit; None where no word or several tell one."""
    words = APART.split(NUMBER_APART.sub(r"\1\2", UNIT_APART.sub(r"\1", name)))
    told = [(word, found) for word in words if (found := TIMED_WORD.fullmatch(word))]
    if len(told) != 1 or len(words) < len("ab"):
        return None
    word, found = told[0]
    before, after = found["before"].casefold(), found["after"].casefold()
    clock = CLOCK.get(after)
    unit = UNIT_WORDS.get(before if not after or clock is not None else after, "")
    unit = "day" if not unit and before in DAY_STEMS else unit
    if not unit:
        return None
    at = float(found["number"]) * DAYS_OF_UNIT[unit] + (clock or 0.0)
    return " ".join(other for other in words if other is not word), at, unit


def _time_name(at: float, unit: str) -> str:
    """A visit by its time."""
    return f"{unit.capitalize()} {at / DAYS_OF_UNIT[unit]:g}"


def _before_and_after(columns: list[Column]) -> Iterator[VisitColumns]:
    """Two columns whose names differ by a word for before and after alone: `prewt`, `postwt`."""
    numeric = [c for c in columns if c.numeric]
    paired: set[str] = set()
    for before, after in BEFORE_AND_AFTER:
        after_all: dict[str, list[Column]] = {}
        for column in numeric:
            if (rest := _without_word(column.name, after)) is not None:
                after_all.setdefault(rest, []).append(column)
        for first in numeric if after_all else ():
            wanted = _without_word(first.name, before)
            ends = after_all.get(wanted, []) if wanted is not None else []
            ends = [c for c in ends if c.binary is first.binary]
            of_time = wanted == "" and before in OF_A_TIME  # `start` and `end` by themselves
            if len(ends) == 1 and ends[0] is not first and first.name not in paired and not of_time:
                paired |= {first.name, ends[0].name}
                visits = {"Baseline": first.name, "End": ends[0].name}
                days = {"Baseline": 0.0, "End": 56.0}
                yield VisitColumns(
                    wanted or first.name, visits, days, timed=True, unit="before and after"
                )


def _without_word(name: str, word: str) -> str | None:
    """What is left of a name without a word at its start or end; None if it has not the word."""
    folded = name.casefold()
    for left in (
        folded.removeprefix(word) if folded.startswith(word) else None,
        folded.removesuffix(word) if folded.endswith(word) else None,
    ):
        if left is not None:
            return left.strip("._- ")
    return None


def _group(
    key: tuple[str, str, str], members: dict[float, Column], columns: list[Column]
) -> VisitColumns:
    stem, suffix, rest = key
    unit = UNIT_WORDS.get(suffix.casefold()) or _letter_of(stem) or _unit_of(stem)
    visits: dict[str, str] = {}
    days: dict[str, float] = {}
    base = _without_unit(stem)
    told = [c for c in columns if c.numeric and c.name not in {m.name for m in members.values()}]
    before = [c for c in told if c.name.startswith(base) and BEFORE & c.words]
    before.sort(key=lambda c: bool(c.words & NOT_YET))  # a screening only without a baseline
    before += [c for c in told if re.fullmatch(rf"{re.escape(base)}[A-Za-z]{{0,2}}0+", c.name)]
    if before and base:
        visits["Baseline"], days["Baseline"] = before[0].name, 0.0
    for number in sorted(members):
        name = "Baseline" if number == 0 else f"{(unit or 'visit').capitalize()} {number:g}"
        visits[name] = members[number].name
        days[name] = number * DAYS_OF_UNIT.get(unit, DAYS_OF_UNIT["week"])
    counts_on = bool(before) or min(members) <= 1
    several = [c.name for c in before if not c.words & NOT_YET] if base else []
    baselines = tuple(several) if len(several) > 1 else ()
    return VisitColumns(stem, visits, days, rest, bool(unit), counts_on, unit, baselines)


def _without_unit(stem: str) -> str:
    """What several columns have in common before a unit of time: `hamd_` of `hamd_w`."""
    match = re.fullmatch(r"(.*?[._ -]|.*?[a-z](?=[A-Z]))?([A-Za-z]+)[._ -]?", stem)
    known = match is not None and match[1] and match[2].casefold() in UNIT_WORDS
    return match[1] if match is not None and known else stem


def _letter_of(stem: str) -> str:
    """The unit that one letter behind the name of a score stands for: `hamd_w`."""
    match = LETTER_OF_UNIT.fullmatch(stem)
    return UNIT_WORDS[match["letter"].casefold()] if match is not None else ""


def _unit_of(text: str) -> str:
    words = [word for word in re.split(r"[^A-Za-z]+", text.casefold()) if word]
    units = [UNIT_WORDS[word] for word in words if word in UNIT_WORDS and len(word) > 1]
    return units[0] if units else ""


def visit_labels(visit: Column, day: Column | None) -> VisitLabels:
    """Visits of the labels that enough rows have; nominal days from the label or the day column.

    A baseline is on day 0, and week 2 is 14 days later. A label without a number, such as the end
    of treatment, has the day of the day column or none; where no label has one, the order of a
    study is taken, a week apart.
    """
    unit = next((UNIT_WORDS[w] for w in sorted(visit.words) if w in UNIT_WORDS and len(w) > 1), "")
    shown = _one_baseline(_scheduled(visit, bool(unit)))
    days_of = {label: _day_of(visit, label, day, unit) for label in shown}
    others = _of_another_count(shown) if day is None and not unit else ()
    days_of |= dict.fromkeys(others)
    if day is None and not unit and any(_number_in(label)[1] for label in shown):
        days_of |= {v: None for v in shown if not _number_in(v)[1] and not says_baseline(v)}
    left_out = tuple(label for label in visit.labels() if days_of.get(label) is None)
    ordered = bool(left_out) and len(left_out) + 1 >= len(visit.labels())
    if ordered:
        left_out = ()
        days_of = {label: place * 7.0 for place, label in enumerate(sorted(shown, key=_order))}
    labels: dict[str, str] = {}
    days: dict[str, float] = {}
    for label in shown:
        at = days_of[label]
        if at is not None:
            number, its_unit = _number_in(label)
            several = len({_said(v) for v in shown if says_baseline(v)}) > 1
            named = label if several and says_baseline(label) else None
            name = named or _visit_name(label, number, its_unit or unit, visit)
            labels[label], days[name] = name, at
    if AFTER_TREATMENT.search(visit.name):
        unit = ""  # which day of the study a 0 is, is not told
    dated = {
        name for label, name in labels.items() if name == "Baseline" or _number_in(label)[1] or unit
    }
    timed = visit.numeric and bool(unit)
    by_day = dict(sorted(days.items(), key=lambda item: item[1]))
    rows = {str(label): int(count) for label, count in visit.counts.items()}
    return VisitLabels(labels, by_day, timed, unit, left_out, ordered, frozenset(dated), rows=rows)


def _of_another_count(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Labels with a number that counts something else than that of most: `FU1` next to `W4`."""
    numbered = {
        label: re.split(r"[-+]?\d", label)[0].strip(" ._-").casefold()
        for label in labels
        if not says_baseline(label) and not any(_number_in(label)[1:]) and re.search(r"\d", label)
    }
    stems = sorted(numbered.values())
    most = max(stems, key=stems.count, default="")
    dated = any(_number_in(label)[1] for label in labels)
    return tuple(v for v, stem in numbered.items() if stem != most or dated)


def _scheduled(visit: Column, timed: bool) -> tuple[str, ...]:
    """The labels of planned visits: of numbers with a unit, not those that few subjects have."""
    labels = visit.labels()
    if not (timed and visit.numeric and labels):
        return labels
    most = max(int(visit.counts[label]) for label in labels)
    return tuple(label for label in labels if visit.counts[label] >= RARE * most)


def _one_baseline(labels: tuple[str, ...]) -> tuple[str, ...]:
    """The labels without a screening where there is a baseline, too."""
    first = [label for label in labels if says_baseline(label)]
    best = [label for label in first if re.search("base|bl", label, re.IGNORECASE)] or first[:1]
    named = {_said(label) for label in best}
    return tuple(label for label in labels if label not in first or _said(label) in named)


def _day_of(visit: Column, label: str, day: Column | None, unit: str) -> float | None:
    """Days after the first dose, by the day column or by the label; None where neither says."""
    at = _median_day(visit, label, day)
    if at is not None:
        return at
    if says_baseline(label):
        return 0.0
    number, its_unit = _number_in(label)
    if number is None:
        return None
    return number * DAYS_OF_UNIT.get(its_unit or unit, DAYS_OF_UNIT["week"])


def _says_place(label: str) -> bool:
    """Whether a word of a label says its place in a study."""
    words = {word.casefold() for word in re.split(r"[^A-Za-z]+", label)}
    return any(words & known for known in ORDER)


def _order(label: str) -> tuple[int, str]:
    """The place of a visit that says no day: before, during, at the end of, or after treatment."""
    words = {word.casefold() for word in re.split(r"[^A-Za-z]+", label)}
    return next((place for place, known in enumerate(ORDER) if words & known), 1), label


def _visit_name(label: str, number: float | None, unit: str, visit: Column) -> str:
    after = AFTER_TREATMENT.search(visit.name)
    if says_baseline(label) or (number == 0 and visit.numeric and not after):
        return "Baseline"
    if OF_REDCAP.search(label):
        return _said(label).replace("_", " ").capitalize()
    if visit.numeric and number is not None:
        word = unit or ("visit" if "visit" in visit.words else "time")
        return f"{word.capitalize()} {number:g}"
    return label


def _number_in(label: str) -> tuple[float | None, str]:
    """The number in a label, and its unit if the label has one."""
    label = _said(label)
    if short := LETTER_AND_NUMBER.fullmatch(label):
        return float(short["number"]), UNIT_WORDS[short["letter"].casefold()]
    if iso := ISO_DURATION.fullmatch(label):
        unit = UNIT_WORDS["h" if iso["hours"] else iso["unit"].casefold()]
        return float(iso["hours"] or iso["number"]), unit
    if CLOCK_TIME.search(label):
        return None, ""
    unit = _unit_of(label)
    if not unit and (letter := NUMBER_AND_LETTER.search(label)):
        return float(letter["number"]), UNIT_WORDS[letter["letter"].casefold()]
    for pattern in NUMBER_BY_WORD:
        for found in pattern.finditer(label):
            if unit and _unit_of(found["word"]) == unit:
                return float(found["number"]), unit
    match = re.search(r"-?\d+(?:\.\d+)?", label)
    return (float(match.group()) if match else None), unit


def unit_in(label: str) -> str:
    """The unit of time that a label names with a number: `Week 2`; "" without one."""
    number, unit = _number_in(label)
    return "" if number is None else unit


def _said(label: str) -> str:
    """A label without what REDCap writes behind each event: `_arm_1`, which is no time."""
    return OF_REDCAP.sub("", label)


def _median_day(visit: Column, label: str, day: Column | None) -> float | None:
    if day is None:
        return None
    here = day.number[visit.text == label].dropna()
    return float(here.median()) if len(here) else None
