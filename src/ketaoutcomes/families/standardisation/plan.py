"""Risks standardised over covariates."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import meanings, spoken
from ketaoutcomes.vocabulary import OF_YES_OR_NO, EndpointKind


class StandardisationAnalysis(AnalysisPart):
    """Logistic regression, and the mean risk it predicts if all participants were in each arm.

    `by` names factors whose levels are compared in the same way, all else unchanged.
    """

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("incidence", *OF_YES_OR_NO)

    model: Literal["g_computation"]
    covariates: tuple[CovariateName, ...] = Field(
        default=(),
        strict=False,
        description="Covariates of the logistic regression.",
        examples=[["age", "sex"]],
    )
    by: tuple[CovariateName, ...] = Field(
        default=(),
        strict=False,
        description="Factors whose levels are compared in the same way as the arms.",
        examples=[["region"]],
    )
    missing_as: Annotated[
        Literal["failure", "excluded"],
        spoken({"failure": ("NRI", "non-responder", "non-responder imputation")}),
    ] = Field(
        default="failure",
        description="What becomes of participants whose outcome is missing.",
        examples=["failure"],
        json_schema_extra=meanings(
            {
                "failure": "Non-responder imputation: they count as non-responders.",
                "excluded": "They are excluded from the analysis.",
            }
        ),
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates and factors of the model."""
        return tuple(dict.fromkeys((*self.covariates, *self.by)))
