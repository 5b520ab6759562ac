"""The plan that is run, and its cohort."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.simulation.new_trials import factors_of_first_trial, first_trial
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario, scenario_names
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.cohorts.simulation.sites import with_sites
from ketaoutcomes.cohorts.written import written_cohort
from ketaoutcomes.errors import DataError, PlanError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.data import SyntheticData
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.remarks import Remark
from ketaoutcomes.runs.disk import csv_hash

if TYPE_CHECKING:  # the readers of files are slow to import, and a scenario needs none
    from pathlib import Path

    from ketaoutcomes.data.frames import Frames

HOURS_PER_DAY = 24
DECIMALS_OF_DAYS = 6


def narrow_plan(plan: AnalysisPlan, only: tuple[str, ...], seed: int | None) -> AnalysisPlan:
    """The plan with only some analyses, or another seed.

    Raises
    ------
    PlanError
        If an analysis is not in the plan, or a seed is given for real data.
    """
    problems = [
        Problem(
            "--only",
            "an analysis of the plan",
            f"`{name}`",
            _nearest(name, plan.analyses),
        )
        for name in only
        if name not in plan.analyses
    ]
    if seed is not None and plan.data.synthetic is None:
        problems.append(
            Problem("--seed", "a plan on synthetic data", "real data", "leave --seed out")
        )
    if problems:
        raise PlanError("the command does not fit the plan", tuple(problems))
    changes: dict[str, object] = {}
    if only:
        changes["analyses"] = {n: a for n, a in plan.analyses.items() if n in only}
        changes["multiplicity"] = {
            name: family
            for name, family in plan.multiplicity.items()
            if all(h.analysis in only for h in family.hypotheses.values())
        }
    if seed is not None and plan.data.synthetic is not None:
        synthetic = plan.data.synthetic.model_copy(update={"seed": seed})
        changes["data"] = plan.data.model_copy(update={"synthetic": synthetic})
    return plan.model_copy(update=changes)


def obtain_cohort(
    plan: AnalysisPlan, place: "Path | Frames | None"
) -> tuple[Cohort, tuple[tuple[str, str], ...]]:
    """Simulate or load the cohort; with it the SHA-256 of each of its files or frames.

    Parameters
    ----------
    place : Path, Frames or None
        The folder of the files that the plan names, or frames in their place. None simulates the
        cohort of a plan on synthetic data; the folder of a cohort that `simulate` wrote is read
        instead.

    Raises
    ------
    PlanError
        If the scenario does not have the plan's phases or arms.
    DataError
        If the files do not keep the plan's contract.
    """
    synthetic = plan.data.synthetic
    if synthetic is None:
        from ketaoutcomes.data.load import load_cohort  # noqa: PLC0415 - slow to import

        assert place is not None
        cohort = grouped(plan, load_cohort(plan, place))
        return cohort, cohort.source.sha256s
    scenario = scenario_of(plan)
    if place is not None:
        cohort, hashes = written_cohort(plan, read_scenario(synthetic.scenario), place)
        return grouped(plan, cohort), hashes
    cohort = simulate(
        scenario,
        synthetic.scenario,
        schedule_of(plan),
        synthetic.seed,
        synthetic.subjects,
        lean=True,
    )
    remarks = (*_arms_left_out(plan, synthetic.scenario), *_another_trial(synthetic))
    source = replace(cohort.source, remarks=remarks)
    cohort = grouped(plan, replace(cohort, source=source))
    return cohort, tuple((name, csv_hash(frame)) for name, frame in cohort.frames().items())


def _another_trial(synthetic: SyntheticData) -> Iterator[Remark]:
    """How far the new trial that a plan asks for is from the typical one."""
    if synthetic.trial == "typical":
        return
    factors = factors_of_first_trial(read_scenario(synthetic.scenario), synthetic.seed)
    yield Remark(
        f"This is a new trial of scenario `{synthetic.scenario}`: its drug effect is "
        f"{factors['drug']:.2f} times and its placebo response {factors['placebo']:.2f} times that "
        "of the typical trial. True values are those of this trial",
        remedy="Another `seed` draws another trial; `trial: typical` takes the scenario as it is",
    )


def _arms_left_out(plan: AnalysisPlan, name: str) -> Iterator[Remark]:
    """Phases of which the plan has some of the scenario's arms: these share the participants."""
    scenario = read_scenario(name)
    for key, phase in plan.phases.items():
        every = scenario.phases[key].arms
        if phase.arms_by is None and len(phase.arms) < len(every):
            share = (
                "which has all the participants"
                if phase.only_arm
                else "which share all the participants in their allocation ratio"
            )
            yield Remark(
                f"Of the {len(every)} arms that scenario `{name}` has in phase `{key}`, the plan "
                f"names {len(phase.arms)}, {share}"
            )


