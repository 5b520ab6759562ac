"""Analyses of success or failure at a visit."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import spoken
from ketaoutcomes.vocabulary import OF_YES_OR_NO, EndpointKind

MISSING_NAMES: Final = {
    "failure": ("NRI", "non-responder", "non-responder imputation"),
    "excluded": ("observed cases", "complete cases"),
    "last observation": ("LOCF", "last observation carried forward"),
}
"""What becomes of a missing outcome -> its names in protocols."""
INTERVAL_NAMES: Final = {
    "newcombe": ("newcombe-wilson", "wilson-newcombe"),
    "miettinen-nurminen": ("mn",),
}
"""Interval of a difference -> its names in SAS and R."""


class ProportionAnalysis(AnalysisPart):
    """Proportions of arms; a subject with no outcome counts as `missing_as` says."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = OF_YES_OR_NO
    fits_one_arm: ClassVar[bool] = True
    comparing_keys: ClassVar[tuple[str, ...]] = ("margin", "interval", "strata")

    model: Literal["proportions"]
    missing_as: Annotated[
        Literal["failure", "excluded", "last observation"], spoken(MISSING_NAMES)
    ] = "failure"
    interval: Annotated[Literal["newcombe", "miettinen-nurminen"], spoken(INTERVAL_NAMES)] = Field(
        default="newcombe", description="of the difference without strata"
    )
    strata: tuple[CovariateName, ...] = Field(
        default=(), strict=False, description="combined by Mantel and Haenszel's weights"
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Strata."""
        return self.strata
