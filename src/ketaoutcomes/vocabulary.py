"""The field's standard terms: scales, strategies and covariance structures."""

from dataclasses import dataclass
from typing import Literal

Strategy = Literal[
    "treatment policy", "hypothetical", "composite", "while on treatment", "principal stratum"
]
"""The five strategies of ICH E9(R1) for an intercurrent event."""

EndpointKind = Literal[
    "change",
    "response",
    "remission",
    "incidence",
    "time_to_response",
    "duration_of_response",
    "time_to_relapse",
    "time_to_event",
]
"""What an endpoint measures in a subject."""

Role = Literal["primary", "secondary", "sensitivity", "supplementary"]

CovarianceStructure = Literal[
    "us", "toep", "toeph", "ar1", "ar1h", "ad", "adh", "cs", "csh", "sp_exp"
]

LsMeanWeighting = Literal["equal", "observed", "proportional"]

DegreesOfFreedom = Literal[
    "satterthwaite", "kenward-roger", "kenward-roger-linear", "between-within", "residual"
]

CoefficientCovariance = Literal["model", "empirical", "cr2", "cr3"]

SurvivalInterval = Literal["log-log", "log", "plain", "logit", "arcsin"]
"""Scales on which a survival probability has a symmetric interval."""

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


@dataclass(frozen=True)
class Scale:
    """A rating scale.

    Attributes
    ----------
    name, label : str
        Short and full name.
    low, high : float
        Least and greatest possible total.
    better : {"lower", "higher"}
        The direction of improvement.
    source : str
        Where the scale was published.
    """

    name: str
    label: str
    low: float
    high: float
    better: Literal["lower", "higher"]
    source: str


SCALES: dict[str, Scale] = {
    scale.name: scale
    for scale in (
        Scale(
            "MADRS",
            "Montgomery-Åsberg Depression Rating Scale",
            0,
            60,
            "lower",
            "Montgomery & Åsberg 1979, Br J Psychiatry 134:382-389",
        ),
        Scale(
            "HAMD17",
            "Hamilton Rating Scale for Depression, 17 items",
            0,
            52,
            "lower",
            "Hamilton 1960, J Neurol Neurosurg Psychiatry 23:56-62",
        ),
        Scale(
            "BDI-II",
            "Beck Depression Inventory II",
            0,
            63,
            "lower",
            "Beck, Steer & Brown 1996, Manual for the BDI-II",
        ),
        Scale(
            "PHQ-9",
            "Patient Health Questionnaire, 9 items",
            0,
            27,
            "lower",
            "Kroenke, Spitzer & Williams 2001, J Gen Intern Med 16:606-613",
        ),
        Scale(
            "QIDS-SR16",
            "Quick Inventory of Depressive Symptomatology, self-report",
            0,
            27,
            "lower",
            "Rush et al. 2003, Biol Psychiatry 54:573-583",
        ),
    )
}
