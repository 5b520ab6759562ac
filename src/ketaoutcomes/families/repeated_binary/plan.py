"""Models of response or remission at every visit."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import spoken
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

    covariates: tuple[CovariateName, ...] = Field(default=("baseline",), strict=False)
    by_visit: tuple[CovariateName, ...] = Field(
        default=(), strict=False, description="covariates whose effect differs by visit"
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
    ] = "exchangeable"
    coefficient_covariance: Annotated[RobustCovariance, spoken(ROBUST_NAMES)] = "mancl-derouen"
    df: Literal["subjects", "satterthwaite"] = Field(
        default="subjects", description="`subjects`: subjects less coefficients"
    )


class LogisticMixedAnalysis(BinaryRepeatedPart):
    """Logistic model with a normal random intercept for each subject."""

    model: Literal["logistic_mixed"]
    nodes: int = Field(default=25, ge=1, le=101, description="nodes of the quadrature")