def grouped(plan: AnalysisPlan, cohort: Cohort) -> Cohort:
    """The cohort with the levels of a covariate as arms, in the phases that ask for it.

    Raises
    ------
    DataError
        If there is no such covariate, or it has a level that is none of the phase's arms.
    """
    assignments = cohort.assignments
    for name, phase in plan.phases.items():
        if phase.arms_by is None:
            continue
        levels = _levels(cohort, name, phase)
        here = assignments["phase"] == name
        assignments = assignments.assign(
            arm=assignments["arm"].mask(here, assignments["subject"].map(levels))
        )
    return replace(cohort, assignments=assignments)


def _levels(cohort: Cohort, name: str, phase: Phase) -> pd.Series:
    """The level of each subject of a phase."""
    covariate, subjects = str(phase.arms_by), cohort.subjects
    members = cohort.assignments.loc[cohort.assignments["phase"] == name, "subject"]
    place = f"the plan, phases.{name}.arms_by"
    if covariate not in subjects:
        known = ", ".join(str(column) for column in subjects if column != "subject")
        problem = Problem(
            place, "a covariate of the participants", f"`{covariate}`", f"use: {known}"
        )
        raise DataError("the cohort does not fit the plan", (problem,))
    levels = subjects.set_index("subject")[covariate].astype(str)
    found = sorted(set(levels.reindex(members).dropna()) - set(phase.arms))
    if found:
        problem = Problem(
            place, f"levels: {', '.join(phase.arms)}", ", ".join(found), "name them under `arms`"
        )
        raise DataError("the cohort does not fit the plan", (problem,))
    return levels


def schedule_of(plan: AnalysisPlan) -> dict[str, dict[str, float]]:
    """Days of the visits of each phase, to the sixth decimal, as scenarios and files hold them."""
    return {
        name: {
            visit: round(when.hours_after_first_dose / HOURS_PER_DAY, DECIMALS_OF_DAYS)
            for visit, when in phase.schedule().items()
        }
        for name, phase in plan.phases.items()
    }


def scenario_of(plan: AnalysisPlan) -> Scenario:
    """The plan's scenario with the plan's arms, if it has the plan's phases and arms.

    Arms of the scenario that the plan leaves out have no participants: those of the plan share
    them, in the ratio that the scenario has for them. Where the plan asks for a new trial, its
    effects are those of the trial of the plan's seed.
    """
    assert plan.data.synthetic is not None
    name = plan.data.synthetic.scenario
    if name not in scenario_names():
        problem = Problem(
            "the plan, data.synthetic.scenario",
            "a known scenario",
            f"`{name}`",
            _nearest(name, scenario_names()),
        )
        raise PlanError("there is no such scenario", (problem,))
    scenario = read_scenario(name)
    if plan.data.synthetic.trial == "new":
        scenario = first_trial(scenario, plan.data.synthetic.seed)
    if plan.data.synthetic.sites is not None:
        scenario = with_sites(scenario, plan.data.synthetic.sites)
    problems = [
        problem for phase in plan.phases for problem in _phase_problems(plan, phase, name, scenario)
    ]
    if problems:
        raise PlanError("the plan does not fit its scenario", tuple(problems))
    narrowed = _with_arms_of(plan, scenario)
    problems = [
        problem
        for phase in plan.phases
        for problem in _arms_that_lead_nowhere(phase, scenario, narrowed)
    ]
    if problems:
        raise PlanError("the plan does not fit its scenario", tuple(problems))
    return narrowed


