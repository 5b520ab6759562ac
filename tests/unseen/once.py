"""Designs of one row a participant, or of rows that are no visits."""

from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from unseen.trial import Choose, Trial, course, drawn_score, people, written

Rows = list[dict[str, Any]]


def doses(rng: Choose) -> Trial:
    """Arms are doses."""
    who = people(rng, arms=False)
    truth = who.truth
    name, better, low, high = drawn_score(rng)
    arm = rng.choice(("dose", "dose_mg", "Dosis", "arm", "group", "treatment"))
    given = rng.choice(([0, 10, 25, 50], [0.2, 0.5, 1.0], [1, 5, 25], [0, 28, 56, 84]))
    who.frame[arm] = [rng.choice(given) for _ in range(len(who.frame))]
    who.frame[name] = [rng.randint(low, high) for _ in range(len(who.frame))]
    truth.answers |= {
        "group": {arm},
        "reference": {str(given[0])},
        "outcome": {name},
        "better": {better},
    }
    truth.roles |= {"arm": {arm}, "value": {name}}
    if given[0] != 0:
        truth.answers["reference"] = set()
    truth.frame = written(who.frame, rng, truth, name)
    return truth


def factors(rng: Choose) -> Trial:
    """Two treatments, each given or not."""
    who = people(rng, arms=False)
    truth = who.truth
    name, better, low, high = drawn_score(rng)
    first, second = rng.choice(
        (
            ("drug", "therapy"),
            ("ketamine", "cbt"),
            ("treatment_a", "treatment_b"),
            ("group1", "group2"),
            ("arm_drug", "arm_psy"),
        )
    )
    for column in (first, second):
        labels = rng.choice((("0", "1"), ("placebo", "active"), ("no", "yes")))
        who.frame[column] = [rng.choice(labels) for _ in range(len(who.frame))]
    who.frame[name] = [rng.randint(low, high) for _ in range(len(who.frame))]
    truth.answers |= {"group": set(), "reference": set(), "outcome": {name}, "better": {better}}
    truth.roles |= {"arm": set(), "value": {name}}
    truth.frame = written(who.frame, rng, truth, name)
    return truth


def carried_forward(rng: Choose) -> Trial:
    """Wide: changes and values carried forward next to the scores."""
    who = people(rng)
    truth = who.truth
    name, better, low, high = drawn_score(rng)
    paths = course(who, better, low, high, 4, rng)
    names = [f"{name}_w{k}" for k in (0, 2, 4, 8)]
    for k, column in enumerate(names):
        who.frame[column] = [path[k] if rng.random() > 0.05 * k else "" for path in paths]
    more = rng.choice(("{c}_locf", "{c}_chg", "chg_{c}", "{c}_pct", "{c}_imp", "{c}_z"))
    for k, column in enumerate(names):
        if k or "locf" in more:
            who.frame[more.format(c=column)] = (
                [path[k] for path in paths]
                if "locf" in more or "imp" in more
                else [path[k] - path[0] for path in paths]
            )
    truth.days = dict(zip(names, (0.0, 14.0, 28.0, 56.0), strict=True))
    truth.baseline = names[0]
    truth.answers |= {
        "outcome": {"__wide"},
        "better": {better},
        "baseline": {"first visit", names[0]},
    }
    truth.frame = written(who.frame, rng, truth, names[-1])
    return truth


def kinds_of_end(rng: Choose) -> Trial:
    """Follow-up ends with one of several events."""
    who = people(rng)
    truth = who.truth
    n = len(who.frame)
    mark = rng.choice(
        ("status", "event", "outcome_type", "fstatus", "ereignis", "event_code", "etype")
    )
    codes = rng.choice(
        (
            ["0", "1", "2"],
            ["censored", "relapse", "death"],
            ["none", "relapse", "hospitalisation"],
            ["1", "2", "3"],
        )
    )
    who.frame["time"] = [rng.randint(5, 300) for _ in range(n)]
    who.frame[mark] = [rng.choice(codes) for _ in range(n)]
    truth.answers |= {
        "outcome": {"time", f"time with {mark}"},
        "event": set(),
        "censored": {codes[0]} if codes[0] != "1" else set(),
    }
    truth.roles |= {"time": {"time"}, "occurred": {mark}, "reason": {mark}}
    truth.frame = written(who.frame, rng, truth, "time")
    return truth


