"""A published trial, and how a scenario is set to replay it."""

from pydantic import Field

from ketaoutcomes.plan.parts import Label, Name, PlanPart

Setting = float | int | str | bool | list[float] | dict[str, float]


class ReplicaArm(PlanPart):
    """An arm of the trial: the treatment as a scenario writes it, and what is its own."""

    treatment: dict[str, object] = Field(default_factory=dict)
    set: dict[str, float] = Field(default_factory=dict)


class Replica(PlanPart):
    """A scenario set to the design of a trial.

    Attributes
    ----------
    scenario, phase : str
        The scenario and the phase in which the trial's arms are compared.
    arms : dict
        The trial's arms by name; an empty treatment keeps the scenario's arm of that name.
    set : dict
        Values of the scenario by dotted path: `severity.baseline.mean: 37.4`.
    """

    scenario: Name
    phase: Name
    arms: dict[Name, ReplicaArm] = Field(min_length=1)
    set: dict[str, Setting] = Field(default_factory=dict)


class Trial(PlanPart):
    """A published trial, meta-analysis or cohort."""

    label: Label
    condition: Label
    design: Label
    replica: Replica | None = None
    not_simulated: Label | None = None
