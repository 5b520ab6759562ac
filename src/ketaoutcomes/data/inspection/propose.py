"""A starter plan for a file that has been looked at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ketaoutcomes.data.inspection.column_words import (
    ARM_WORDS,
    BASELINE_WORDS,
    EVENT_WORDS,
    STATUS_WORDS,
    SUBJECT_WORDS,
    before_randomisation,
    rank,
)
from ketaoutcomes.data.inspection.daily import NEEDED, WEEK, ask_first_week, weekly_visits, weeks_of
from ketaoutcomes.data.inspection.daily import NONE as NO_BASELINE
from ketaoutcomes.data.inspection.direction import better, better_of_two
from ketaoutcomes.data.inspection.events import CODES, event_meaning, kinds_of_end, readings_of
from ketaoutcomes.data.inspection.guess import Guess
from ketaoutcomes.data.inspection.names import name_of, names_of, references_in
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.data.inspection.scales import ScaleGuess, guess_scale
from ketaoutcomes.data.inspection.schedule import (
    BASELINE,
    FIRST,
    VARIED,
    ask_baseline,
    ask_baseline_column,
    baseline_columns,
    baseline_score,
    condition_schedule,
    long_schedule,
    wide_schedule,
)
from ketaoutcomes.data.inspection.two_values import grades, may_be_shown, two_values
from ketaoutcomes.data.values.days import DAYS_PER_UNIT
from ketaoutcomes.numerics.round_steps import round_step
from ketaoutcomes.plan.data import TimeUnit
from ketaoutcomes.plan.gaps import gap
from ketaoutcomes.sql import quoted

ANY_EVENT: Final = "any of them"
"""The answer that several kinds of event count as one."""
TO_COMPLETE: Final = "to be completed"
TIME_UNITS: Final[dict[str, TimeUnit]] = {
    **dict.fromkeys(("weeks", "week"), "weeks"),
    **dict.fromkeys(("months", "month"), "months"),
    **dict.fromkeys(("years", "year", "age"), "years"),
    **dict.fromkeys(("hours", "hour"), "hours"),
}
EVENT_IS: Final = {"lower": "unwanted", "higher": "wanted"}
"""Better direction of 0 and 1 -> what an endpoint says of a 1."""
HARDLY_ANY: Final = 0.1
"""So small a part of the rows makes no arm."""
Block = dict[str, Any]
Built = tuple[Block, tuple[str, ...]]
"""A plan, and what could not be told from the file."""


@dataclass(frozen=True)
class Proposal:
    """A plan to start from.

    Attributes
    ----------
    files : tuple of str
    plan : dict
    remarks : tuple of str
        What could not be told from the files.
    questions : tuple of Question
        What was decided and why, and what stays open, as gaps in the plan.
    heads : tuple of str
        How many subjects the plan has in each arm.
    tells_outcome : bool
        Whether a column is known or named as an outcome.
    """

    files: tuple[str, ...]
    plan: Block
    remarks: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    heads: tuple[str, ...] = ()
    tells_outcome: bool = True


@dataclass(frozen=True)
class Arms:
    """The arms of a phase: label -> name, and the rows to keep; one arm has no reference.

    `gap` stands for the reference as long as it is open, and `group` for the column of arms.
    """

    names: dict[str, str]
    reference: str
    keep: Block
    remarks: tuple[str, ...] = ()
    gap: str = ""
    group: str = ""

    def phase(self, label: str, visits: Block | None) -> Block:
        """A phase with these arms."""
        arms = {name: shown for shown, name in self.names.items()}
        block: Block = {"label": label, "arms": self.group or arms}
        if self.gap or self.reference:
            block["reference"] = self.gap or self.names[self.reference]
        return block | ({"visits": visits} if visits else {})

    @property
    def several(self) -> bool:
        """Whether there are more arms than the estimand compares, which are tested together."""
        return len(self.names) > len("ab")

    @property
    def contrast(self) -> Block | str:
        """The first other arm against the reference, or the only arm."""
        if self.group or self.gap:
            return self.group or self.gap
        other = next(label for label in self.names if label != self.reference)
        against = {"reference": self.names[self.reference]} if self.reference else {}
        return {"active": self.names[other], **against}

    def summary(self, of_two: str, of_one: str) -> str:
        """What is asked of two arms, or of one."""
        return of_two if self.reference or self.gap or self.group else of_one


ONE_ARM: Final = Arms(
    {TO_COMPLETE: "treated"},
    reference="",
    keep={},
    remarks=("no column holds an arm: the plan has one arm and no comparison",),
)
"""Everybody, where a file does not say who was treated how."""
ONE_ARM_CHOSEN: Final = Arms({TO_COMPLETE: "treated"}, reference="", keep={})
Builder = Callable[[Guess, Arms, tuple[str, ...]], Built]


def propose(guess: Guess, folder_name: str) -> Proposal | None:
    """A starter plan, of one arm where no column tells arms; None where there is no outcome."""
    builders: dict[str, Builder] = {
        "long": _long,
        "wide": _wide,
        "one outcome": _one,
        "times": _times,
        "intervals": propose_intervals,
        "periods": _periods,
        "open": _open,
    }
    if guess.kind not in builders:
        return None
    phases = _crossover_phases(guess)
    arms = _arms(guess, phases)
    if _too_few_to_show(guess.column("arm"), arms):
        arms = _arms_of_few(guess)
    plan, remarks = builders[guess.kind](guess, arms, phases)
    if guess.joined:
        plan["data"]["columns"]["subject"] = list(guess.joined)
    study = {
        "id": name_of(folder_name, "study"),
        "title": TO_COMPLETE,
        "question": TO_COMPLETE,
        "condition": TO_COMPLETE,
    }
    files = (guess.file, guess.partner) if guess.partner else (guess.file,)
    return Proposal(
        files,
        {"study": study, **plan},
        (*arms.remarks, *_joined(guess), *remarks, *_not_covariates(guess)),
        tuple(guess.asked.questions),
        heads(guess.column("arm"), arms),
        guess.tells_outcome,
    )


def _joined(guess: Guess) -> tuple[str, ...]:
    """That arms come from another file with the same subjects, or two columns are a code."""
    if guess.joined:
        centre, code = guess.joined
        return (f"`{code}` begins anew in each `{centre}`, so both together are a participant",)
    subject = guess.column("subject")
    if subject is not None and rank(subject, SUBJECT_WORDS) is None:
        return (
            f"`{subject.name}` is taken for the participant, as each of its values stands once at "
            "nearly every visit",
        )
    if not guess.partner or subject is None:
        return ()
    return (
        f"rows of `{guess.partner}` with the same `{subject.name}` are taken for the same "
        "participant",
    )


def _too_few_to_show(arm: Column | None, arms: Arms) -> bool:
    """Whether no two arms have labels that may be shown, though more than a few rows have others.

    An arm with hardly anybody in it is left out, which is said.
    """
    if arm is None or not len(arms.names) < len("ab") <= len(arm.counts):
        return False
    shown = sum(int(arm.counts[label]) for label in arms.names)
    return len(arm.told) - shown > HARDLY_ANY * len(arm.told)


def _arms_of_few(guess: Guess) -> Arms:
    """Arms whose labels may not all be shown, as some have few rows."""
    name = guess.roles["arm"]
    words = (
        f"Arms of `{name}` have fewer than {SMALLEST_GROUP} rows, so that their labels are not "
        "shown here. Write the arms, each as `name: label in the report`"
    )
    return Arms({TO_COMPLETE: "treated"}, "", {}, group=gap(words))


def _arms(guess: Guess, phases: tuple[str, ...]) -> Arms:
    arm, group = guess.column("arm"), guess.group
    if arm is not None:
        period = guess.columns.get(guess.roles.get("phase", ""))
        return arms_of(arm, period, phases, guess.asked)
    if group is not None and group.is_open:
        return Arms({TO_COMPLETE: "treated"}, "", {}, group=group.gap)
    return ONE_ARM if group is None else ONE_ARM_CHOSEN


def heads(arm: Column | None, arms: Arms) -> tuple[str, ...]:
    """Subjects of each arm, as far as enough are in it to say so."""
    if arm is None or arm.subjects is None:
        return ()
    people = arm.subjects.groupby(arm.text).nunique()
    return tuple(
        f"{label}: {n if n >= SMALLEST_GROUP else f'fewer than {SMALLEST_GROUP}'}"
        for label in arms.names
        if (n := int(people.get(label, 0)))
    )


def _not_covariates(guess: Guess) -> tuple[str, ...]:
    """Columns that nobody knows to be older than the randomisation."""
    if guess.kind == "open":
        return ()
    used = {*guess.roles.values(), *guess.scores, *guess.covariates}
    used |= {name for group in guess.wide for name in group.columns.values()}
    left = [
        c.name
        for c in guess.columns.values()
        if c.constant and c.name not in used and c.numeric and not before_randomisation(c)
    ]
    if not left:
        return ()
    names = ", ".join(f"`{name}`" for name in left)
    return (
        f"nothing says that these were known before treatment, so they are not covariates: {names}",
    )


def arms_of(
    arm: Column, period: Column | None, phases: tuple[str, ...], asked: Asked | None = None
) -> Arms:
    """The arms with enough rows; rows of others are left out, and that is said."""
    labels = arm.labels()
    keep: Block = {}
    if period is not None and phases:
        here = period.text.isin(phases)
        labels = tuple(label for label in labels if (arm.text[here] == label).any())
        keep[period.name] = list(phases)
    remarks: tuple[str, ...] = ()
    if period is None and (len(labels) < len(arm.counts) or len(arm.told) < len(arm.text)):
        keep[arm.name] = list(labels)
        remarks = (f"rows without an arm, or of an arm with few rows, are left out: {arm.name}",)
    names = names_of(labels, "arm")
    if len(labels) < len("ab"):
        return Arms(names, "", keep, remarks)
    question = _reference(arm, labels, asked or Asked())
    if len(labels) > len("ab") and not question.is_open:
        remarks = (
            *remarks,
            "the estimand compares one arm with the reference: add one for each other",
        )
    gap = question.gap if question.is_open else ""
    return Arms(names, question.taken, keep, remarks, gap)


def _reference(arm: Column, labels: tuple[str, ...], asked: Asked) -> Question:
    """The arm that the others are compared with: the only one that names a control, else asked."""
    controls = references_in(labels)
    known = controls[0] if len(controls) == 1 else ""
    because = "its name is that of a control" if known else ""
    if labels == ("0", "1") and rank(arm, ARM_WORDS) is None:
        known, because = "0", f"a column called `{arm.name}` says 0 of those without it"
    elif not known and before_randomisation(arm) and rank(arm, ARM_WORDS) is None:
        known = max(labels, key=lambda label: int(arm.counts[label]))
        because = (
            "it is the larger group, and none of them is a treatment: another one turns the sign "
            "or the ratio round"
        )
    return asked.decide(
        "reference",
        "Which arm is the reference, with which others are compared?",
        [Choice(label, "named as a control" if label in controls else "") for label in labels],
        evident=known,
        because=because,
        default=known or (controls or labels)[0],
    )


def _crossover_phases(guess: Guess) -> tuple[str, ...]:
    """Labels of the periods in which several arms are seen."""
    period, arm = guess.column("phase"), guess.column("arm")
    if period is None or arm is None:
        return ()
    seen = arm.text.groupby(period.text).nunique()
    return tuple(label for label in period.labels() if seen.get(label, 0) > 1)


def _open(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    """Subjects and arms; what is analysed stays a gap."""
    question = guess.question
    assert question is not None
    columns: Block = {r: guess.roles[r] for r in ("subject", "arm") if r in guess.roles}
    role = "visits" if "visit" in guess.roles else "subjects"
    plan: Block = {"data": _data(guess, arms, role, columns, {"arm": arms.names})}
    plan["phases"] = {"treatment": arms.phase("Treatment", None)}
    return plan | dict.fromkeys(("endpoints", "estimands", "analyses"), question.gap), ()


def _long(guess: Guess, arms: Arms, phases: tuple[str, ...]) -> Built:
    titles = {name: guess.scale_name if guess.only else name for name in guess.scores}
    scales = {name: guess_scale([guess.columns[name]], titles[name]) for name in guess.scores}
    first = scales[guess.scores[0]]
    baselines = baseline_columns(guess)
    fixed = baseline_score(first)
    changes = first.change and not baselines
    if (day := guess.daily) is not None and len(scales) == 1 and not first.binary:
        return _diary(guess, arms, first, day)
    if guess.of_conditions and not first.binary:
        return _conditions(guess, arms, first)
    schedule = long_schedule(
        guess, by_column=bool(baselines) or fixed is not None, of_changes=changes
    )
    first = _directed(guess, first, *_ends_of_rows(guess, schedule.labels, baselines))
    columns: Block = {
        role: guess.roles[role]
        for role in ("subject", "arm", "phase", "visit")
        if role in guess.roles
    }
    if "day" in guess.roles or "day_unit" in schedule.data:
        columns["day"] = guess.roles.get("day", guess.roles["visit"])
    if len(scales) == 1:
        columns["value"] = guess.scores[0]
        columns |= {"baseline": baselines[guess.scores[0]]} if baselines else {}
    else:
        columns["scores"] = {scale.name: name for name, scale in scales.items()}
        known = {scales[name].name: column for name, column in baselines.items()}
        columns |= {"baselines": known} if known else {}
    named = names_of(phases, "period") if phases else {"": "treatment"}
    labels: Block = {"arm": arms.names}
    labels |= {"phase": named} if phases else {}
    labels |= {"visit": schedule.labels} if _changed(schedule.labels) else {}
    data = _data(guess, arms, "visits", columns, labels) | schedule.data
    if schedule.left_out:
        kept = {guess.roles["visit"]: list(schedule.labels)}
        data["where"] = {"visits": data.get("where", {}).get("visits", {}) | kept}
    by_definition = fixed is not None and not baselines and not schedule.has_baseline
    data |= {"baseline_score": fixed} if by_definition else {}
    if schedule.none_measured is not None:
        data["baseline_score"] = _no_baseline(schedule.none_measured)
    plan = _scored(data, arms, schedule.visits, first, list(named.values()))
    return plan, (*schedule.remarks, *_bounds(first))


def _periods(guess: Guess, arms: Arms, phases: tuple[str, ...]) -> Built:
    """A crossover with one score for each period, which has no visit of its own."""
    column = guess.columns[guess.scores[0]]
    arm = guess.columns[guess.roles["arm"]].text
    scale = guess_scale([column], column.name)
    scale = _directed(guess, scale, None, column.number, arm if scale.change else None)
    named = names_of(phases, "period")
    columns: Block = {r: guess.roles[r] for r in ("subject", "arm", "phase")}
    columns |= {"visit": "visit", "value": column.name}
    data = _data(guess, arms, "visits", columns, {"arm": arms.names, "phase": named})
    data["derive"] = {"visits": {"visit": '"End"'}}
    data["baseline_score"] = baseline_score(scale) or 0
    visits = {BASELINE: {"day": 1}, "End": {"day": 8}}
    plan = _scored(data, arms, visits, scale, list(named.values()))
    plan["analyses"]["primary"]["covariates"] = []
    remark = "the file has no day of the score: `End` is put on day 8, which changes no result"
    return plan, (remark, *_bounds(scale))


def _diary(guess: Guess, arms: Arms, scale: ScaleGuess, day: Column) -> Built:
    """A score every day, as means of weeks."""
    first_dose = 0 if (day.number == 0).any() else 1
    subject = guess.columns[guess.roles["subject"]].text
    weeks, run_in = weeks_of(day, subject, first_dose)
    asks = ask_first_week(guess.asked, run_in=run_in)
    column, arm = guess.columns[guess.scores[0]], guess.column("arm")
    week = (day.number - first_dose) // WEEK
    before = week < 0 if run_in else week == 0
    ends = (None if scale.change else column.number[before], column.number[week == weeks - 1])
    scale = _directed(guess, scale, *ends, None if arm is None else arm.text)
    columns: Block = {r: guess.roles[r] for r in ("subject", "arm") if r in guess.roles}
    columns |= {"day": day.name, "value": guess.scores[0]}
    data = _data(guess, arms, "visits", columns, {"arm": arms.names})
    data |= {"first_dose_day": 0} if first_dose == 0 else {}
    data["diary"] = {"days": WEEK, "needed": NEEDED}
    data |= {"baseline_score": _no_baseline(asks)} if asks.taken in ("", NO_BASELINE) else {}
    plan = _scored(data, arms, weekly_visits(weeks, asks.taken), scale, ["treatment"])
    rule = (
        f"daily scores become means of {WEEK} days; with fewer than {NEEDED} days a week is "
        "missing: `diary` changes the rule"
    )
    return plan, (rule, *_bounds(scale))


def _conditions(guess: Guess, arms: Arms, scale: ScaleGuess) -> Built:
    """One score under each of several conditions that all participants had."""
    schedule, order = condition_schedule(guess)
    columns: Block = {"subject": guess.roles["subject"], "visit": guess.roles["visit"]}
    columns["value"] = guess.scores[0]
    question = better(guess.asked, scale.name)
    scale = replace(scale.better(question.taken or question.gap), change=False)
    data = _data(guess, arms, "visits", columns, {"arm": arms.names})
    visits = schedule.visits or {TO_COMPLETE: {"day": 1}}
    plan = _scored(data, arms, visits, scale, ["treatment"])
    analysis: Block = {"estimand": "primary", "role": "primary", "model": "paired"}
    if order.taken == VARIED:
        analysis["order"] = VARIED
    plan["analyses"] = {"primary": analysis}
    if order.is_open or not schedule.visits:
        few = f"the labels of `{guess.roles['visit']}` in their order, each with a day"
        missing = gap(few) if not schedule.visits else order.gap
        plan["phases"]["treatment"]["visits"] = missing
        plan["estimands"]["primary"]["visit"] = missing
    return plan, _bounds(scale)


def _no_baseline(question: Question) -> float | str:
    return question.gap if question.is_open else 0


def _bounds(scale: ScaleGuess) -> tuple[str, ...]:
    if scale.definition is None or scale.binary:
        return ()
    return (
        f"`low` and `high` of `{scale.name}` are round numbers around the data: write those of the "
        "scale",
    )


def _ends_of_rows(
    guess: Guess, labels: dict[str, str], baselines: dict[str, str]
) -> tuple[pd.Series | None, pd.Series, pd.Series | None]:
    """Scores at the first and the last visit, and the arm of each row."""
    column, visit, arm = guess.columns[guess.scores[0]], guess.column("visit"), guess.column("arm")
    assert visit is not None
    shown = list(labels)
    base = baselines.get(guess.scores[0])
    at_first = visit.text == shown[0]
    first = guess.columns[base].number[at_first] if base else column.number[at_first]
    last = column.number[visit.text == shown[-1]]
    return None if column.negative and not base else first, last, None if arm is None else arm.text


def _directed(
    guess: Guess,
    scale: ScaleGuess,
    first: pd.Series | None,
    last: pd.Series,
    arm: pd.Series | None,
) -> ScaleGuess:
    """The scale with its better direction, which only a scale that is known tells for certain."""
    if scale.definition is None or scale.success:
        return scale
    if scale.binary:
        yes = _read_words(guess)[1] if guess.scores else "1"
        question = better_of_two(guess.asked, scale.name, yes)
    else:
        question = better(guess.asked, scale.name, first, last, arm, file=guess.file)
    return scale.better(question.taken or question.gap)


def _wide(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    group = guess.wide[0]
    members = [guess.columns[name] for name in group.columns.values()]
    scale = guess_scale(members, group.name)
    fixed = baseline_score(scale)
    visits, columns = wide_schedule(group.days), dict(group.columns)
    lacking = None
    own = _baseline_beside(guess, group.columns.values())
    if BASELINE not in columns and fixed is None and own is not None:
        asks = ask_baseline_column(guess.asked, own.name)
        lacking = None if asks.taken == own.name else asks
        columns = {BASELINE: own.name, **columns} if lacking is None else columns
    elif BASELINE not in columns and fixed is None:
        first = next(iter(columns))
        asks = ask_baseline(guess.asked, first, group.days[first], dated=group.timed)
        lacking = None if asks.taken == FIRST else asks
        if lacking is None:
            columns = {BASELINE if v == first else v: c for v, c in columns.items()}
            visits = {v: at for v, at in visits.items() if v != first}
    arm = guess.column("arm")
    ends = (None if scale.change else members[0].number, members[-1].number)
    scale = _directed(guess, scale, *ends, None if arm is None else arm.text)
    told = {role: guess.roles[role] for role in ("subject", "arm") if role in guess.roles}
    data = _data(
        guess, arms, "visits", told | {"scores": {scale.name: columns}}, {"arm": arms.names}
    )
    data |= {"baseline_score": fixed} if BASELINE not in columns and fixed is not None else {}
    data |= {"baseline_score": _no_baseline(lacking)} if lacking is not None else {}
    return _scored(data, arms, visits, scale, ["treatment"]), _bounds(scale)


def _baseline_beside(guess: Guess, members: Iterable[str]) -> Column | None:
    """A column of numbers that is named as a baseline and nothing else."""
    taken = {*members, *guess.roles.values()}
    found = [
        c for c in guess.columns.values()
        if c.name not in taken and c.numeric and c.words and c.words <= set(BASELINE_WORDS)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _one(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    column = guess.columns[guess.scores[0]]
    scale = guess_scale([column], column.name)
    last = column.number if column.numeric else column.text
    arm = guess.column("arm")
    scale = _directed(
        guess, scale, None, last, None if arm is None or not scale.change else arm.text
    )
    told = {role: guess.roles[role] for role in ("subject", "arm") if role in guess.roles}
    scores: Block = {"scores": {scale.name: {"End": column.name}}}
    data = _data(guess, arms, "visits", told | scores, {"arm": arms.names})
    data["baseline_score"] = baseline_score(scale) or 0
    visits = {BASELINE: {"day": 1}, "End": {"day": 57}}
    remark = "the file has no day of the outcome: `End` is put on day 57, which changes no result"
    return _scored(data, arms, visits, scale, ["treatment"]), (remark, *_bounds(scale))


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
    data |= {"labels": {"arm": arms.names}} if arm and _changed(arms.names) else {}
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
        "the file does not say why follow-up ended: `reason` says the same of all participants",
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
    if not kinds:
        return EventOfRows(tuple(v for v, is_event in event_meaning(mark).items() if is_event))
    question = asked.decide(
        "event",
        f"Which value of `{mark.name}` is the event? Rows with another one end without it.",
        [Choice(kind, _rows(mark, kind)) for kind in kinds if kind != censored],
    )
    if question.is_open:
        return EventOfRows((), question.gap)
    return EventOfRows((question.taken,))


def _in_all(happened: "pd.Series[bool]") -> str:
    events = int(happened.sum())
    few = f"fewer than {SMALLEST_GROUP}"
    return f"{events if events >= SMALLEST_GROUP else few} events"


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


def _times(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
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
    data = _data(guess, arms, "times", columns, {"arm": arms.names})
    words = sorted(time.words & TIME_UNITS.keys())
    unit: TimeUnit = TIME_UNITS[words[0]] if words else "days"
    data |= {"time_unit": unit} if unit != "days" else {}
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
    analysis |= _clustered(guess, arms, data)
    _ask_end_of_follow_up(guess.asked)
    alone = "cluster" in guess.roles and "cluster" not in analysis
    return plan, (
        *_words_of_event(mark, meaning),
        *_unit_of_time(time, unit),
        *((SEVERAL_OF_ONE,) if alone else ()),
    )


SEVERAL_OF_ONE: Final = (
    "rows of one participant count as independent in one arm, so that its intervals are too narrow"
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
    choices = [Choice(kind, _rows(mark, kind)) for kind in kinds]
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
        f"({_rows(mark, word)})",
    )


def _rows(mark: Column, value: str) -> str:
    """How many rows have a value."""
    rows = int(mark.counts[value])
    return f"{rows if rows >= SMALLEST_GROUP else f'fewer than {SMALLEST_GROUP}'} rows"


def _unit_of_time(time: Column, unit: TimeUnit) -> tuple[str, ...]:
    told = {"day", "days"} | TIME_UNITS.keys()
    if time.words & told:
        return ()
    return (
        f"the file has no unit of `{time.name}`, which is read as {unit}: `time_unit` changes it",
    )


def _read_event(asked: Asked, time: Column, mark: Column, field: str) -> Block:
    """Whether 1 is the event: by the name of the column and by the times of both readings."""
    readings = readings_of(time, mark)
    named_so = rank(mark, EVENT_WORDS) is not None and rank(mark, STATUS_WORDS) is None
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


def _ask_end_of_follow_up(asked: Asked) -> None:
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
        because="no column holds it",
    )


def followed_to(time: pd.Series, arm: Column | None, arms: Arms) -> float:
    """The last round time that every arm of the plan was followed to, which is nobody's own."""
    if arm is None:
        shortest = float(time.max())
    else:
        shortest = float(time.groupby(arm.text).max().reindex(list(arms.names)).min())
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


