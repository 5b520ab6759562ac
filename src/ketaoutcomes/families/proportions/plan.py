"""Analyses of success or failure at a visit."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import meanings, spoken
from ketaoutcomes.vocabulary import OF_YES_OR_NO, EndpointKind

MISSING_NAMES: Final = {
    "failure": (
        *("NRI", "non-responder", "non-responder imputation"),
        *("missing = failure", "missing as failure", "missing = non-responder"),
    ),
    "excluded": ("observed cases", "OC", "complete cases", "complete case", "available case"),
    "last observation": ("LOCF", "last observation carried forward"),
}
"""What becomes of a missing outcome -> its names in protocols."""
NO_MISSING: Final = {
    **dict.fromkeys(
        ("MI", "multiple imputation"),
        "write `model: multiple_imputation`, which imputes the scores behind the response",
    ),
    **dict.fromkeys(
        ("worst case", "WOCF", "BOCF", "baseline observation carried forward"),
        "write `failure`, which takes a missing response as none",
    ),
    "none": "write `excluded` where participants without an outcome are left out",
}
"""What a protocol makes of missing outcomes that a plan writes otherwise -> what to write."""
INTERVAL_NAMES: Final = {
    "newcombe": ("newcombe-wilson", "wilson-newcombe"),
    "miettinen-nurminen": ("mn", "score"),
}
"""Interval of a difference -> its names in SAS and R."""
NO_INTERVAL: Final = {
    "wilson": "write `newcombe`, the interval of a difference that rests on Wilson's",
    **dict.fromkeys(
        ("wald", "agresti-caffo", "haldane", "hauck-anderson", "farrington-manning"),
        "that interval is not offered; write `newcombe` or `miettinen_nurminen`",
    ),
    **dict.fromkeys(
        ("exact", "clopper-pearson", "chan-zhang", "santner-snell"),
        "write `model: incidence` for exact intervals of each arm",
    ),
}
"""Intervals that a plan has not, or elsewhere -> what to write."""


class ProportionAnalysis(AnalysisPart):
    """Proportions of arms; `missing_as` says how participants without an outcome count."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = OF_YES_OR_NO
    fits_one_arm: ClassVar[bool] = True
    comparing_keys: ClassVar[tuple[str, ...]] = ("margin", "interval", "strata")

    model: Literal["proportions"]
    missing_as: Annotated[
        Literal["failure", "excluded", "last observation"], spoken(MISSING_NAMES, NO_MISSING)
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
    interval: Annotated[
        Literal["newcombe", "miettinen-nurminen"], spoken(INTERVAL_NAMES, NO_INTERVAL)
    ] = Field(
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
