"""A starter plan for a file that has been looked at."""

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ketaoutcomes.data.inspection.events import event_meaning
from ketaoutcomes.data.inspection.guess import Guess
from ketaoutcomes.data.inspection.names import name_of, names_of, reference_of
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.scales import ScaleGuess, guess_scale
from ketaoutcomes.data.inspection.schedule import (
    BASELINE,
    baseline_columns,
    baseline_score,
    long_schedule,
    wide_schedule,
)
from ketaoutcomes.data.values.days import DAYS_PER_UNIT
from ketaoutcomes.numerics.round_steps import round_step
from ketaoutcomes.plan.data import TimeUnit

TO_COMPLETE: Final = "to be completed"
TIME_UNITS: Final[dict[str, TimeUnit]] = {
    **dict.fromkeys(("weeks", "week"), "weeks"),
    **dict.fromkeys(("months", "month"), "months"),
    **dict.fromkeys(("years", "year", "age"), "years"),
    **dict.fromkeys(("hours", "hour"), "hours"),
}
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
    """

    files: tuple[str, ...]
    plan: Block
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arms:
    """The arms of a phase: label -> name, and the rows to keep; one arm has no reference."""

    names: dict[str, str]
    reference: str
    keep: Block
    remarks: tuple[str, ...] = ()

    def phase(self, label: str, visits: Block | None) -> Block:
        """A phase with these arms."""
        arms = {name: shown for shown, name in self.names.items()}
        block: Block = {"label": label, "arms": arms}
        block |= {"reference": self.names[self.reference]} if self.reference else {}
        return block | ({"visits": visits} if visits else {})

    @property
    def contrast(self) -> Block:
        """The first other arm against the reference, or the only arm."""
        other = next(label for label in self.names if label != self.reference)
        against = {"reference": self.names[self.reference]} if self.reference else {}
        return {"active": self.names[other], **against}

    def summary(self, of_two: str, of_one: str) -> str:
        """What is asked of two arms, or of one."""
        return of_two if self.reference else of_one


ONE_ARM: Final = Arms(
    {TO_COMPLETE: "treated"},
    reference="",
    keep={},
    remarks=("no column tells an arm: the plan has one arm, and compares nothing",),
)
"""Everybody, where a file does not say who was treated how."""


def propose(guess: Guess, folder_name: str) -> Proposal | None:
    """A starter plan, of one arm where no column tells arms; None where there is no outcome."""
    if guess.kind not in ("long", "wide", "one outcome", "times"):
        return None
    arm, phases = guess.column("arm"), _crossover_phases(guess)
    period = guess.columns.get(guess.roles.get("phase", ""))
    arms = ONE_ARM if arm is None else arms_of(arm, period, phases)
    if not arms.names:
        return None
    build = {"long": _long, "wide": _wide, "one outcome": _one, "times": _times}[guess.kind]
    plan, remarks = build(guess, arms, phases)
    study = {
        "id": name_of(folder_name, "study"),
        "title": TO_COMPLETE,
        "question": TO_COMPLETE,
        "condition": TO_COMPLETE,
    }
    files = (guess.file, guess.partner) if guess.partner else (guess.file,)
    return Proposal(files, {"study": study, **plan}, (*arms.remarks, *remarks))


def arms_of(arm: Column, period: Column | None, phases: tuple[str, ...]) -> Arms:
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
    reference = reference_of(labels) if len(labels) > 1 else ""
    return Arms(names_of(labels, "arm"), reference, keep, remarks)


def _crossover_phases(guess: Guess) -> tuple[str, ...]:
    """Labels of the periods in which several arms are seen."""
    period, arm = guess.column("phase"), guess.column("arm")
    if period is None or arm is None:
        return ()
    seen = arm.text.groupby(period.text).nunique()
    return tuple(label for label in period.labels() if seen.get(label, 0) > 1)


def _long(guess: Guess, arms: Arms, phases: tuple[str, ...]) -> Built:
    titles = {name: guess.scale_name if guess.only else name for name in guess.scores}
    scales = {name: guess_scale([guess.columns[name]], titles[name]) for name in guess.scores}
    first = scales[guess.scores[0]]
    baselines = baseline_columns(guess)
    fixed = baseline_score(first)
    schedule = long_schedule(guess, by_column=bool(baselines) or fixed is not None)
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
        data["keep"] = {"visits": data.get("keep", {}).get("visits", {}) | kept}
    by_definition = fixed is not None and not baselines and not schedule.has_baseline
    data |= {"baseline_score": fixed} if by_definition else {}
    plan = _scored(data, arms, schedule.visits, first, list(named.values()))
    return plan, schedule.remarks


def _wide(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    group = guess.wide[0]
    members = [guess.columns[name] for name in group.columns.values()]
    scale = guess_scale(members, group.stem or members[0].name)
    fixed = baseline_score(scale)
    visits, columns = wide_schedule(group.days), dict(group.columns)
    if BASELINE not in columns and fixed is None:
        first = next(iter(columns))
        columns = {BASELINE if v == first else v: c for v, c in columns.items()}
        visits = {v: at for v, at in visits.items() if v != first}
    told = {role: guess.roles[role] for role in ("subject", "arm") if role in guess.roles}
    data = _data(
        guess, arms, "visits", told | {"scores": {scale.name: columns}}, {"arm": arms.names}
    )
    data |= {"baseline_score": fixed} if BASELINE not in columns else {}
    return _scored(data, arms, visits, scale, ["treatment"]), ()


def _one(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    column = guess.columns[guess.scores[0]]
    scale = guess_scale([column], column.name)
    told = {role: guess.roles[role] for role in ("subject", "arm") if role in guess.roles}
    scores = {"scores": {scale.name: {"End": column.name}}}
    data = _data(guess, arms, "visits", told | scores, {"arm": arms.names})
    data["baseline_score"] = baseline_score(scale) or 0
    visits = {BASELINE: {"day": 1}, "End": {"day": 57}}
    return _scored(data, arms, visits, scale, ["treatment"]), ()


def _times(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    fields = ("subject", "arm", "time", "censored", "occurred")
    columns = {field: guess.roles[field] for field in fields if field in guess.roles}
    columns |= {
        field: name
        for field, name in (("time_unit", "AVALU"), ("parameter", "PARAM"))
        if columns["time"] == "AVAL" and name in guess.columns
    }
    data = _data(guess, arms, "times", columns, {"arm": arms.names})
    time = guess.columns[guess.roles["time"]]
    words = sorted(time.words & TIME_UNITS.keys())
    unit: TimeUnit = TIME_UNITS[words[0]] if words else "days"
    data |= {"time_unit": unit} if unit != "days" else {}
    followed = followed_to(time.number, guess.column("arm"), arms) * DAYS_PER_UNIT[unit]
    mark = guess.columns[guess.roles.get("occurred", guess.roles.get("censored", ""))]
    if meaning := event_meaning(mark):
        data.setdefault("labels", {})["occurred"] = meaning
    plan = {
        "data": data,
        "phases": {"treatment": arms.phase("Treatment and follow-up", None)},
        **timed_analysis(arms, "treatment", followed),
    }
    return plan, (_what_is_an_event(mark, "censored" in columns, meaning),)


def _what_is_an_event(mark: Column, censored: bool, meaning: dict[str, bool]) -> str:
    """How the column of events was read, which a reader of the plan must compare."""
    if meaning:
        word = next(word for word, occurred in meaning.items() if occurred)
        return f"`{mark.name}` is taken to say that the event occurred where it is {word}"
    means = "0 where the event occurred" if censored else "1 where the event occurred"
    return f"`{mark.name}` is taken to be {means}; some files have it the other way round"


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
    block["columns"] |= {"covariates": covariates} if covariates else {}
    if "arm" not in guess.roles:
        del labels["arm"]
    labels |= _turned(guess)
    block["labels"] = {field: known for field, known in labels.items() if _changed(known)}
    keep = arms.keep | guess.only
    block |= {"keep": {role: keep}} if keep else {}
    return {key: value for key, value in block.items() if value}


def _turned(guess: Guess) -> Block:
    """A 1 for a success is turned into a 0, as a remission is a low score."""
    success = [guess_scale([guess.columns[name]], name).success for name in guess.scores]
    return {"value": {"0": 1, "1": 0}} if success and success[0] else {}


def _changed(labels: Block) -> bool:
    return any(str(label) != str(name) for label, name in labels.items())


def _scored(data: Block, arms: Arms, visits: Block, scale: ScaleGuess, phases: list[str]) -> Block:
    """Phases, scale, endpoint, estimand and analysis of a score by visit."""
    plan: Block = {"data": data}
    plan["phases"] = {
        name: arms.phase(name.replace("_", " ").capitalize(), visits) for name in phases
    }
    if scale.definition is not None:
        plan["scales"] = {scale.name: scale.definition}
    return plan | scored_analysis(data, arms, visits, scale, phases[0])


def scored_analysis(data: Block, arms: Arms, visits: Block, scale: ScaleGuess, phase: str) -> Block:
    """Endpoint, estimand and analysis at the last visit."""
    binary = scale.definition is not None and scale.definition["high"] == 1
    endpoint: Block = {
        "kind": "remission" if binary else "change",
        "phase": phase,
        "scale": scale.name,
    }
    endpoint |= {"at_most": 0} if binary else {}
    adjusted = ["baseline"] if "baseline_score" not in data else []
    model: Block = {"model": "mmrm", "covariates": adjusted, "by_visit": adjusted}
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
                **({"model": "proportions"} if binary else model),
            }
        },
    }
