"""Risks standardised over covariates."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import spoken
from ketaoutcomes.vocabulary import OF_YES_OR_NO, EndpointKind


class StandardisationAnalysis(AnalysisPart):
    """Logistic regression and the mean risks that it predicts for everybody in each arm.

    `by` names factors whose levels are compared in the same way, all else standing as it is.
    """

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("incidence", *OF_YES_OR_NO)

    model: Literal["g_computation"]
    covariates: tuple[CovariateName, ...] = Field(default=(), strict=False)
    by: tuple[CovariateName, ...] = Field(default=(), strict=False)
    missing_as: Annotated[
        Literal["failure", "excluded"],
        spoken({"failure": ("NRI", "non-responder", "non-responder imputation")}),
    ] = "failure"

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates and factors of the model."""
        return tuple(dict.fromkeys((*self.covariates, *self.by)))
