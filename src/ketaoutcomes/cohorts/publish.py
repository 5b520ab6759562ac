"""Write synthetic cohorts as CSV files with a data dictionary and a manifest."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from ketaoutcomes import __version__
from ketaoutcomes.cohort import COHORTS_MANIFEST, Cohort
from ketaoutcomes.cohorts.simulation.draws import BLOCK, Draws
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario, scenario_names
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.cohorts.simulation.sites import with_sites
from ketaoutcomes.errors import CommandError, PlanError, Problem
from ketaoutcomes.runs.disk import csv_bytes, hash_of, json_bytes
from ketaoutcomes.runs.replacing import PROGRAM, Written, refuse_to_lose, replace_folder
from ketaoutcomes.scales import SCALES

COHORTS = Written(COHORTS_MANIFEST)
DAYS_BETWEEN_VISITS = 7
EARLY_VISITS = {"Baseline": 0.0, "24 hours": 1.0}
SHORT_PHASE_DAYS = 60
MOST_VALUES = 12
"""More values than these are told by their number."""

MEANINGS: dict[tuple[str, str], str] = {
    ("", "subject"): "identifier of the participant",
    ("", "phase"): "phase of the study",
    ("", "day"): "days since the first dose of the phase",
    ("", "date"): "calendar date of the day (simulated)",
    ("assignments", "arm"): "arm of the participant in the phase",
    ("assignments", "sequence"): "arms of the periods, in order",
    ("visits", "visit"): "scheduled visit; the first of a phase is its baseline",
    ("visits", "scale"): "rating scale or measurement",
    ("visits", "score"): "total score or value",
    ("events", "event"): "name of the event",
    ("follow_up", "last_day"): "last day under observation in the phase",
    ("follow_up", "reason"): "completed, or reason for discontinuing the study",
    ("adverse_events", "day"): "day of onset, since the first dose of the phase",
    ("adverse_events", "soc"): "system organ class",
    ("adverse_events", "term"): "preferred term",
    ("adverse_events", "severity"): "severity of the event",
    ("adverse_events", "serious"): "whether it met a criterion of seriousness (ICH E2A)",
    ("adverse_events", "related"): "whether it was assessed as related to treatment",
    ("exposure", "day"): "day of a dose, since the first dose of the phase",
    ("exposure", "dose"): "dose amount, 0 for placebo",
    ("exposure", "unit"): "unit of the amount",
    ("exposure", "route"): "route of administration",
    ("costs", "item"): "cost item",
    ("costs", "amount"): "amount paid",
    ("costs", "currency"): "currency of the amount",
}
FURTHER = {"subjects": "covariate at entry", "assignments": "stratum or factor of the phase"}


@dataclass(frozen=True)
class OnRequest:
    """What is written only if it is asked for.

    Attributes
    ----------
    items : bool
        Items of the MADRS and the HAM-D17, which add up to the totals.
    visit_spread : int
        Most days that a visit or a session is early or late; 0 has each on its day.
    since : date or None
        First day of a year in which participants enrol; with it, rows have calendar dates.
    sites : int or None
        Number of sites that enrol; None for those of the scenario, most of which have none.
    """

    items: bool = False
    visit_spread: int = 0
    since: date | None = None
    sites: int | None = None

    @property
    def words(self) -> list[str]:
        """The options of the command."""
        words = ["--items"] if self.items else []
        words += ["--visit-spread", str(self.visit_spread)] if self.visit_spread else []
        words += ["--dates", self.since.isoformat()] if self.since else []
        return words + (["--sites", str(self.sites)] if self.sites else [])


PLAIN = OnRequest()


def publish_cohorts(
    names: tuple[str, ...],
    folder: Path,
    seed: int,
    subjects: int | None,
    on_request: OnRequest = PLAIN,
) -> Path:
    """Write one folder with a cohort of each scenario.

    Raises
    ------
    PlanError
        If a scenario is not known.
    CommandError
        If the folder holds anything that would be lost, or cannot be written.
    """
    refuse_unknown(names)
    refuse_to_lose(folder, COHORTS)
    _refuse_loss(names or scenario_names(), folder)
    files: dict[str, bytes] = {}
    told = {}
    entries: list[dict[str, str]] = []
    for name in names or scenario_names():
        scenario = read_scenario(name).model_copy(update={"items": on_request.items})
        if on_request.sites is not None:
            scenario = with_sites(scenario, on_request.sites)
        cohort = simulate(
            scenario,
            name,
            standard_schedule(scenario),
            seed,
            subjects,
            visit_spread=on_request.visit_spread,
        )
        frames = cohort.frames()
        if on_request.since is not None:
            frames = with_dates(frames, scenario, seed, on_request.since)
        files |= {f"{name}/{part}.csv": csv_bytes(frame) for part, frame in frames.items()}
        entries.extend(_dictionary(name, cohort, frames))
        told[name] = {
            "label": scenario.label,
            "claims": list(scenario.claims),
            "subjects": len(cohort.subjects),
            "seed": seed,
            "rows": {part: len(frame) for part, frame in cohort.frames().items()},
        }
    files["dictionary.csv"] = csv_bytes(pd.DataFrame(entries))
    manifest = {
        "synthetic": "simulated data: no real participants, not evidence about a treatment",
        "command": _command(names, seed, subjects, on_request),
        "version": __version__,
        "cohorts": told,
        "files": {name: hash_of(content) for name, content in files.items()},
    }
    replace_folder(folder, files | {COHORTS_MANIFEST: json_bytes(manifest)}, COHORTS)
    return folder


def _command(names: tuple[str, ...], seed: int, subjects: int | None, on_request: OnRequest) -> str:
    """What to type to make the same cohorts again."""
    words = [PROGRAM, "simulate", *names, "--seed", str(seed)]
    words += [] if subjects is None else ["--subjects", str(subjects)]
    return " ".join([*words, *on_request.words])


ENROLMENT_DAYS = 365


def with_dates(
    frames: dict[str, pd.DataFrame], scenario: Scenario, seed: int, since: date
) -> dict[str, pd.DataFrame]:
    """The frames with calendar dates where they tell days; participants enrol over a year."""
    n = len(frames["subjects"])
    entered = np.concatenate(
        [Draws(seed, block).uniform("enrolment") for block in range(-(-n // BLOCK))]
    )[:n]
    enrolled = pd.Series(np.floor(ENROLMENT_DAYS * entered), frames["subjects"]["subject"])
    start = {phase: days_before(scenario, phase) for phase in scenario.phases}
    return {
        part: frame.assign(date=_dates(frame, enrolled, start, since)) if "day" in frame else frame
        for part, frame in frames.items()
    }


def _dates(
    frame: pd.DataFrame, enrolled: pd.Series, start: dict[str, float], since: date
) -> pd.Series:
    """Calendar dates of the days of a frame, as text."""
    days = frame["subject"].map(enrolled) + np.floor(frame["phase"].map(start) + frame["day"])
    dates = pd.Timestamp(since) + pd.to_timedelta(days.astype(float), unit="D")
    return dates.dt.strftime("%Y-%m-%d")


def days_before(scenario: Scenario, phase: str) -> float:
    """Days from the first dose of the study to that of a phase."""
    before = scenario.phases[phase].before
    if before is None:
        return 0.0
    crossing = scenario.phases[phase].crosses
    washout = 0.0 if crossing is None else crossing.washout_days
    return days_before(scenario, before) + scenario.phases[before].days + washout


def refuse_unknown(names: tuple[str, ...]) -> None:
    """A PlanError names what is no scenario."""
    known = ", ".join(scenario_names())
    problems = tuple(
        Problem(name, "a scenario", f"`{name}`", f"use one of: {known}")
        for name in names
        if name not in scenario_names()
    )
    if problems:
        raise PlanError("there is no such scenario", problems)


def _refuse_loss(names: tuple[str, ...], folder: Path) -> None:
    """Refuse to replace a folder that holds cohorts beside those asked for."""
    if not (folder / COHORTS_MANIFEST).exists():
        return
    others = sorted(
        set(json.loads((folder / COHORTS_MANIFEST).read_bytes())["cohorts"]) - set(names)
    )
    if others:
        problem = Problem(
            str(folder),
            "a folder of no other cohorts, as it is replaced whole",
            f"those of {', '.join(others)} too",
            "give another folder with --out, or name no scenario to make all anew",
        )
        raise CommandError("nothing is written", (problem,))


def _dictionary(
    name: str, cohort: Cohort, frames: dict[str, pd.DataFrame]
) -> Iterator[dict[str, str]]:
    """One entry a column of a cohort's files, and one a scale."""
    for part, frame in frames.items():
        for column in frame:
            key = str(column)
            meaning = MEANINGS.get((part, key)) or MEANINGS.get(("", key)) or FURTHER[part]
            yield _entry(name, part, key, meaning, frame[key])
    for measured, scores in cohort.visits.groupby("scale", sort=True)["score"]:
        scale = SCALES[str(measured)]
        words = f"{scale.label}; {scale.low:g} to {scale.high:g}, {scale.better} is better"
        yield _entry(name, "visits", f"score of {scale.name}", words, scores)


