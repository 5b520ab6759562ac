"""Parametric models of a time to event, exact or between two assessments."""

from typing import Annotated, Literal

from ketaoutcomes.families.shared.plan import SurvivalPart
from ketaoutcomes.plan.analysis import TicksEveryDays
from ketaoutcomes.plan.parts import spoken
from ketaoutcomes.vocabulary import DISTRIBUTION_NAMES, SurvivalDistribution


class ParametricSurvivalPart(SurvivalPart):
    """A law of the time, and its mean up to a day."""

    distribution: Annotated[SurvivalDistribution, spoken(DISTRIBUTION_NAMES)] = "weibull"
    risk_table_every_days: TicksEveryDays = None


class AftAnalysis(ParametricSurvivalPart):
    """Accelerated failure time: the arm stretches time by a factor."""

    model: Literal["aft"]


class IntervalCensoredAnalysis(ParametricSurvivalPart):
    """The event is known to lie between two assessments: Turnbull's curve and a parametric law."""

    model: Literal["interval_censored"]
