"""The field's standard terms: strategies, roles and covariance structures."""

from typing import Final, Literal

Strategy = Literal[
    "treatment policy", "hypothetical", "composite", "while on treatment", "principal stratum"
]
"""The five strategies of ICH E9(R1) for an intercurrent event."""

ImputationStrategy = Literal[
    "missing at random",
    "jump to reference",
    "copy reference",
    "copy increments in reference",
    "last mean carried forward",
]
"""What is assumed of missing outcomes after an intercurrent event: Carpenter et al. 2013."""

REFERENCE_BASED: Final[tuple[ImputationStrategy, ...]] = (
    "jump to reference",
    "copy reference",
    "copy increments in reference",
)
"""Assumptions that take what is missing from the reference arm."""

EndpointKind = Literal[
    "change",
    "response",
    "remission",
    "incidence",
    "time_to_response",
    "duration_of_response",
    "time_to_relapse",
    "time_to_event",
    "recurrent_events",
    "costs_and_effects",
]
"""What an endpoint measures in a subject."""

Role = Literal["primary", "secondary", "sensitivity", "supplementary"]

CovarianceStructure = Literal[
    "us", "toep", "toeph", "ar1", "ar1h", "ad", "adh", "cs", "csh", "sp_exp"
]

LsMeanWeighting = Literal["equal", "observed", "proportional"]

DegreesOfFreedom = Literal[
    "satterthwaite",
    "kenward-roger",
    "kenward-roger-linear",
    "kenward-roger-mmrm",
    "between-within",
    "residual",
]

CoefficientCovariance = Literal["model", "empirical", "cr2", "cr3"]

SurvivalInterval = Literal["log-log", "log", "plain", "logit", "arcsin"]
"""Scales on which a survival probability has a symmetric interval."""

SurvivalDistribution = Literal["weibull", "exponential", "log-normal", "log-logistic"]

RecurrentModel = Literal["Andersen-Gill", "PWP total time", "PWP gap time"]
"""Models of repeated events; PWP: Prentice, Williams and Peterson."""

FrailtyDistribution = Literal["gamma", "gaussian"]

WeightedTest = Literal[
    "Gehan-Breslow",
    "Tarone-Ware",
    "Peto-Peto",
    "Fleming-Harrington (1, 0)",
    "Fleming-Harrington (0, 1)",
    "Fleming-Harrington (1, 1)",
    "max-combo",
]
"""Tests of two survival curves; Fleming-Harrington by (rho, gamma)."""

RobustCovariance = Literal["robust", "kauermann-carroll", "mancl-derouen", "morel"]
"""Covariances of estimating equations: Liang and Zeger's, and three for few subjects."""

DF_LABELS: dict[DegreesOfFreedom, str] = {
    "satterthwaite": "Satterthwaite",
    "kenward-roger": "Kenward-Roger",
    "kenward-roger-linear": "Kenward-Roger-Linear",
    "kenward-roger-mmrm": "Kenward-Roger (form of R's mmrm)",
    "between-within": "Between-Within",
    "residual": "Residual",
}

COVARIANCE_LABELS: dict[CovarianceStructure, str] = {
    "us": "unstructured",
    "toep": "Toeplitz",
    "toeph": "heterogeneous Toeplitz",
    "ar1": "first-order autoregressive",
    "ar1h": "heterogeneous first-order autoregressive",
    "ad": "ante-dependence",
    "adh": "heterogeneous ante-dependence",
    "cs": "compound symmetry",
    "csh": "heterogeneous compound symmetry",
    "sp_exp": "spatial exponential",
}

E9: Final = "ICH E9(R1) addendum on estimands and sensitivity analysis, 2019"
CARPENTER: Final = "Carpenter, Roger & Kenward 2013, J Biopharm Stat 23:1352-1371"
"""Sources of the rules of sound estimands."""
