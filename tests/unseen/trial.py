"""Trials of a known design, written as people write them: under any names, codes and layouts.

The adversary of first contact. A trial is drawn from a seed, with what is true of it. Whatever a
first look takes as evident must be that; what two trials could both be must be asked, so where
nothing in the file tells it the truth is drawn by chance.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from unseen.words import (
    AFTER,
    ARMS,
    BEFORE,
    CONTROLLED,
    EQUALS,
    IDS,
    LABS,
    MARKS,
    OF_CENSORING,
    SCORES,
    SITES,
    TIMES,
    VISITS,
    YES_OR_NO,
    Choose,
    styled,
)


@dataclass
class Trial:
    """A file, and what is true of it.

    Attributes
    ----------
    frame : DataFrame
    answers : dict of str to set of str
        Question -> what may be taken as evident; empty where nothing may.
    roles : dict of str to set of str
        Field of the data block -> columns that it may name.
    before : set of str
        Columns known before treatment.
    days : dict of str to float
        Label of a visit, or column of a wide file -> days after its baseline.
    baseline : str
        The label or column of the baseline; "" without one.
    dated : bool
        Whether the file tells the unit of its visits.
    unit : str
        The unit of the time; "" where the file does not tell it.
    missing : set of str
        Codes that stand for missing values of the outcome.
    within : bool
        Whether participants are compared with themselves.
    told : tuple of str
        Words of which each must stand among the remarks, if a plan is proposed.
    """

    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    answers: dict[str, set[str]] = field(default_factory=dict)
    roles: dict[str, set[str]] = field(default_factory=dict)
    before: set[str] = field(default_factory=set)
    days: dict[str, float] = field(default_factory=dict)
    baseline: str = ""
    dated: bool = True
    unit: str = ""
    missing: set[str] = field(default_factory=set)
    within: bool = False
    told: tuple[str, ...] = ()
    joined: set[str] = field(default_factory=set)
    last: set[str] = field(default_factory=set)
    spelled: bool = False


def coded_ids(n: int, rng: Choose) -> list[str]:
    """Codes of participants."""
    first = rng.choice([1, 101, 1001])
    ways: tuple[Callable[[int], str], ...] = (
        lambda k: str(first + k),
        lambda k: f"S{k + 1:03d}",
        lambda k: f"{1 + k % 4:02d}-{k + 1:03d}",
        lambda k: str(1000 + (k * 7919) % 9973),
        lambda k: f"KET-{k + 1:04d}",
    )
    way = rng.choice(ways)
    return [way(k) for k in range(n)]


@dataclass
class People:
    """Participants with their codes, arms and what else each has once."""

    frame: pd.DataFrame
    id: str
    arm: str
    truth: Trial
    effect: list[float]


def people(rng: Choose, *, arms: bool = True) -> People:
    """Participants, each once."""
    n = rng.choice((36, 48, 60, 90, 120))
    name, arm = styled(rng.choice(IDS), rng), styled(rng.choice(ARMS), rng)
    truth = Trial(roles={"subject": {name}, "arm": {arm}})
    codes = coded_ids(n, rng)
    group = [rng.randrange(2) for _ in range(n)]
    columns: dict[str, list[Any]] = {name: codes}
    if arms:
        labels = list(rng.choice(CONTROLLED if rng.random() < 1 / 2 else EQUALS))
        known = tuple(labels) in CONTROLLED
        control = labels[0] if known else rng.choice(labels)
        effect = [0.0 if labels[g] == control else 1.0 for g in group]
        truth.answers["reference"] = {control}
        columns[arm] = [labels[g] for g in group]
        truth.answers["group"] = {arm}
    else:
        effect = [0.0] * n
    for extra in rng.sample(BEFORE, rng.randrange(5)):
        extra_name = styled(extra, rng)
        columns.setdefault(extra_name, trait(extra, n, rng))
        truth.before.add(extra_name)
    if rng.random() < 0.4:
        site = styled(rng.choice(SITES), rng)
        columns.setdefault(site, [rng.choice("ABCD") for _ in range(n)])
        truth.before.add(site)
    for extra in rng.sample(AFTER, rng.randrange(4)):
        columns.setdefault(styled(extra, rng), later(extra, n, rng))
    if rng.random() < 0.3:
        columns[rng.choice(("randdt", "date_of_consent", "Datum", "rand_date"))] = [
            f"2021-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}" for _ in range(n)
        ]
    return People(pd.DataFrame(columns), name, arm, truth, effect)


def trait(name: str, n: int, rng: Choose) -> list[Any]:
    """Values of something that is known before treatment."""
    word = name.casefold()
    if word in ("sex", "gender", "geschlecht", "sexe"):
        labels = rng.choice((("F", "M"), ("0", "1"), ("1", "2"), ("male", "female")))
        return [rng.choice(labels) for _ in range(n)]
    if word in ("smoker", "employment", "stratum"):
        return [rng.choice(("yes", "no")) for _ in range(n)]
    if word in ("education", "marital", "race", "prior_episodes", "n_previous_hosp"):
        return [rng.randint(1, 4) for _ in range(n)]
    return [round(rng.gauss(45, 11), rng.choice((0, 1))) for _ in range(n)]


def later(name: str, n: int, rng: Choose) -> list[Any]:
    """Values of something that arose after randomisation."""
    if any(word in name for word in ("dropout", "rescue", "completer", "smoker", "smoking")):
        labels = rng.choice((("0", "1"), ("no", "yes")))
        return [rng.choice(labels) for _ in range(n)]
    if "type" in name or "employment" in name:
        return [rng.choice(("a", "b", "c")) for _ in range(n)]
    if "age" in name or "days" in name or "duration" in name.casefold() or "Dauer" in name:
        return [rng.randint(10, 90) for _ in range(n)]
    return [rng.randint(0, 9) for _ in range(n)]


def drawn_score(rng: Choose) -> tuple[str, str, int, int]:
    """A score: its name, better direction, and range."""
    name, better, low, high = rng.choice(SCORES)
    return styled(name, rng), better or rng.choice(("lower", "higher")), low, high


def course(who: People, way: str, low: int, high: int, times: int, rng: Choose) -> list[list[int]]:
    """Scores of each participant at each time, which improve more in the active arm."""
    sign = -1.0 if way == "lower" else 1.0
    width = high - low
    drift = rng.choice((0.0, 0.06, 0.1))
    rows = []
    for effect in who.effect:
        start = low + width * (0.6 if way == "lower" else 0.35) + rng.gauss(0, width / 10)
        path = [
            start + sign * width * k * (drift + 0.05 * effect) + rng.gauss(0, width / 12)
            for k in range(times)
        ]
        rows.append([min(max(round(v), low), high) for v in path])
    return rows


def planned(rng: Choose) -> tuple[list[int], bool]:
    """Planned times in units, and whether the first is before treatment."""
    times = rng.choice(([0, 1, 2, 4], [0, 2, 4, 8], [0, 4, 8], [0, 1, 2, 3, 4, 6], [0, 6, 12, 24]))
    if rng.random() < 0.2:
        return [t for t in times if t], False
    return times, True


def long_trial(rng: Choose) -> Trial:
    """A row for each visit of two arms."""
    who = people(rng)
    truth = who.truth
    name, better, low, high = drawn_score(rng)
    column, label, unit, dated = rng.choice(VISITS)
    times, has_baseline = planned(rng)
    column = styled(column, rng)
    paths = course(who, better, low, high, len(times), rng)
    rows = []
    for place, record in enumerate(who.frame.to_dict("records")):
        for k, at in enumerate(times):
            rows.append({**record, column: label(at), name: paths[place][k], "__at": at})
    frame = pd.DataFrame(rows)
    truth.answers |= {"outcome": {name}, "better": {better}, "baseline": {"none"}}
    truth.roles |= {"visit": {column}, "value": {name}}
    truth.days = {label(at): (at - times[0]) * unit for at in times}
    truth.dated = dated
    if has_baseline:
        truth.baseline = label(times[0])
        truth.answers["baseline"] = {"first visit"}
    else:
        truth.days = {label(at): at * unit for at in times}
    with_distractors(frame, truth, rng, name, (low, high))
    if rng.random() < 0.25:
        base = f"{name}_{rng.choice(('bl', 'baseline', 'base'))}"
        first = frame.groupby(who.id)[name].transform("first")
        frame[base] = first if has_baseline else first + 3
        truth.roles["baseline"] = {base}
        truth.answers["baseline"] |= {base, "first visit" if has_baseline else "none"}
    frame = frame.drop(columns="__at")
    truth.frame = written(frame, rng, truth, name)
    return truth


def with_distractors(
    frame: pd.DataFrame, truth: Trial, rng: Choose, name: str, reach: tuple[int, int]
) -> None:
    """Columns that change from visit to visit and are no outcome, or a second one."""
    n = len(frame)
    for extra in rng.sample(LABS, rng.randrange(3)):
        frame[styled(extra, rng)] = [round(rng.gauss(20, 5), 1) for _ in range(n)]
    if rng.random() < 0.15:
        with_another_score(frame, truth, rng, name, reach)
    more: dict[str, Callable[[], list[Any]]] = {
        "dose": lambda: [rng.choice((28, 56, 84)) for _ in range(n)],
        "visit_date": lambda: [f"2021-{rng.randint(1, 12):02d}-11" for _ in range(n)],
        "rescue": lambda: [rng.choice((0, 0, 0, 1)) for _ in range(n)],
        "responder": lambda: [rng.choice((0, 1)) for _ in range(n)],
        **{f"item{k}": lambda: [rng.randint(0, 3) for _ in range(n)] for k in range(1, 5)},
    }
    for column, values in more.items():
        if rng.random() < 0.12:
            frame[column] = values()
    if rng.random() < 0.15:
        first = frame.groupby(next(iter(truth.roles["subject"])))[name].transform("first")
        frame[f"{name}_change"] = frame[name] - first


def with_another_score(
    frame: pd.DataFrame, truth: Trial, rng: Choose, name: str, reach: tuple[int, int]
) -> None:
    """A second score, which may be the primary outcome as well as the first."""
    other, way, *_ = rng.choice([score for score in SCORES if score[0] != name])
    other = styled(other, rng)
    if other.casefold() == name.casefold():
        return
    frame[other] = [rng.randint(*reach) for _ in range(len(frame))]
    if rng.random() < 1 / 2:
        truth.answers |= {"outcome": {other}, "better": {way}}
        truth.roles["value"] = {other}


def wide_trial(rng: Choose) -> Trial:
    """A column for each visit of two arms."""
    who = people(rng)
    truth = who.truth
    name, better, low, high = drawn_score(rng)
    times, has_baseline = planned(rng)
    unit, style, dated = rng.choice(
        (
            (7.0, "{s}_w{k}", True), (7.0, "{s}_week{k}", True), (7.0, "{s}_v{k}", False),
            (7.0, "{s}{k}", False), (7.0, "{s}.{k}", False), (365.25 / 12, "{s}_m{k}", True),
            (1.0, "{s}_d{k}", True), (7.0, "W{k}_{s}", True), (7.0, "{s}_t{k}", False),
            (365.25 / 12, "{s}_month{k}", True), (7.0, "{s}_sem{k}", False),
            (1.0, "{s}_J{k}", False),
        )
    )  # fmt: skip
    names = [style.format(s=name, k=at) for at in times]
    if has_baseline and rng.random() < 0.4:
        names[0] = rng.choice(
            ("{s}_bl", "{s}_baseline", "{s}_base", "{s}_pre", "{s}_basal", "{s}_intake")
        ).format(s=name)
    paths = course(who, better, low, high, len(times), rng)
    frame = who.frame
    for k, column in enumerate(names):
        frame[column] = [path[k] for path in paths]
    truth.days = {
        c: (at - (times[0] if has_baseline else 0)) * unit
        for c, at in zip(names, times, strict=True)
    }
    truth.baseline = names[0] if has_baseline else ""
    truth.answers |= {"better": {better}, "outcome": {"__wide"}}
    truth.answers["baseline"] = {"first visit", names[0]} if has_baseline else {"none"}
    truth.dated = dated
    if rng.random() < 0.2:
        other = rng.choice([s[0] for s in SCORES if s[0].casefold() != name.casefold()])
        for at in times:
            frame[style.format(s=other, k=at)] = [rng.randint(low, high) for _ in range(len(frame))]
        if rng.random() < 1 / 2:
            truth.answers["outcome"], truth.answers["better"] = {"__other"}, set()
            truth.days, truth.baseline = {}, ""
    truth.frame = written(frame, rng, truth, names[-1])
    return truth


def row_trial(rng: Choose) -> Trial:
    """One outcome a participant."""
    who = people(rng)
    who.frame = who.frame.drop(columns=[c for c in who.frame if "days" in c.casefold()])
    truth = who.truth
    n = len(who.frame)
    if rng.random() < 0.6:
        name, better = rng.choice(YES_OR_NO)
        better = better or rng.choice(("lower", "higher"))
        name = styled(name, rng)
        coded = rng.choice(
            (("0", "1"), ("no", "yes"), ("1", "2"), ("nein", "ja"), ("N", "Y"), ("2", "1"))
        )
        who.frame[name] = [coded[rng.random() < 0.3 + 0.2 * e] for e in who.effect]
        truth.answers["event"] = {coded[1]}
        if coded[1] == "1" and coded[0] == "2":
            truth.answers["better"] = {better}
    else:
        name, better, low, high = drawn_score(rng)
        who.frame[name] = [path[-1] for path in course(who, better, low, high, 3, rng)]
        if rng.random() < 0.4:
            base = rng.choice(("baseline", f"{name}_bl", f"pre_{name}"))
            who.frame[base] = [rng.randint(low, high) for _ in range(n)]
            truth.answers["baseline"] = {base, "first visit"}
            truth.baseline = base
            truth.days = {base: 0.0, name: 56.0}
            truth.dated = False
    truth.answers |= {"outcome": {name, "__wide"} if truth.baseline else {name}, "better": {better}}
    truth.roles["value"] = {name}
    if rng.random() < 0.3:
        other = styled(rng.choice(YES_OR_NO)[0], rng)
        if other.casefold() != name.casefold():
            who.frame[other] = [rng.randint(0, 1) for _ in range(n)]
            if rng.random() < 1 / 2:
                truth.answers |= {"outcome": {other}, "better": set(), "event": {"1"}}
                truth.roles["value"], truth.days, truth.baseline = {other}, {}, ""
    truth.frame = written(who.frame, rng, truth, name)
    return truth


def timed_trial(rng: Choose) -> Trial:
    """A time to an event, or to the end of follow-up."""
    who = people(rng)
    truth = who.truth
    (time, unit), mark = rng.choice(TIMES), rng.choice(MARKS)
    longest = {"": 100, "days": 180, "weeks": 26, "months": 18, "years": 6}[unit]
    early = rng.random() < 0.2  # most leave before the events come
    times, seen = [], []
    for effect in who.effect:
        at = rng.expovariate(1.0 if effect else 1.6) * longest * 0.7
        end = rng.uniform(0.05, 0.5) * longest if early else rng.uniform(0.7, 1) * longest
        times.append(round(max(min(at, end), 0.1), 1))
        seen.append(at <= end)
    of_censoring = mark in OF_CENSORING
    turned = (mark in ("status", "stat") and rng.random() < 0.2) or (
        of_censoring and rng.random() < 0.15
    )
    yes = of_censoring != turned
    coded = rng.choice((("0", "1"), ("0", "1"), ("1", "2"), ("no", "yes")))
    if mark in ("status", "stat") and rng.random() < 0.3:
        coded, yes = (
            rng.choice((("censored", "relapse"), ("alive", "dead"), ("ongoing", "event"))),
            False,
        )
    time, mark = styled(time, rng), styled(mark, rng)
    who.frame[time] = times
    who.frame[mark] = [coded[s != yes] for s in seen]
    event = coded[not yes]
    truth.answers |= {
        "outcome": {time, f"{time} with {mark}"},
        "event": {event},
        "censored": {coded[yes]},
    }
    truth.roles |= {"time": {time}, "occurred": {mark}, "censored": {mark}}
    truth.roles["__event"] = {event}
    truth.unit = unit
    if rng.random() < 0.25:
        other, flag = rng.choice(
            (("os", "death"), ("time2", "event2"), ("ttd", "dropout_event"), ("pfs", "progression"))
        )
        if other not in who.frame and flag not in who.frame:
            who.frame[other] = [round(rng.uniform(1, longest), 1) for _ in times]
            who.frame[flag] = [rng.randint(0, 1) for _ in times]
            if rng.random() < 1 / 2:
                truth.answers |= {"outcome": {other, f"{other} with {flag}"}, "event": {"1"}}
                truth.roles |= {
                    "time": {other},
                    "occurred": {flag},
                    "censored": set(),
                    "__event": {"1"},
                }
                truth.unit = ""
    truth.frame = written(who.frame, rng, truth, time)
    return truth


def crossed_trial(rng: Choose) -> Trial:
    """Both treatments for each participant, in two periods."""
    who = people(rng, arms=False)
    truth = who.truth
    truth.within = True
    name, better, low, high = drawn_score(rng)
    labels = rng.choice(CONTROLLED if rng.random() < 1 / 2 else EQUALS)
    control = labels[0] if labels in CONTROLLED else rng.choice(labels)
    arm, period = (
        who.arm,
        styled(rng.choice(("period", "phase", "Periode", "PERIOD", "periodo")), rng),
    )
    rows = []
    for record in who.frame.to_dict("records"):
        order = rng.choice((labels, labels[::-1]))
        for k, label in enumerate(order, 1):
            score = rng.gauss(
                (low + high) / 2 + (label != control) * (high - low) * 0.15, (high - low) / 9
            )
            rows.append({**record, period: k, arm: label, name: min(max(round(score), low), high)})
    frame = pd.DataFrame(rows)
    truth.answers |= {"reference": {control}, "outcome": {name}, "better": {better}, "group": {arm}}
    truth.answers |= {"whose": {"same participants"}, "baseline": {"none"}}
    truth.roles |= {"phase": {period}, "value": {name}, "visit": {"visit", arm, period}}
    if rng.random() < 0.3:
        frame["sequence"] = frame.groupby(who.id)[arm].transform(lambda g: "-".join(map(str, g)))
    truth.frame = written(frame, rng, truth, name)
    return truth


def written(frame: pd.DataFrame, rng: Choose, truth: Trial, value: str) -> pd.DataFrame:
    """The rows as somebody writes them: columns and rows in any order, values lacking."""
    frame = frame.copy()
    if pd.api.types.is_numeric_dtype(frame[value]) and rng.random() < 0.4:
        lacking = rng.choice(("", "", "NA", ".", "-9", "999"))
        frame[value] = [lacking if rng.random() < 0.06 else v for v in frame[value]]
        if lacking in ("-9", "999") and lacking in set(frame[value]):
            truth.missing.add(lacking)
    columns = list(frame.columns)
    if rng.random() < 0.5:
        rng.shuffle(columns)
    order = list(range(len(frame)))
    if rng.random() < 0.3:
        rng.shuffle(order)
    frame = frame[columns].iloc[order].reset_index(drop=True)
    if rng.random() < 0.05:
        frame.insert(0, "Unnamed: 0", range(len(frame)))
    return frame


PLAIN: Final[tuple[Callable[[Choose], Trial], ...]] = (
    *(long_trial, long_trial, wide_trial, row_trial, timed_trial, crossed_trial),
)
