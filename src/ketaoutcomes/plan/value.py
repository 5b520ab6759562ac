"""The endpoint of a cost-effectiveness analysis: what each subject cost and gained."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.combinations import Combination, ExactlyOne
from ketaoutcomes.plan.cuts import Cut
from ketaoutcomes.plan.parts import EndpointPart, Label, Name, PlanPart


class MeasuredUtility(PlanPart):
    """QALYs as the area under a utility index that was measured at the visits."""

    scale: str = Field(
        description="Scale of the utility index that was measured at the visits.", examples=["EQ5D"]
    )


class HealthState(PlanPart):
    """A band of a scale and the utility of being in it; the last state has no upper limit."""

    label: Label = Field(
        description="Name of the health state in the report.", examples=["remission"]
    )
    at_most: float | None = Field(
        default=None,
        description="Maximum score of the health state; the last state has none.",
        examples=[12],
    )
    utility: float = Field(
        ge=-1,
        le=1,
        description="Utility of the health state: 1 is full health, 0 is death.",
        examples=[0.85],
    )
    std_error: float = Field(
        default=0, ge=0, lt=0.5, description="Standard error of the utility.", examples=[0.02]
    )


class StateUtility(PlanPart):
    """QALYs as time in health states of a scale times their utilities."""

    scale: str = Field(description="Scale whose bands are the health states.", examples=["MADRS"])
    states: tuple[HealthState, ...] = Field(
        min_length=2,
        strict=False,
        description="Health states in increasing order of the score.",
        examples=[
            [
                {"label": "remission", "at_most": 12, "utility": 0.85},
                {"label": "depressed", "utility": 0.55},
            ]
        ],
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        limits = [state.at_most for state in self.states]
        known = [limit for limit in limits if limit is not None]
        if limits[-1] is not None or len(known) != len(limits) - 1 or known != sorted(set(known)):
            raise ValueError(
                "every state but the last takes `at_most`, and these must rise; the last takes none"
            )
        return self


class Success(Cut):
    """A success at a visit: a score at or below a cut, or at or above it where higher is better."""

    scale: str = Field(description="Scale that success is measured on.", examples=["MADRS"])
    visit: Label = Field(description="Visit at which success is measured.", examples=["Day 28"])


class ValueEndpoint(EndpointPart):
    """Costs of a participant over a phase, and the effect: exactly one measure of it.

    A missed assessment takes the last value before it.
    """

    combinations: ClassVar[tuple[Combination, ...]] = (
        ExactlyOne(
            ("measured_utility", "state_utility", "success"),
            "takes exactly one of `measured_utility`, `state_utility` and `success`",
        ),
    )

    kind: Literal["costs_and_effects"]
    phase: Name = Field(
        description="Phase over which costs and effects are counted.", examples=["follow_up"]
    )
    measured_utility: MeasuredUtility | None = Field(
        default=None,
        description="QALYs from a utility index measured at the visits.",
        examples=[{"scale": "EQ5D"}],
    )
    state_utility: StateUtility | None = Field(
        default=None,
        description="QALYs from the time spent in health states.",
        examples=[
            {
                "scale": "MADRS",
                "states": [
                    {"label": "remission", "at_most": 12, "utility": 0.85},
                    {"label": "depressed", "utility": 0.55},
                ],
            }
        ],
    )
    success: Success | None = Field(
        default=None,
        description="Proportion with a success at a visit.",
        examples=[{"scale": "MADRS", "at_most": 12, "visit": "Day 28"}],
    )
    price_errors: dict[Label, float] = Field(
        default_factory=dict,
        description="Relative standard error of the price of each cost item.",
        examples=[{"hospital": 0.1}],
    )

    @model_validator(mode="after")
    def _errors_below_one(self) -> Self:
        if any(not 0 <= error < 1 for error in self.price_errors.values()):
            raise ValueError("`price_errors` are parts of one, from 0 to below 1")
        return self

    @property
    def scale(self) -> str:
        """The scale of the effect."""
        way = self.measured_utility or self.state_utility or self.success
        assert way is not None
        return way.scale

    @property
    def unit(self) -> str:
        """What the effect is counted in."""
        return "success" if self.success is not None else "QALY"
