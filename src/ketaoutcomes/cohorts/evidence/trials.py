"""A published trial, and how a scenario is set to replay it."""

from typing import Any, Literal

from pydantic import Field

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


class Trial(PlanPart):
    """A published trial, meta-analysis or cohort."""

    label: Label
    condition: Label
    design: Label
    replica: Replica | None = None
    not_simulated: Label | None = None
