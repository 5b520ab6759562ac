"""Analyses of success or failure at a visit."""

from typing import ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.vocabulary import EndpointKind


class ProportionAnalysis(AnalysisPart):
    """Proportions of arms; a subject with no outcome counts as `missing_as` says."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("response", "remission")
    fits_one_arm: ClassVar[bool] = True
    comparing_keys: ClassVar[tuple[str, ...]] = ("margin", "interval", "strata")

    model: Literal["proportions"]
    missing_as: Literal["failure", "excluded", "last observation"] = "failure"
    interval: Literal["newcombe", "miettinen-nurminen"] = Field(
        default="newcombe", description="of the difference without strata"
    )
    strata: tuple[CovariateName, ...] = Field(
        default=(), strict=False, description="combined by Mantel and Haenszel's weights"
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Strata."""
        return self.strata
