"""Scenarios: what a synthetic study is made of, read from the package's own YAML files."""

from functools import cache
from importlib.resources import files
from typing import Any, Self

import numpy as np
from pydantic import Field, model_validator

from ketaoutcomes.cohorts.simulation.covariates import correlation_of, whole_numbers
from ketaoutcomes.cohorts.simulation.parts_course import (
    AcuteEffect,
    FurtherScale,
    Mediator,
    Modifier,
    ScenarioScale,
    Severity,
)
from ketaoutcomes.cohorts.simulation.parts_design import (
    Covariate,
    Numeric,
    ScenarioPhase,
    Sites,
    TrialSpread,
)
from ketaoutcomes.cohorts.simulation.parts_events import (
    AdverseEvent,
    Costs,
    Discontinuation,
    Relapse,
    StudyEvent,
)
from ketaoutcomes.plan.parts import Name, PlanPart
from ketaoutcomes.runs.kept import kept
from ketaoutcomes.scales import SCALES


class Calibration(PlanPart):
    """A trial whose published results the parameters are fitted to, with the ids of the results.

    Each of them is scored for the scenario as it ships, and written here by
    `python -m ketaoutcomes calibrate --write`.
    """

    trial: Name
    results: tuple[str, ...] = Field(min_length=1, strict=False)
    source: str


class Scenario(PlanPart):
    """A synthetic study."""

    label: str
    claims: tuple[Name, ...] = Field(strict=False)
    scale: ScenarioScale
    items: bool = Field(default=False, description="whether items are told besides their totals")
    subjects: int = Field(ge=4)
    calibrated_to: tuple[Calibration, ...] = Field(strict=False)
    covariates: dict[Name, Covariate] = Field(default_factory=dict)
    covariates_together: dict[Name, dict[Name, float]] = Field(
        default_factory=dict,
        description="correlations of the normal scores of covariates; levels rank as written",
    )
    sites: Sites | None = None
    modifiers: dict[Name, Modifier] = Field(default_factory=dict)
    phases: dict[Name, ScenarioPhase]
    severity: Severity
    between_trials: TrialSpread = TrialSpread()
    further_scales: dict[str, FurtherScale] = Field(default_factory=dict)
    mediators: dict[str, Mediator] = Field(default_factory=dict)
    acute: dict[str, AcuteEffect] = Field(default_factory=dict)
    discontinuation: Discontinuation
    missing_visit: float = Field(ge=0, lt=1)
    missed_session: float = Field(
        default=0.03, ge=0, lt=1, description="chance to miss a session after the first"
    )
    relapse: Relapse | None = None
    events: dict[str, StudyEvent] = Field(default_factory=dict)
    adverse_events: dict[str, AdverseEvent] = Field(default_factory=dict)
    costs: Costs | None = None

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        measured = {*self.further_scales, *self.mediators, *self.acute, *self.scale.measured}
        unknown = sorted(measured - set(SCALES))
        if unknown:
            raise ValueError(f"scales that the package does not know: {', '.join(unknown)}")
        unknown = sorted(set(self.modifiers) - set(self.covariates))
        if unknown:
            raise ValueError(f"modifiers that are not covariates: {', '.join(unknown)}")
        self._refuse_impossible_covariates()
        later = [
            name for name, phase in self.phases.items() if phase.before not in (None, *self.phases)
        ]
        if later:
            raise ValueError(f"phases that follow none of the study: {', '.join(later)}")
        if self.relapse is None and any(phase.relapses for phase in self.phases.values()):
            raise ValueError("a phase with relapses needs the block `relapse`")
        return self

    def _refuse_impossible_covariates(self) -> None:
        """A ValueError where no people can be like that."""
        together = self.covariates_together
        linked = {*together, *(other for others in together.values() for other in others)}
        unknown = sorted(linked - set(self.covariates))
        if unknown:
            raise ValueError(f"no covariates to go together: {', '.join(unknown)}")
        for covariate in self.covariates.values():
            if isinstance(covariate, Numeric):
                whole_numbers(covariate)
        if np.linalg.eigvalsh(correlation_of(tuple(self.covariates), together)).min(initial=1) <= 0:
            raise ValueError("`covariates_together` holds correlations that exclude each other")


def scenario_names() -> tuple[str, ...]:
    """Names of the scenarios that the package has."""
    folder = files("ketaoutcomes").joinpath("cohorts", "scenarios")
    return tuple(
        sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))
    )


@cache
def read_scenario(name: str) -> Scenario:
    """The scenario of this name; parsed once, since every chunk of a power simulation asks for it.

    Raises
    ------
    KeyError
        If there is none.
    """
    if name not in scenario_names():
        raise KeyError(name)
    place = files("ketaoutcomes").joinpath("cohorts", "scenarios", f"{name}.yaml")
    text = place.read_text(encoding="utf-8")
    return Scenario.model_validate(kept("scenario", text, lambda: _parsed(text)))


def _parsed(text: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 - not needed where an earlier run has parsed it

    return YAML(typ="safe", pure=True).load(text)