def _data(guess: Guess, arms: Arms, role: str, columns: Block, labels: Block) -> Block:
    """What every data block has."""
    covariates = {name: column for column, name in names_of(guess.covariates, "x").items()}
    files = {role: guess.file} | ({"subjects": guess.partner} if guess.partner else {})
    block: Block = {"files": files, "columns": columns}
    block |= {} if "subject" in guess.roles else {"rows_are_subjects": True}
    if arms.group and "arm" not in guess.roles:
        columns["arm"] = arms.group
    if arms.group and "arm" in labels:
        labels["arm"] = {}
    block["columns"] |= {"covariates": covariates} if covariates else {}
    if "arm" not in guess.roles:
        del labels["arm"]
    labels |= _turned(guess)
    block["labels"] = {field: known for field, known in labels.items() if _changed(known)}
    keep = arms.keep | guess.only
    block |= {"where": {role: keep}} if keep else {}
    return {key: value for key, value in block.items() if value}


def _turned(guess: Guess) -> Block:
    """Words become 0 and 1."""
    if not guess.scores:
        return {}
    column = guess.columns[guess.scores[0]]
    if column.numeric:
        return {}
    return {"value": _read_words(guess)[0]}


def _read_words(guess: Guess) -> tuple[Block | str, str]:
    """What the words of a score are in numbers, or a gap, and the word for a 1.

    Of more than two words it is asked which one is the event.
    """
    column = guess.columns[guess.scores[0]]
    if column.numeric or len(column.counts) == len("01"):
        no, yes = ("0", "1") if column.numeric else two_values(column)
        if column.numeric or may_be_shown(column):
            return {no: 0, yes: 1}, yes
        words = (
            f"A value of `{column.name}` has fewer than {SMALLEST_GROUP} rows, so that it is not "
            "shown here. Write both values as `no: 0` and `yes: 1`"
        )
        return gap(words), "1"
    question = _ask_grade(guess.asked, column)
    if question.is_open:
        return question.gap, "the event"
    label = question.taken.removeprefix(NOT)
    others = int(question.taken.startswith(NOT))
    return {word: int(word == label) ^ others for word in grades(column)}, question.taken


