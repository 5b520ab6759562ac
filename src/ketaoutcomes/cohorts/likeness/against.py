"""A scenario against the real data of a plan, as the command asks for it."""

from pathlib import Path

from ketaoutcomes.cohorts.calibration.replay import with_values
from ketaoutcomes.cohorts.evidence.settings import SETTINGS
from ketaoutcomes.cohorts.likeness.compare import DRAWS, Comparison, Likeness, compared
from ketaoutcomes.cohorts.obtain import obtain_cohort
from ketaoutcomes.cohorts.publish import refuse_unknown
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario
from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan

SEED = 1
TRIALS = 30
"""Samples of the scenario that stand for a real trial: the ends of a range are known to 0.01."""

GAPS = {"own": "of the scenario", "real": "of the real participants"}
CLASSIFIERS = {"trees": "randomised trees", "logistic": "logistic regression"}


def told_apart(
    scenarios: tuple[str, ...],
    path: Path,
    data: Path | None,
    scale: str | None,
    setting: str | None = None,
) -> list[str]:
    """The lines of a table: how well each classifier tells real participants from synthetic ones.

    Parameters
    ----------
    scenarios : tuple of str
        The one scenario.
    path : Path
        The plan of the real data.
    data : Path or None
        Where the files stand; None for the folder of the plan.
    scale : str or None
        None for that of the first endpoint with one.
    setting : str or None
        One of the settings whose participants stop as early as published; None for the scenario's
        own.

    Raises
    ------
    PlanError
        If scenario, plan and scale do not go together.
    DataError
        If the data do not fit the plan.
    """
    refuse_unknown(scenarios)
    plan = read_plan(path)[0]
    if len(scenarios) != 1:
        raise _refused(
            "the command", "one scenario", f"{len(scenarios)}", "name one before --against"
        )
    scenario = read_scenario(scenarios[0])
    if setting is not None:
        shape = SETTINGS[setting].shape
        scenario = with_values(scenario, {"discontinuation.shape": shape})
    _refuse_misfit(plan, scenario, path)
    scales = [s for e in plan.endpoints.values() if (s := getattr(e, "scale", None)) is not None]
    if not scales or (scale is not None and scale not in scales):
        known = ", ".join(dict.fromkeys(scales)) or "none"
        raise _refused("--scale", "a scale of the endpoints", f"{scale}", f"use one of: {known}")
    cohort, _ = obtain_cohort(plan, data or path.parent)
    chosen = scale or scales[0]
    return _lines(
        compared(plan, cohort, scenario, chosen, SEED, DRAWS, TRIALS), scenarios[0], chosen
    )


def _refuse_misfit(plan: AnalysisPlan, scenario: Scenario, path: Path) -> None:
    """A PlanError where the plan has no real data, or more phases than the scenario."""
    if plan.data.synthetic is not None:
        fix = "name a plan whose data are read from files"
        raise _refused(str(path), "a plan on real data", "synthetic data", fix)
    if len(plan.phases) > len(scenario.phases):
        found = f"{len(plan.phases)} phases"
        raise _refused(
            str(path), f"at most {len(scenario.phases)} phases", found, "use another scenario"
        )
    if not all(phase.schedule() for phase in plan.phases.values()):
        raise _refused(str(path), "visits in each phase", "none", "add `visits:` to the phase")


def _refused(place: str, expected: str, found: str, fix: str) -> PlanError:
    return PlanError("the comparison was not made", (Problem(place, expected, found, fix),))


def _lines(found: Comparison, scenario: str, scale: str) -> list[str]:
    head = f"{'missing values':<28}{'classifier':<24}{'AUC':>6}{'SD':>7}{'itself':>9}{'chance':>14}"
    rows = [
        f"{GAPS[row.gaps]:<28}{CLASSIFIERS[row.classifier]:<24}"
        f"{row.area:>6.2f}{row.spread:>7.2f}{row.itself:>9.2f}{_range(row):>14}"
        for row in found.classifiers
    ]
    told = f"{'most distinguishing feature':<52}{'AUC':>6}{'real':>9}{'synthetic':>12}"
    features = [
        f"{row.feature:<52}{row.area:>6.2f}{row.real:>9.2f}{row.synthetic:>12.2f}"
        for row in found.features
    ]
    moves = f"{'steps from visit to visit':<58}{'real':>9}{'synthetic':>12}"
    steps = [f"{row.measure:<58}{row.real:>9.2f}{row.synthetic:>12.2f}" for row in found.steps]
    said = (
        f"Real participants against those of `{scenario}`, {scale}; 0.5 is by chance. "
        "`itself` compares two samples of the scenario; `chance` holds 95% of trials that are "
        "samples of it."
    )
    return [head, *rows, "", told, *features, "", moves, *steps, "", said]


def _range(row: Likeness) -> str:
    return "" if row.chance is None else f"{row.chance[0]:.2f} to {row.chance[1]:.2f}"
