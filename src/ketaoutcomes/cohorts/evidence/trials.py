"""A published trial, and how a scenario is set to replay it."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.cohorts.evidence.records import Among, Reason, Statistic
from ketaoutcomes.plan.parts import Label, Name, PlanPart

Settings = dict[str, float | str | bool | None]
"""Values of a scenario by dotted path: `severity.baseline.mean: 37.4`."""


class ReplicaArm(PlanPart):
    """An arm of the trial.

    Attributes
    ----------
    like : str
        The scenario's arm whose treatment it takes; default: that of its own name.
    treatment : dict
        Its treatment as a scenario writes it; what is not written is the scenario's own.
    stratum : {"yes", "no"}
        Only subjects in or out of the phase's stratum.
    set : dict
        Values that hold for this arm alone.
    """

    like: Name | None = None
    treatment: dict[str, Any] = Field(default_factory=dict)
    stratum: Literal["yes", "no"] | None = None
    set: Settings = Field(default_factory=dict)


class Replica(PlanPart):
    """A scenario set to the design of a trial.

    Attributes
    ----------
    scenario, phase : str
        The scenario, and the phase in which the trial's arms are compared.
    days : float
        Length of that phase, where it is not the scenario's.
    visits : tuple of float
        Days of the trial's visits in that phase, where they are not the scenario's.
    adverse_events : bool
        Whether the scenario's adverse events are this trial's.
    relapse_events : tuple of str
        Events that count as relapse beside two high scores in a row.
    assumed : str
        What is assumed of the design, because the record does not say.
    """

    scenario: Name
    phase: Name
    arms: dict[Name, ReplicaArm] = Field(min_length=1)
    set: Settings = Field(default_factory=dict)
    days: float | None = Field(default=None, gt=0)
    visits: tuple[float, ...] = Field(default=(), strict=False)
    adverse_events: bool = False
    relapse_events: tuple[Label, ...] = Field(default=(), strict=False)
    assumed: Label | None = None


class Comparison(PlanPart):
    """A scenario as a user gets it, and which of its arms stand for those of a trial.

    Attributes
    ----------
    scenario, phase : str
        The scenario, and the phase in which the trial's arms are.
    arms : dict
        The trial's arms, each with the scenario's arm and stratum; nothing is set.
    statistics : tuple of str
        The only kinds of results that can be compared; all where none is named.
    otherwise : str
        Why other kinds cannot be.
    until_day : float
        The last day on which both have had the same treatment, where it is not the phase's last.
    among : dict
        The participants of the scenario who are the trial's population, by covariate.
    relapse_events : tuple of str
        Events that count as relapse beside two high scores in a row.
    scales : dict
        Scales of the trial for which another one of the scenario stands.
    assumed : str
        What is assumed, because trial and scenario differ in it.
    """

    scenario: Name
    phase: Name
    arms: dict[Name, ReplicaArm] = Field(min_length=1)
    statistics: tuple[Statistic, ...] = Field(default=(), strict=False)
    otherwise: Reason = "treatment in no scenario"
    until_day: float | None = Field(default=None, gt=0)
    among: Among = Field(default_factory=dict, strict=False)
    relapse_events: tuple[Label, ...] = Field(default=(), strict=False)
    scales: dict[Label, Label] = Field(default_factory=dict)
    assumed: Label | None = None

    @model_validator(mode="after")
    def _is_as_shipped(self) -> Self:
        if any(arm.set or arm.treatment for arm in self.arms.values()):
            raise ValueError("a comparison sets nothing: a user gets the scenario as it is")
        return self


class Trial(PlanPart):
    """A published trial, meta-analysis or cohort.

    Attributes
    ----------
    replica : Replica
        The scenario set to the trial's design, for the fit.
    shipped : tuple of Comparison
        The scenarios that are about its population and treatment, as users get them.
    not_shipped : str
        Why no scenario can be compared with it.
    pools : int
        How many trials its results pool; the spread between trials falls with its root.
    """

    label: Label
    condition: Label
    design: Label
    replica: Replica | None = None
    not_simulated: Label | None = None
    shipped: tuple[Comparison, ...] = Field(default=(), strict=False)
    not_shipped: Reason | None = None
    pools: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _is_compared_or_says_why(self) -> Self:
        if self.shipped and self.not_shipped is not None:
            raise ValueError("a trial takes at most one of `shipped` and `not_shipped`")
        return self