NOT: Final = "not "
"""What stands before a word if all others are the event."""


def _ask_grade(asked: Asked, column: Column) -> Question:
    """Which of several words is the event; asked once."""
    known = next((q for q in asked.questions if q.key == "event"), None)
    if known is not None:
        return known
    words = grades(column)
    return asked.decide(
        "event",
        f"Which value of `{column.name}` is the event? The others are without it.",
        [
            *(Choice(word, _rows(column, word)) for word in words),
            *(Choice(f"{NOT}{word}", "any of the others") for word in words),
        ],
    )


def _changed(labels: Block | str) -> bool:
    return isinstance(labels, str) or any(str(label) != str(name) for label, name in labels.items())


def _scored(data: Block, arms: Arms, visits: Block, scale: ScaleGuess, phases: list[str]) -> Block:
    """Phases, scale, endpoint, estimand and analysis of a score by visit."""
    plan: Block = {"data": data}
    plan["phases"] = {
        name: arms.phase(name.replace("_", " ").capitalize(), visits) for name in phases
    }
    if scale.definition is not None:
        plan["scales"] = {scale.name: scale.definition}
    plan |= scored_analysis(data, arms, visits, scale, phases[0])
    if len(phases) > 1 and not scale.binary:
        plan["analyses"]["primary"] = _crossover(phases)
    return plan


