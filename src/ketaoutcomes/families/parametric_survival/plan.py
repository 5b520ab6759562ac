"""Parametric models of a time to event, exact or between two assessments."""

from typing import Annotated, Literal

from pydantic import Field

from ketaoutcomes.families.shared.plan import SurvivalPart
from ketaoutcomes.plan.analysis import TicksEveryDays
from ketaoutcomes.plan.parts import meanings, spoken
from ketaoutcomes.vocabulary import DISTRIBUTION_NAMES, SurvivalDistribution


class ParametricSurvivalPart(SurvivalPart):
    """A law of the time, and its mean up to a day."""

    distribution: Annotated[SurvivalDistribution, spoken(DISTRIBUTION_NAMES)] = Field(
        default="weibull",
        description="Distribution of the time to event.",
        examples=["weibull"],
        json_schema_extra=meanings(
            {
                "weibull": "A hazard that rises or falls steadily.",
                "exponential": "A constant hazard.",
                "log_normal": "A normal distribution of the logarithm of time.",
                "log_logistic": "A logistic distribution of the logarithm of time.",
            }
        ),
    )
    risk_table_every_days: TicksEveryDays = None


class AftAnalysis(ParametricSurvivalPart):
    """Accelerated failure time: the arm stretches time by a factor."""

    model: Literal["aft"]


class IntervalCensoredAnalysis(ParametricSurvivalPart):
    """Interval-censored times: Turnbull's curve and a parametric distribution."""

    model: Literal["interval_censored"]


def law_in_words(distribution: str) -> str:
    """The name of a distribution; Weibull was a person, the others are none."""
    return distribution.replace("weibull", "Weibull")
