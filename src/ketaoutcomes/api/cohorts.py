"""Cohorts of people who never lived, as frames, with what is true of them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import pandas as pd

from ketaoutcomes.api.plans import Plan, read_plan
from ketaoutcomes.api.shown import Summary
from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.counterfactual import LEAST_SUBJECTS, TRUTH_SEED, forced_arms
from ketaoutcomes.cohorts.publish import refuse_unknown, standard_schedule
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate as simulate_cohort
from ketaoutcomes.cohorts.simulation.simulate import simulate_in_parts as simulate_parts
from ketaoutcomes.cohorts.truth import true_values
from ketaoutcomes.errors import PlanError, did_you_mean
from ketaoutcomes.plan import AnalysisPlan

KEYS = ["phase", "scale", "visit", "day"]


@dataclass(frozen=True, repr=False)
class SimulatedCohort:
    """A synthetic cohort.

    Attributes
    ----------
    name : str
        The scenario.
    scenario : Scenario
    cohort : Cohort
    """

    name: str
    scenario: Scenario
    cohort: Cohort

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """What was observed, by name: subjects, assignments, visits, events ..."""
        return self.cohort.frames()

    def __getitem__(self, name: str) -> pd.DataFrame:
        """One of the frames.

        Raises
        ------
        KeyError
            If there is none of this name.
        """
        if name not in self.frames:
            known = f"use one of: {', '.join(self.frames)}"
            raise KeyError(f"no frame `{name}`; {did_you_mean(name, self.frames) or known}")
        return self.frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def truth(self, plan: Plan | None = None, *, subjects: int = LEAST_SUBJECTS) -> pd.DataFrame:
        """What is true in the scenario, whatever became of this cohort.

        Parameters
        ----------
        plan : optional
            A plan on the scenario: the true value of each of its estimands.
        subjects : int
            Without a plan: of how many the means are taken.

        Returns
        -------
        DataFrame
            With a plan, rows of results. Else the mean score of each scale, visit and arm, had all
            been given that arm and been seen to the end, whatever they did meanwhile; the error is
            that of the simulation.

        Raises
        ------
        PlanError
            If the plan is at fault, or on another scenario.
        """
        if plan is None:
            parts = [
                part for phase in self.scenario.phases for part in self._means(phase, subjects)
            ]
            return pd.concat(parts, ignore_index=True)
        read = plan if isinstance(plan, AnalysisPlan) else read_plan(plan)
        synthetic = read.data.synthetic
        if synthetic is None or synthetic.scenario != self.name:
            found = "real data" if synthetic is None else f"the scenario `{synthetic.scenario}`"
            raise PlanError(f"the plan is on {found}, and the cohort is of `{self.name}`")
        rows = [asdict(row) for row in true_values(read)]
        names = ("estimand", "phase", "visit", "arm", "reference", "statistic", "estimate")
        return pd.DataFrame(rows, columns=[*names, "std_error", "unit"])

    def _means(self, phase: str, subjects: int) -> Iterator[pd.DataFrame]:
        """The mean scores of a phase under each of its arms."""
        schedule = standard_schedule(self.scenario)
        for arm in self.scenario.phases[phase].arms:
            arms = tuple(forced_arms(self.scenario, phase, arm))
            regime = Regime(arms=arms, missing=False, safety=False, subjects_a_set_of_sites=1)
            wanted = {name: schedule[name] for name in dict(arms)}
            world = simulate_cohort(self.scenario, self.name, wanted, TRUTH_SEED, subjects, regime)
            visits = world.visits[world.visits["phase"] == phase]
            days = visits.groupby("visit")["day"].transform("median")
            scores = visits.assign(day=days).groupby(KEYS, sort=False)["score"]
            found = scores.agg(estimate="mean", std_error="sem", n="size").reset_index()
            yield found.assign(arm=arm)[[*KEYS, "arm", "estimate", "std_error", "n"]]

    def summary(self) -> Summary:
        """The frames and their sizes."""
        sizes = [(name, len(f), ", ".join(map(str, f.columns))) for name, f in self.frames.items()]
        frame = pd.DataFrame(sizes, columns=["frame", "rows", "columns"])
        note = "Simulated data, no real patients, not for clinical decisions."
        return Summary(f"{self.scenario.label} (seed {self.cohort.source.seed})", frame, (note,))

    def __repr__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


def simulate(
    scenario: str, *, subjects: int | None = None, seed: int, processes: int = 1
) -> SimulatedCohort:
    """Simulate a cohort of a scenario, at the visits that the command `simulate` writes.

    Parameters
    ----------
    scenario : str
        One of `python -m ketaoutcomes list`.
    subjects : int, optional
        Default: the scenario's.
    seed : int
        The same seed gives the same cohort.
    processes : int
        How many work at it; the cohort is the same for any number.

    Raises
    ------
    PlanError
        If there is no such scenario, or the numbers are out of range.
    """
    read = _known(scenario, subjects, seed)
    schedule = standard_schedule(read)
    cohort = simulate_cohort(read, scenario, schedule, seed, subjects, processes=processes)
    return SimulatedCohort(scenario, read, cohort)


def simulate_in_parts(scenario: str, *, subjects: int, seed: int) -> Iterator[SimulatedCohort]:
    """Simulate the cohort of `simulate` some thousand subjects at a time.

    For cohorts beyond memory: no part is held once the next is asked for.

    Parameters
    ----------
    scenario, subjects, seed
        As of `simulate`.

    Raises
    ------
    PlanError
        If there is no such scenario, or the numbers are out of range.
    """
    read = _known(scenario, subjects, seed)
    parts = simulate_parts(read, scenario, standard_schedule(read), seed, subjects)
    return (SimulatedCohort(scenario, read, part) for part in parts)


def _known(scenario: str, subjects: int | None, seed: int) -> Scenario:
    refuse_unknown((scenario,))
    if seed < 0 or (subjects is not None and subjects < 1):
        raise PlanError("`seed` is 0 or more, and `subjects` 1 or more")
    return read_scenario(scenario)
