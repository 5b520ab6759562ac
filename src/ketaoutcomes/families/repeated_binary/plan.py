"""Models of response or remission at every visit."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import meanings, spoken
from ketaoutcomes.vocabulary import OF_YES_OR_NO, ROBUST_NAMES, EndpointKind, RobustCovariance

CORRELATION_NAMES: Final = {
    "independence": ("independent", "ind"),
    "exchangeable": ("exch", "cs", "compound symmetry"),
    "ar1": ("autoregressive", "first-order autoregressive"),
    "unstructured": ("un", "us", "unstr"),
}
"""Working correlation -> its names in SAS and R."""


class BinaryRepeatedPart(AnalysisPart):
    """Outcome by arm, visit and their interaction, with covariates."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = OF_YES_OR_NO
    fits_one_arm: ClassVar[bool] = True

    covariates: tuple[CovariateName, ...] = Field(
        default=("baseline",),
        strict=False,
        description=(
            "Covariates of the model; `baseline` is the baseline score of the endpoint's scale."
        ),
        examples=[["baseline"]],
    )
    by_visit: tuple[CovariateName, ...] = Field(
        default=(),
        strict=False,
        description="Covariates whose effect may differ between visits.",
        examples=[["baseline"]],
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates of the model."""
        return self.covariates


class GeeAnalysis(BinaryRepeatedPart):
    """Generalised estimating equations: logistic for response and remission, linear for change."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = (*OF_YES_OR_NO, "change")

    model: Literal["gee"]
    correlation: Annotated[
        Literal["independence", "exchangeable", "ar1", "unstructured"], spoken(CORRELATION_NAMES)
    ] = Field(
        default="exchangeable",
        description="Working correlation of a participant's visits.",
        examples=["exchangeable"],
        json_schema_extra=meanings(
            {
                "independence": "No correlation.",
                "exchangeable": "The same correlation between any two visits.",
                "ar1": "A correlation that falls with the number of visits between.",
                "unstructured": "A correlation of its own for each pair of visits.",
            }
        ),
    )
    coefficient_covariance: Annotated[RobustCovariance, spoken(ROBUST_NAMES)] = Field(
        default="mancl-derouen",
        description="Covariance estimator of the coefficients.",
        examples=["mancl_derouen"],
        json_schema_extra=meanings(
            {
                "robust": "The sandwich estimator of Liang and Zeger.",
                "kauermann_carroll": "Small-sample correction of Kauermann and Carroll.",
                "mancl_derouen": "Small-sample correction of Mancl and DeRouen.",
                "morel": "Small-sample correction of Morel, Bokossa and Neerchal.",
            }
        ),
    )
    df: Literal["subjects", "satterthwaite"] = Field(
        default="subjects",
        description="Method for the degrees of freedom.",
        examples=["satterthwaite"],
        json_schema_extra=meanings(
            {
                "subjects": "Participants minus coefficients.",
                "satterthwaite": "Satterthwaite's approximation.",
            }
        ),
    )


class LogisticMixedAnalysis(BinaryRepeatedPart):
    """Logistic model with a normal random intercept for each participant."""

    model: Literal["logistic_mixed"]
    nodes: int = Field(
        default=25,
        ge=1,
        le=101,
        description="Number of nodes of the adaptive Gauss-Hermite quadrature.",
        examples=[25],
    )