def _with_arms_of(plan: AnalysisPlan, scenario: Scenario) -> Scenario:
    """The scenario with the arms of the plan alone; groups by a covariate are not allocated."""
    phases = dict(scenario.phases)
    for name, phase in plan.phases.items():
        if phase.arms_by is None:
            there = phases[name]
            arms = {arm: dosing for arm, dosing in there.arms.items() if arm in phase.arms}
            phases[name] = there.model_copy(update={"arms": arms})
    return scenario.model_copy(update={"phases": phases})


def _arms_that_lead_nowhere(
    phase: str, scenario: Scenario, narrowed: Scenario
) -> Iterator[Problem]:
    """A phase that participants enter by their arm of the phase before, of which it is taken out.

    Whoever keeps an arm, or crosses over to the next, needs the same arms in both phases.
    """
    here = narrowed.phases[phase]
    if here.before is None:
        return
    before = narrowed.phases[here.before].arms
    if here.enters is not None and here.enters.arm not in (None, *before):
        yield Problem(
            f"the plan, phases.{here.before}.arms",
            f"the arm `{here.enters.arm}`, from which the participants of `{phase}` come",
            "a plan without it",
            f"add `{here.enters.arm}` to the arms of phase `{here.before}`",
        )
    carried = here.crosses is not None or (here.enters is not None and here.enters.keeps_arm)
    if carried and _places(here.before, scenario, narrowed) != _places(phase, scenario, narrowed):
        yield Problem(
            f"the plan, phases.{phase}.arms",
            f"the arms of phase `{here.before}`, which its participants bring along: "
            f"{', '.join(before)}",
            ", ".join(here.arms),
            "name the same arms in both phases",
        )


def _places(phase: str, scenario: Scenario, narrowed: Scenario) -> list[int]:
    """Which of the scenario's arms of a phase are left."""
    left = narrowed.phases[phase].arms
    return [place for place, arm in enumerate(scenario.phases[phase].arms) if arm in left]


def _phase_problems(
    plan: AnalysisPlan, phase: str, name: str, scenario: Scenario
) -> Iterable[Problem]:
    """Phases, arms and visits of the plan that the scenario cannot give."""
    if phase not in scenario.phases:
        yield Problem(
            f"the plan, phases.{phase}",
            f"a phase of {name}",
            f"`{phase}`",
            _nearest(phase, scenario.phases),
        )
        return
    arms = scenario.phases[phase].arms
    for arm in plan.phases[phase].arms if plan.phases[phase].arms_by is None else ():
        if arm not in arms:
            yield Problem(
                f"the plan, phases.{phase}.arms",
                f"an arm of {name}",
                f"`{arm}`",
                _nearest(arm, arms),
            )
    if not plan.phases[phase].schedule():
        yield Problem(
            f"the plan, phases.{phase}.visits",
            "the visits to simulate",
            "none",
            "add `visits:` to the phase",
        )
    before = scenario.phases[phase].enters
    if before is not None and before.phase not in plan.phases:
        yield Problem(
            f"the plan, phases.{phase}",
            f"the phase `{before.phase}`, from which its participants come",
            "a plan without it",
            f"add the phase `{before.phase}`",
        )


def _nearest(name: str, choices: Iterable[str]) -> str:
    known = list(choices)
    close = get_close_matches(name, known, n=1)
    return f"did you mean `{close[0]}`?" if close else f"use one of: {', '.join(known)}"