def between_dates(rng: Choose) -> Trial:
    """Dates of the start and the end, and whether the event was seen."""
    who = people(rng)
    truth = who.truth
    n = len(who.frame)
    for column, year in (("start_date", 2020), ("end_date", 2022)):
        who.frame[column] = [
            f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}" for _ in range(n)
        ]
    mark = rng.choice(("relapse", "event", "dead"))
    who.frame[mark] = [rng.randint(0, 1) for _ in range(n)]
    truth.answers |= {"outcome": {mark}, "event": {"1"}, "better": {"lower"}}
    truth.roles["value"] = {mark}
    truth.told = ("start_date",)
    truth.frame = written(who.frame, rng, truth, mark)
    return truth


def counting(rng: Choose) -> Trial:
    """Rows of start and stop."""
    who = people(rng)
    truth = who.truth
    start, stop, mark = rng.choice(
        (
            ("start", "stop", "event"),
            ("tstart", "tstop", "relapse"),
            ("Beginn", "Ende", "Rezidiv"),
            ("t0", "t1", "status"),
        )
    )
    rows: Rows = []
    for record in who.frame.to_dict("records"):
        at = 0
        for k in range(rng.randint(1, 4)):
            to = at + rng.randint(5, 60)
            rows.append(
                {
                    **record,
                    start: at,
                    stop: to,
                    mark: int(k < 2 and rng.random() < 0.5),
                    "dose_now": rng.choice((0, 10)),
                }
            )
            at = to
    truth.answers |= {
        "outcome": {"all events", "first event"},
        "event_column": {mark},
        "event": {"1"},
    }
    truth.roles |= {
        "subject": {who.id, "id"},
        "arm": {who.arm, "arm"},
        "day": {"day"},
        "event": {"event"},
        "time": {"time", "time2"},
        "occurred": {"occurred"},
    }
    truth.frame = written(pd.DataFrame(rows), rng, truth, stop)
    return truth


def medication(rng: Choose) -> Trial:
    """Medication with its start and stop, which is no outcome."""
    who = people(rng, arms=False)
    rows: Rows = []
    for record in who.frame.to_dict("records"):
        for _ in range(rng.randint(1, 4)):
            start = rng.randint(-30, 60)
            rows.append(
                {
                    **record,
                    "drug": rng.choice(("sertraline", "lithium", "zolpidem")),
                    "start_day": start,
                    "stop_day": start + rng.randint(1, 90),
                    "dose": rng.choice((50, 100)),
                    "ongoing": rng.choice((0, 1)),
                }
            )
    truth = who.truth
    truth.answers |= {"outcome": set(), "group": set(), "reference": set()}
    truth.roles |= {"value": set(), "arm": set()}
    truth.frame = written(pd.DataFrame(rows), rng, truth, "start_day")
    return truth


def before_and_after(rng: Choose) -> Trial:
    """Baseline and end next to each other, one of them perhaps of something else."""
    who = people(rng)
    truth = who.truth
    name, better, low, high = drawn_score(rng)
    first, last = rng.choice(
        (
            ("{}_pre", "{}_post"),
            ("pre_{}", "post_{}"),
            ("{}_baseline", "{}_final"),
            ("{}_vorher", "{}_nachher"),
            ("{}_initial", "{}_week8"),
            ("baseline_{}", "{}"),
        )
    )
    paths = course(who, better, low, high, 3, rng)
    first, last = first.format(name), last.format(name)
    who.frame[first], who.frame[last] = [p[0] for p in paths], [p[2] for p in paths]
    truth.answers |= {
        "outcome": {last, "__wide"},
        "better": {better},
        "baseline": {first, "first visit"},
    }
    truth.roles["value"] = {last}
    truth.days, truth.baseline, truth.dated = {first: 0.0, last: 56.0}, first, False
    truth.frame = written(who.frame, rng, truth, last)
    return truth


ONCE: Final[tuple[Callable[[Choose], Trial], ...]] = (
    *(doses, factors, carried_forward, kinds_of_end, between_dates, counting, medication),
    before_and_after,
)
