"""Analyses of success or failure at a visit."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import meanings, spoken
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
    """Proportions of arms; `missing_as` says how participants without an outcome count."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = OF_YES_OR_NO
    fits_one_arm: ClassVar[bool] = True
    comparing_keys: ClassVar[tuple[str, ...]] = ("margin", "interval", "strata")

    model: Literal["proportions"]
    missing_as: Annotated[
        Literal["failure", "excluded", "last observation"], spoken(MISSING_NAMES)
    ] = Field(
        default="failure",
        description="What becomes of participants whose outcome is missing.",
        examples=["failure"],
        json_schema_extra=meanings(
            {
                "failure": "Non-responder imputation: they count as non-responders.",
                "excluded": "They are excluded from the analysis.",
                "last_observation": "Their last observation is carried forward.",
            }
        ),
    )
    interval: Annotated[Literal["newcombe", "miettinen-nurminen"], spoken(INTERVAL_NAMES)] = Field(
        default="newcombe",
        description="Confidence interval of the risk difference without strata.",
        examples=["newcombe"],
        json_schema_extra=meanings(
            {
                "newcombe": "Newcombe's hybrid of two Wilson intervals.",
                "miettinen_nurminen": "The score interval of Miettinen and Nurminen.",
            }
        ),
    )
    strata: tuple[CovariateName, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Stratification factors; risk differences are combined with Mantel-Haenszel weights."
        ),
        examples=[["region"]],
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Strata."""
        return self.strata