def _of_scores(data: Block, arms: Arms, visits: Block, scale: ScaleGuess) -> Block:
    """The model of scores: two visits of one arm are pairs."""
    if scale.binary:
        return {"model": "proportions"}
    pair = len(visits) == len("ab") and "baseline_score" not in data
    if pair and not (arms.reference or arms.gap or arms.group):
        return {"model": "paired"}
    adjusted = ["baseline"] if "baseline_score" not in data else []
    model: Block = {"model": "mmrm", "covariates": adjusted, "by_visit": adjusted}
    return model | ({"all_arms": True} if arms.several and not arms.group else {})


def scored_analysis(data: Block, arms: Arms, visits: Block, scale: ScaleGuess, phase: str) -> Block:
    """Endpoint, estimand and analysis at the last visit."""
    binary = scale.binary
    kind = "yes_or_no" if binary else "change"
    told: Block = {"kind": kind, "phase": phase, "scale": scale.name}
    endpoint = _yes_or_no(told, scale) if binary else told
    return {
        "endpoints": {"outcome": endpoint},
        "estimands": {
            "primary": {
                "population": TO_COMPLETE,
                "treatment": arms.contrast,
                "endpoint": "outcome",
                "visit": list(visits)[-1],
                "summary": arms.summary("difference in proportions", "proportion")
                if binary
                else arms.summary("difference in means", "mean change"),
            }
        },
        "analyses": {
            "primary": {
                "estimand": "primary",
                "role": "primary",
                **_of_scores(data, arms, visits, scale),
            }
        },
    }


def _crossover(periods: list[str]) -> Block:
    """The analysis of a score in all periods, within subjects."""
    told = {"estimand": "primary", "role": "primary", "model": "crossover"}
    return told | {"periods": periods}


def _yes_or_no(endpoint: Block, scale: ScaleGuess) -> Block | str:
    """The endpoint of a score of 0 and 1, by whether a 1 is wanted."""
    assert scale.definition is not None
    better = str(scale.definition["better"])
    if better not in EVENT_IS:
        return better
    named = {"at_least": 1, "event_label": scale.name, "event_is": EVENT_IS[better]}
    return endpoint | named
