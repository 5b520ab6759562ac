"""A proposed plan of times to events: one row a participant, or rows of start and stop."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from ketaoutcomes.data.inspection.amounts import about, in_digits
from ketaoutcomes.data.inspection.arms import TO_COMPLETE, Arms, Block
from ketaoutcomes.data.inspection.column_words import (
    EVENT_WORDS,
    STATUS_WORDS,
    rank,
)
from ketaoutcomes.data.inspection.data_block import changed, data_block, rows_with
from ketaoutcomes.data.inspection.direction import denies
from ketaoutcomes.data.inspection.events import CODES, event_meaning, kinds_of_end, readings_of
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.names import names_of
from ketaoutcomes.data.inspection.noticed import reason_of_end
from ketaoutcomes.data.inspection.of_scores import Built
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column, count_shown
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.data.values.days import DAYS_PER_UNIT
from ketaoutcomes.numerics.round_steps import round_step
from ketaoutcomes.plan.data import TimeUnit
from ketaoutcomes.sql import quoted

PARTS_OF_A_UNIT: Final = 0.2
"""So many times have decimals where they are hardly days."""
ANY_EVENT: Final = "any of them"
"""The answer that several kinds of event count as one."""

TIME_UNITS: Final[dict[str, TimeUnit]] = {
    **dict.fromkeys(("weeks", "week", "wks"), "weeks"),
    **dict.fromkeys(("months", "month", "mths", "mos"), "months"),
    **dict.fromkeys(("years", "year", "yrs", "age"), "years"),
    **dict.fromkeys(("hours", "hour", "stunden", "heures", "horas", "ore", "uren"), "hours"),
    **dict.fromkeys(("wochen", "semaines", "semanas", "settimane", "weken"), "weeks"),
    **dict.fromkeys(("monate", "mois", "meses", "mesi", "maanden"), "months"),
    **dict.fromkeys(("jahre", "anos", "anni", "jaren"), "years"),
}
OF_DAYS: Final = frozenset(("day", "days", "tage", "jours", "dias", "giorni", "dagen"))


def propose_intervals(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    """Rows of start and stop: every event of a subject, or the first, by a SELECT."""
    subject, mark = guess.roles["subject"], guess.columns[guess.roles["occurred"]]
    start, stop = guess.roles["entry"], guess.roles["time"]
    is_event = _ask_event_of_rows(guess.asked, mark)
    happened = mark.text.isin(is_event.labels)
    several = bool(happened.groupby(guess.columns[subject].text).sum().gt(1).any())
    question = guess.asked.decide(
        "outcome",
        "Which events are counted?",
        (
            Choice("all events", f"{_in_all(happened)}, several per participant"),
            Choice("first event", "time to the first event of each participant"),
        ),
        evident="" if several or is_event.gap else "first event",
        because="" if several or is_event.gap else "nobody has more than one",
    )
    arm = guess.roles.get("arm")
    told = f", arg_min({quoted(arm)}, {quoted(start)}) AS arm" if arm else ""
    of_subject = f"SELECT {quoted(subject)} AS id{told}"
    table = f"FROM {quoted(Path(guess.file).stem)}"
    data: Block = {"columns": {"subject": "id"} | ({"arm": "arm"} if arm else {})}
    data |= {"labels": {"arm": arms.labels}} if arm and changed(arms.labels) else {}
    people = f"{table} GROUP BY {quoted(subject)}"
    values = ", ".join(v if mark.numeric else _text(v) for v in is_event.labels)
    seen = f"{quoted(mark.name)} IN ({values})"
    base: Block = {"phases": {"treatment": arms.phase("Treatment and follow-up", None)}}
    if question.is_open or is_event.gap:
        data["files"] = is_event.gap or question.gap
        gaps = dict.fromkeys(("endpoints", "estimands", "analyses"), data["files"])
        return {"data": data, **base, **gaps}, ()
    if question.taken == "first event":
        first = f"coalesce(min({quoted(stop)}) FILTER ({seen}), max({quoted(stop)})) AS time"
        query = f"{of_subject}, {first}, max(CAST({seen} AS INTEGER)) AS occurred {people}"
        data["files"] = {"times": {"file": guess.file, "query": query}}
        data["columns"] |= {"time": "time", "occurred": "occurred"}
        followed = followed_to(guess.columns[stop].number, guess.column("arm"), arms)
        return {"data": data, **base, **timed_analysis(arms, "treatment", followed)}, ()
    ends = f"{of_subject}, max({quoted(stop)}) AS last_day, 'end of follow-up' AS reason {people}"
    days = f"SELECT {quoted(subject)} AS id, {quoted(stop)} AS day, 'event' AS event {table}"
    data["files"] = {
        "subjects": {"file": guess.file, "query": ends},
        "events": {"file": guess.file, "query": f"{days} WHERE {seen}"},
    }
    data["columns"] |= {"day": ["day", "last_day"], "event": "event", "reason": "reason"}
    data["first_dose_day"] = 0
    return {"data": data, **base, **_recurrent(arms)}, (
        "the file does not say why follow-up ended: `reason` says the same of all "
        f"{about(guess.columns[subject].text.nunique())} participants",
    )


@dataclass(frozen=True)
class EventOfRows:
    """The labels of a column that say that an event ended the row, or what to fill in."""

    labels: tuple[str, ...]
    gap: str = ""


def _ask_event_of_rows(asked: Asked, mark: Column) -> EventOfRows:
    """Which values say that an event ended a row; asked where there are several kinds."""
    if mark.binary:
        return EventOfRows(tuple(v for v in mark.counts.index if float(v) == 1))
    kinds, censored = kinds_of_end(mark)
    meaning = event_meaning(mark)
    if not kinds and meaning and set(meaning) != set(CODES):
        return EventOfRows(tuple(v for v, is_event in meaning.items() if is_event))
    kinds = kinds or tuple(sorted(map(str, mark.counts.index)))
    question = asked.decide(
        "event",
        f"Which value of `{mark.name}` is the event? Rows with another one end without it.",
        [Choice(kind, rows_with(mark, kind)) for kind in kinds if kind != censored],
    )
    if question.is_open:
        return EventOfRows((), question.gap)
    return EventOfRows((question.taken,))


def _in_all(happened: "pd.Series[bool]") -> str:
    return f"{count_shown(int(happened.sum()))} events"


def _text(value: str) -> str:
    """A value as a text of a SELECT."""
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def _recurrent(arms: Arms) -> Block:
    """Endpoint, estimand and analysis of events that recur."""
    endpoint = {"kind": "recurrent_events", "phase": "treatment", "events": ["event"]}
    estimand = {
        "population": TO_COMPLETE,
        "treatment": arms.contrast,
        "endpoint": "events",
        "summary": arms.summary("rate ratio", "rate"),
    }
    analysis = {"estimand": "events", "role": "primary", "model": "recurrent_events"}
    return {
        "endpoints": {"events": endpoint},
        "estimands": {"events": estimand},
        "analyses": {"events": analysis},
    }


def times_to_event(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    """One row and one time a participant."""
    columns: Block = {
        field: guess.roles[field] for field in ("subject", "arm", "time") if field in guess.roles
    }
    field = "occurred" if "occurred" in guess.roles else "censored"
    mark, time = guess.columns[guess.roles[field]], guess.columns[guess.roles["time"]]
    meaning = event_meaning(mark)
    kinds, censored = kinds_of_end(mark)
    several = SeveralEnds()
    if mark.binary:
        columns |= _read_event(guess.asked, time, mark, field)
    elif kinds:
        several = _read_kinds(guess.asked, mark, kinds, censored)
        columns |= several.columns
    else:
        columns[field] = mark.name
    columns |= {
        field: name
        for field, name in (("time_unit", "AVALU"), ("parameter", "PARAM"))
        if columns["time"] == "AVAL" and name in guess.columns
    }
    data = data_block(guess, arms, "times", columns, {"arm": arms.labels})
    words = sorted(time.words & TIME_UNITS.keys())
    unit: TimeUnit = TIME_UNITS[words[0]] if words else "days"
    asked_unit = _ask_unit(guess.asked, time)
    if asked_unit is not None:
        unit = next((u for u in DAYS_PER_UNIT if u == asked_unit.taken), unit)
    data |= {"time_unit": unit} if unit != "days" else {}
    data |= {"time_unit": asked_unit.gap} if asked_unit is not None and asked_unit.is_open else {}
    followed = followed_to(time.number, guess.column("arm"), arms) * DAYS_PER_UNIT[unit]
    if set(meaning) == set(CODES):
        meaning, gap_of_event = _read_codes(guess.asked, time, mark)
        data["columns"] |= {"occurred": gap_of_event} if gap_of_event else {}
    if meaning or several.meaning:
        data.setdefault("labels", {})["occurred"] = meaning or several.meaning
    plan = {
        "data": data,
        "phases": {"treatment": arms.phase("Treatment and follow-up", None)},
        **timed_analysis(arms, "treatment", followed),
    }
    analysis = plan["analyses"]["time_to_event"]
    analysis |= {"competing": list(several.competing)} if several.competing else {}
    if asked_unit is not None and asked_unit.is_open:  # the day that it goes to is in no unit yet
        analysis["rmst_days"] = asked_unit.gap
    analysis |= _clustered(guess, arms, data)
    _ask_end_of_follow_up(guess.asked, reason_of_end(guess))
    alone = "cluster" in guess.roles and "cluster" not in analysis
    return plan, (
        *_words_of_event(mark, meaning),
        *((SEVERAL_OF_ONE,) if alone else ()),
    )


def _ask_unit(asked: Asked, time: Column) -> Question | None:
    """Ask for the unit where none is named and times have parts of one, as days hardly have."""
    told = time.number.dropna()
    if time.words & (OF_DAYS | TIME_UNITS.keys()) or len(told) < SMALLEST_GROUP:
        return None
    if not bool((told % 1 != 0).mean() > PARTS_OF_A_UNIT):
        return None
    mean = float(told.mean())
    units: tuple[TimeUnit, ...] = ("days", "weeks", "months", "years")
    return asked.decide(
        "unit",
        f"In which unit is `{time.name}`, whose values have decimals?",
        [
            Choice(unit, f"the mean is {in_digits(mean * DAYS_PER_UNIT[unit])} days")
            for unit in units
        ],
        default="months",
    )


SEVERAL_OF_ONE: Final = (
    "rows of one participant count as independent in 1 arm, so that its intervals are too narrow"
)


def _clustered(guess: Guess, arms: Arms, data: Block) -> Block:
    """The participant as a cluster, where each row is a unit of its own and arms are compared."""
    whose = guess.roles.get("cluster")
    if whose is None or not (arms.reference or arms.gap or arms.group):
        return {}
    (name,) = names_of([whose], "cluster").values()
    data["columns"].setdefault("covariates", {})[name] = whose
    return {"cluster": name}


@dataclass(frozen=True)
class SeveralEnds:
    """What a column of several kinds of event becomes.

    Attributes
    ----------
    columns : dict
        Its fields in the plan.
    meaning : dict of str to bool
        Value -> whether it is the event.
    competing : tuple of str
        The other events, which prevent it.
    """

    columns: Block = field(default_factory=dict)
    meaning: dict[str, bool] = field(default_factory=dict)
    competing: tuple[str, ...] = ()


def _read_kinds(asked: Asked, mark: Column, kinds: tuple[str, ...], censored: str) -> SeveralEnds:
    """Which kind of end is the event, which is censoring; the others compete with it."""
    choices = [Choice(kind, rows_with(mark, kind)) for kind in kinds]
    which = asked.decide(
        "censored",
        f"Which value of `{mark.name}` says that follow-up ended without any event?",
        choices,
        evident=censored,
        because="of its name or code" if censored else "",
    )
    if which.is_open:
        return SeveralEnds({"occurred": which.gap})
    events = [choice for choice in choices if choice.value != which.taken]
    chosen = asked.decide(
        "event",
        f"Which value of `{mark.name}` is the event? The others are competing events.",
        [*events, Choice(ANY_EVENT, "whichever comes first")],
    )
    if chosen.is_open:
        return SeveralEnds({"occurred": chosen.gap})
    any_of_them = chosen.taken == ANY_EVENT
    meaning = {k: k == chosen.taken or (any_of_them and k != which.taken) for k in kinds}
    others = tuple(c.value for c in events if not meaning[c.value])
    reason = {"reason": mark.name} if others else {}
    return SeveralEnds({"occurred": mark.name, **reason}, meaning, others)


def _words_of_event(mark: Column, meaning: dict[str, bool]) -> tuple[str, ...]:
    """How words for the event were read, which a reader of the plan must compare."""
    word = next((word for word, occurred in meaning.items() if occurred), None)
    if word is None:
        return ()
    return (
        f"`{mark.name}` is taken to say that the event occurred where it is {word} "
        f"({rows_with(mark, word)})",
    )


def _read_event(asked: Asked, time: Column, mark: Column, field: str) -> Block:
    """Whether 1 is the event: by the name of the column and by the times of both readings."""
    readings = readings_of(time, mark)
    named_so = rank(mark, EVENT_WORDS) is not None and rank(mark, STATUS_WORDS) is None
    named_so = named_so and not denies(mark.name)
    by_name = "0" if field == "censored" else "1" if named_so else ""
    by_curve = readings.by_curve
    ends = f"those with {0 if by_curve == '1' else 1} are followed longer in most pairs"
    if by_curve:
        evident = by_curve if field == "censored" or by_curve == (by_name or "1") else ""
        because = f"{ends}, as at the end of a study, whatever the name says"
    else:
        evident = by_name if field == "occurred" else ""
        because = f"of the name `{mark.name}`; the times of both codes are alike"
    question = asked.decide(
        "event",
        f"Which value of `{mark.name}` says that the event occurred?",
        (
            Choice("1", f"`occurred: {mark.name}`: {readings.ones}"),
            Choice("0", f"`censored: {mark.name}`: {readings.zeros}"),
        ),
        evident=evident,
        because=because if evident else "",
        default=by_curve or by_name or "1",
    )
    if question.is_open:
        return {"occurred": question.gap}
    return {"occurred" if question.taken == "1" else "censored": mark.name}


def _read_codes(asked: Asked, time: Column, mark: Column) -> tuple[dict[str, bool], str]:
    """Which of 1 and 2 is the event, by the times of both; what to fill in where they do not tell.

    In R 2 is the event, in other programs it may be 1.
    """
    as_marks = mark.text.map({"1": "0", "2": "1"})
    readings = readings_of(time, Column(mark.name, as_marks, mark.subjects))
    later = {"1": "2", "0": "1"}.get(readings.by_curve, "")
    question = asked.decide(
        "event",
        f"Which value of `{mark.name}` says that the event occurred?",
        (Choice("2", readings.ones), Choice("1", readings.zeros)),
        evident=later,
        because=f"those with {'1' if later == '2' else '2'} are followed longer in most pairs, as "
        "at the end of a study"
        if later
        else "",
        default=later or "2",
    )
    if question.is_open:
        return {}, question.gap
    return {code: code == question.taken for code in CODES}, ""


def _ask_end_of_follow_up(asked: Asked, reason: Column | None) -> None:
    """Ask what ended follow-up without the event, which the plan tells as a comment."""
    asked.decide(
        "ended",
        "What ended the follow-up of those without the event?",
        (
            Choice("not known", "the report cannot say whether censoring depends on the outcome"),
            Choice("end of study", "censoring does not depend on the outcome"),
            Choice("loss to follow-up", "censoring may depend on the outcome"),
        ),
        evident="not known",
        because="no column holds it" if reason is None else f"`{reason.name}` is not read for it",
    )


def followed_to(time: pd.Series, arm: Column | None, arms: Arms) -> float:
    """The last round time that every arm of the plan was followed to, which is nobody's own."""
    if arm is None:
        shortest = float(time.max())
    else:
        longest = time.groupby(arm.text).max()
        shown = [label for label in arms.names if label in longest.index]
        shortest = float((longest[shown] if shown else longest).min())
    step = round_step(shortest)
    return step * (shortest // step) or shortest


def timed_analysis(arms: Arms, phase: str, followed: float) -> Block:
    """Endpoint, estimand and analysis of a time that the data hold.

    The restricted mean goes to the last round day that all arms were followed to.
    """
    return {
        "endpoints": {"time_to_event": {"kind": "time_to_event", "phase": phase}},
        "estimands": {
            "time_to_event": {
                "population": TO_COMPLETE,
                "treatment": arms.contrast,
                "endpoint": "time_to_event",
                "summary": arms.summary("hazard ratio", "restricted mean time"),
            }
        },
        "analyses": {
            "time_to_event": {
                "estimand": "time_to_event",
                "role": "primary",
                "model": "time_to_event",
                "rmst_days": _plain(followed),
                **({"all_arms": True} if arms.several and not arms.group else {}),
            }
        },
    }


def _plain(days: float) -> float:
    """A number of days as a plan has it, whole where it nearly is."""
    return round(days) if days >= 1 else float(f"{days:.3g}")
