"""Named contrasts of the LS means of arms and visits."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.parts import Label, Name, PlanPart

FEWEST_FOR_A_SLOPE = 2


class NamedContrast(PlanPart):
    """A weighted sum of LS means: weights of the arms times weights of the visits.

    Exactly one of `visits`, `average_over` and `slope_over` weighs the visits; without `arms` the
    contrast is active minus reference.
    """

    label: Label | None = None
    arms: dict[Name, float] = Field(default_factory=dict)
    visits: dict[Label, float] = Field(default_factory=dict, description="weight of each visit")
    average_over: tuple[Label, ...] = Field(default=(), strict=False)
    slope_over: tuple[Label, ...] = Field(
        default=(), strict=False, description="change a day, by the least-squares line"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [bool(way) for way in (self.visits, self.average_over, self.slope_over)]
        if sum(ways) != 1:
            raise ValueError(
                "a contrast takes exactly one of `visits`, `average_over` and `slope_over`"
            )
        if self.slope_over and len(set(self.slope_over)) < FEWEST_FOR_A_SLOPE:
            raise ValueError("`slope_over` needs two visits or more")
        return self

    @property
    def visit_names(self) -> tuple[Label, ...]:
        """The visits it speaks of."""
        return (*self.visits, *self.average_over, *self.slope_over)

    def visit_weights(self, days: Mapping[str, float]) -> dict[str, float]:
        """The weight of each visit; a slope is that of the least-squares line through its means.

        Parameters
        ----------
        days : mapping
            Scheduled day of each visit.
        """
        if self.visits:
            return dict(self.visits)
        if self.average_over:
            return dict.fromkeys(self.average_over, 1 / len(self.average_over))
        at = [days[visit] for visit in self.slope_over]
        mean = sum(at) / len(at)
        spread = sum((day - mean) ** 2 for day in at)
        return {
            visit: (day - mean) / spread for visit, day in zip(self.slope_over, at, strict=True)
        }
