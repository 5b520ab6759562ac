"""Free parameters and targets of a family of scenarios, and how far apart they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.calibration.replay import replay
from ketaoutcomes.cohorts.calibration.statistics import Achieved, achieved
from ketaoutcomes.cohorts.calibration.transforms import to_free, to_value
from ketaoutcomes.cohorts.evidence.parameters import Family, FreeParameter
from ketaoutcomes.cohorts.evidence.precision import on_scale_of_comparison, precision_of
from ketaoutcomes.cohorts.evidence.records import PublishedResult
from ketaoutcomes.cohorts.evidence.trials import Trial
from ketaoutcomes.cohorts.simulation.scenario import Scenario

FloatArray = NDArray[np.float64]

EFFECT = "effect"
"""Name of a trial's factor of the drug effect among its parameters."""

OF_RELAPSES = ("relapse.", "severity.deviation.when_stable")
"""Parameters that act in no trial but those in which subjects relapse."""

MORE_FOR_RELAPSE = 2
"""A trial of relapse is simulated in so many times more subjects: half of them enter its phase."""


@dataclass(frozen=True)
class Parameter:
    """A free parameter: of one trial, or of all where `trial` is None."""

    name: str
    trial: str | None
    spec: FreeParameter


@dataclass(frozen=True)
class Target:
    """A published result with its standard error."""

    result: PublishedResult
    std_error: float

    def residual(self, value: float) -> float:
        """Distance of a value from the published one in standard errors."""
        scaled = on_scale_of_comparison(self.result, value)
        return (scaled - on_scale_of_comparison(self.result, self.result.value)) / self.std_error


def target_of(result: PublishedResult) -> Target:
    """The target that a published result makes."""
    precision = precision_of(result)
    assert precision is not None
    return Target(result, precision.std_error)


@dataclass(frozen=True)
class Problem:
    """A family of scenarios with the trials and targets that it is fitted to.

    Attributes
    ----------
    scenarios : mapping
        By name.
    trials : mapping
        The trials that have targets, by name.
    targets : mapping
        By trial.
    """

    family: Family
    scenarios: Mapping[str, Scenario]
    trials: Mapping[str, Trial]
    targets: Mapping[str, tuple[Target, ...]]
    seed: int
    blocks: int
    _known: dict[tuple[object, ...], tuple[Achieved, ...]] = field(default_factory=dict)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Shared parameters, then those of each trial."""
        shared = [Parameter(name, None, spec) for name, spec in self.family.shared.items()]
        own = [
            Parameter(name, trial, spec)
            for trial in self.trials
            for name, spec in self._own_specs(trial).items()
        ]
        return (*shared, *own)

    def _own_specs(self, trial: str) -> dict[str, FreeParameter]:
        """Free parameters of a trial that its design does not fix."""
        replica = self.trials[trial].replica
        assert replica is not None
        specs = {n: s for n, s in self.family.trial.items() if n not in replica.set}
        effect = self.family.effect
        if effect is not None:
            specs[EFFECT] = FreeParameter(start=1, prior_sd=effect.prior_sd, low=0.02, high=8)
        return specs

    def moved_by(self, parameter: Parameter) -> tuple[str, ...]:
        """The trials whose targets a parameter can move."""
        if parameter.trial is not None:
            return (parameter.trial,)
        if not parameter.name.startswith(OF_RELAPSES):
            return tuple(self.trials)
        return tuple(trial for trial in self.trials if self._relapses(trial))

    def _relapses(self, trial: str) -> bool:
        replica = self.trials[trial].replica
        assert replica is not None
        return self.scenarios[replica.scenario].phases[replica.phase].relapses

    def start(self) -> FloatArray:
        """The centres of the priors on the transformed scale."""
        return np.array([to_free(p.spec, p.spec.start) for p in self.parameters])

    def values(self, free: FloatArray, trial: str) -> dict[str, float]:
        """Parameters of a trial by name."""
        return {
            parameter.name: to_value(parameter.spec, float(at))
            for parameter, at in zip(self.parameters, free, strict=True)
            if parameter.trial in (None, trial)
        }

    def achieved(self, trial: str, values: Mapping[str, float]) -> tuple[Achieved, ...]:
        """What the trial's replica gives for each of its targets; kept for the same values."""
        key = (trial, *sorted(values.items()))
        if key not in self._known:
            replica = self.trials[trial].replica
            assert replica is not None
            scenario = self.scenarios[replica.scenario]
            results = [target.result for target in self.targets[trial]]
            settings = scenario_settings(self.family, scenario, values)
            blocks = self.blocks * (MORE_FOR_RELAPSE if self._relapses(trial) else 1)
            arms = replay(scenario, replica, settings, results, self.seed, blocks)
            self._known[key] = tuple(achieved(result, arms) for result in results)
        return self._known[key]

    def residuals(self, trial: str, values: Mapping[str, float]) -> FloatArray:
        """Standardised residuals of a trial."""
        found = self.achieved(trial, values)
        return np.array(
            [t.residual(a.value) for t, a in zip(self.targets[trial], found, strict=True)]
        )

    def forget(self) -> None:
        """Drop what was simulated, to free memory."""
        self._known.clear()


def scenario_settings(
    family: Family, scenario: Scenario, values: Mapping[str, float]
) -> dict[str, object]:
    """Values by dotted path, the trial's effect multiplied into those that it scales."""
    settings: dict[str, object] = {name: v for name, v in values.items() if name != EFFECT}
    factor = values.get(EFFECT, 1.0)
    for path in () if family.effect is None else family.effect.scales:
        base = values[path] if path in values else _value_at(scenario, path)
        settings[path] = factor * base
    return settings


def _value_at(scenario: Scenario, path: str) -> float:
    """A number of a scenario by its dotted path."""
    here: object = scenario
    for step in path.split("."):
        here = getattr(here, step)
    assert isinstance(here, float | int)
    return float(here)
