"""Subgroups in which an effect is looked at."""

from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import PlanPart


class Subgroup(PlanPart):
    """Levels of a covariate, or ranges of a numeric one cut at some values."""

    by: CovariateName
    cut_at: tuple[float, ...] = Field(
        default=(), strict=False, description="a subject at a cut belongs to the range above it"
    )

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if list(self.cut_at) != sorted(set(self.cut_at)):
            raise ValueError("`cut_at` takes ascending values")
        return self

    @property
    def ranges(self) -> tuple[str, ...]:
        """Names of the ranges; empty where levels are taken as they are."""
        if not self.cut_at:
            return ()
        cuts = [f"{cut:g}" for cut in self.cut_at]
        between = [f"{low} to below {high}" for low, high in pairwise(cuts)]
        return (f"below {cuts[0]}", *between, f"{cuts[-1]} and above")
