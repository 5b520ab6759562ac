"""Write synthetic cohorts as CSV files with a data dictionary and a manifest."""

from pathlib import Path

import pandas as pd

from ketaoutcomes import __version__
from ketaoutcomes.disk import csv_bytes, hash_of, json_bytes, write_folder
from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.simulate.scenario import Scenario, read_scenario, scenario_names
from ketaoutcomes.simulate.simulate import simulate

DAYS_BETWEEN_VISITS = 7
EARLY_VISITS = {"Baseline": 0.0, "24 hours": 1.0}
SHORT_PHASE_DAYS = 60

DICTIONARY: tuple[tuple[str, str, str], ...] = (
    ("all", "subject", "identifier of the subject"),
    ("all", "phase", "phase of the study"),
    ("subjects", "(others)", "covariates at entry"),
    ("assignments", "arm", "treatment assigned in the phase"),
    ("assignments", "(others)", "stratification factors of the phase"),
    ("visits", "visit", "scheduled assessment; the first of a phase is its baseline"),
    ("visits", "day", "days since the first dose of the phase"),
    ("visits", "scale", "rating scale"),
    ("visits", "score", "total score"),
    ("events", "day", "days since the first dose of the phase"),
    ("events", "event", "what happened"),
    ("follow_up", "last_day", "last day under observation in the phase"),
    ("follow_up", "reason", "completed, or why the subject left"),
    ("adverse_events", "day", "day of onset, since the first dose of the phase"),
    ("adverse_events", "soc", "system organ class"),
    ("adverse_events", "term", "preferred term"),
    ("adverse_events", "severity", "mild, moderate or severe"),
    ("adverse_events", "serious", "whether it met a criterion of seriousness"),
    ("adverse_events", "related", "whether the investigator held it related to treatment"),
    ("exposure", "day", "day of a dose taken"),
    ("exposure", "dose", "amount, 0 for placebo"),
    ("exposure", "unit", "unit of the amount"),
    ("exposure", "route", "route of administration"),
)


def publish_cohorts(names: tuple[str, ...], folder: Path, seed: int, subjects: int | None) -> Path:
    """Write one folder with a cohort of each scenario.

    Raises
    ------
    PlanError
        If a scenario is not known.
    """
    unknown = [name for name in names if name not in scenario_names()]
    if unknown:
        known = ", ".join(scenario_names())
        raise PlanError(
            "there is no such scenario",
            tuple(
                Problem(name, "a scenario", f"`{name}`", f"use one of: {known}") for name in unknown
            ),
        )
    files: dict[str, bytes] = {}
    cohorts = {}
    for name in names or scenario_names():
        scenario = read_scenario(name)
        cohort = simulate(scenario, name, standard_schedule(scenario), seed, subjects)
        files |= {f"{name}/{part}.csv": csv_bytes(frame) for part, frame in cohort.frames().items()}
        cohorts[name] = {"label": scenario.label, "subjects": len(cohort.subjects), "seed": seed}
    dictionary = pd.DataFrame(DICTIONARY, columns=["file", "column", "meaning"])
    files["dictionary.csv"] = csv_bytes(dictionary)
    manifest = {
        "synthetic": "no person stands behind any row of these files",
        "version": __version__,
        "cohorts": cohorts,
        "sha256": {name: hash_of(content) for name, content in files.items()},
    }
    write_folder(folder, files | {"MANIFEST.json": json_bytes(manifest)})
    return folder


def standard_schedule(scenario: Scenario) -> dict[str, dict[str, float]]:
    """The scenario's visits; else weekly ones, and one at 24 hours in a short phase."""
    return {
        name: dict(phase.visits or _phase_schedule(phase.days))
        for name, phase in scenario.phases.items()
    }


def _phase_schedule(days: float) -> dict[str, float]:
    schedule = dict(EARLY_VISITS) if days < SHORT_PHASE_DAYS else {"Baseline": 0.0}
    weekly = range(DAYS_BETWEEN_VISITS, int(days) + 1, DAYS_BETWEEN_VISITS)
    return schedule | {f"Day {day + 1}": float(day) for day in weekly}