def _entry(cohort: str, file: str, column: str, meaning: str, values: pd.Series) -> dict[str, str]:
    if pd.api.types.is_bool_dtype(values):
        kind, seen = "yes or no", "False, True"
    elif pd.api.types.is_numeric_dtype(values):
        kind, seen = "number", f"{values.min():g} to {values.max():g}"
    else:
        levels = sorted(set(values.astype(str)))
        told = column != "subject" and len(levels) <= MOST_VALUES
        kind, seen = "text", ", ".join(levels) if told else f"{len(levels)} values"
    return {
        "cohort": cohort,
        "file": file,
        "column": column,
        "meaning": meaning,
        "type": kind,
        "values": seen,
    }


def standard_schedule(scenario: Scenario) -> dict[str, dict[str, float]]:
    """The scenario's visits; else weekly ones and the last day, and 24 hours in a short phase."""
    return {
        name: dict(phase.visits or _phase_schedule(phase.days))
        for name, phase in scenario.phases.items()
    }


def _phase_schedule(days: float) -> dict[str, float]:
    schedule = dict(EARLY_VISITS) if days < SHORT_PHASE_DAYS else {"Baseline": 0.0}
    last = int(days)
    assessed = sorted({*range(DAYS_BETWEEN_VISITS, last + 1, DAYS_BETWEEN_VISITS), last})
    return schedule | {f"Day {day + 1}": float(day) for day in assessed}
