"""Which parameters of the scenarios are free, with their priors, and the values that were found."""

from typing import Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from ketaoutcomes.cohorts.evidence.records import Statistic
from ketaoutcomes.plan.parts import Name, PlanPart

TransformName = Literal["log", "logit", "plain"]


class FreeParameter(PlanPart):
    """A parameter that the fit may move.

    Attributes
    ----------
    start : float
        Where it starts and what the weak prior is centred on.
    prior_sd : float
        SD of the prior on the transformed scale.
    transform : {"log", "logit", "plain"}
    low, high : float
        Bounds.
    """

    start: FiniteFloat
    prior_sd: float = Field(gt=0)
    transform: TransformName = "log"
    low: FiniteFloat
    high: FiniteFloat

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if not self.low < self.start < self.high:
            raise ValueError("`start` lies between `low` and `high`")
        if self.transform != "plain" and self.low < 0:
            raise ValueError("a parameter on a log or logit scale is not below 0")
        if self.transform == "logit" and self.high > 1:
            raise ValueError("a parameter on a logit scale is not above 1")
        return self


class TrialEffect(PlanPart):
    """The factor by which the drug effect of a trial differs from the typical one."""

    scales: tuple[str, ...] = Field(min_length=1, strict=False)
    prior_sd: float = Field(gt=0)


class Family(PlanPart):
    """Scenarios that are fitted together.

    Attributes
    ----------
    scenarios : dict
        Each with the trial whose own values it takes.
    statistics : tuple of str
        The kinds of results that are its targets.
    shared : dict
        Parameters with one value in all trials, by dotted path.
    trial : dict
        Parameters with a value in each trial.
    effect : TrialEffect or None
    """

    scenarios: dict[Name, Name] = Field(min_length=1)
    statistics: tuple[Statistic, ...] = Field(min_length=1, strict=False)
    shared: dict[str, FreeParameter] = Field(default_factory=dict)
    trial: dict[str, FreeParameter] = Field(default_factory=dict)
    effect: TrialEffect | None = None

    @property
    def is_fitted(self) -> bool:
        """Whether anything is free; else the scenarios hold published values themselves."""
        return bool(self.shared or self.trial or self.effect)


class FittedTrial(PlanPart):
    """Values found for one trial."""

    own: dict[str, float] = Field(default_factory=dict)
    effect: float = Field(default=1, gt=0)
    effect_error: float | None = Field(default=None, gt=0)


class FittedFamily(PlanPart):
    """Values found for a family.

    Attributes
    ----------
    shared, trials : dict
        From the fit without the results that are held out.
    between_trials_sd : float
        SD of the log of the trials' effects.
    """

    shared: dict[str, float] = Field(default_factory=dict)
    trials: dict[Name, FittedTrial] = Field(default_factory=dict)
    between_trials_sd: float | None = Field(default=None, ge=0)
