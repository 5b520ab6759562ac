"""The field's standard terms: strategies, roles and covariance structures."""

from collections.abc import Mapping
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
    "yes_or_no",
    "incidence",
    "time_to_response",
    "duration_of_response",
    "time_to_relapse",
    "time_to_event",
    "recurrent_events",
    "costs_and_effects",
]
"""What an endpoint measures in a subject."""

OF_YES_OR_NO: Final[tuple[EndpointKind, ...]] = ("response", "remission", "yes_or_no")
"""Kinds whose outcome at a visit is yes or no."""

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

Names = Mapping[str, tuple[str, ...]]
"""Value -> its names in other programs and guidelines, which stand for exactly the same."""

STRATEGY_NAMES: Final[Names] = {
    "treatment policy": ("treatment policy strategy",),
    "hypothetical": ("hypothetical strategy",),
    "composite": ("composite strategy", "composite variable", "composite variable strategy"),
    "while on treatment": ("while on treatment strategy",),
    "principal stratum": ("principal strata", "principal stratification"),
}
NO_STRATEGY: Final = {
    **dict.fromkeys(
        ("ITT", "intention to treat", "intent to treat", "de facto", "effectiveness"),
        "`treatment_policy` is the nearest; ICH E9(R1) keeps intention-to-treat for the analysis "
        "set",
    ),
    **dict.fromkeys(
        ("policy", "treatment regimen", "ignore", "regardless"),
        "write `treatment_policy` where outcomes count whether or not the event occurred",
    ),
    **dict.fromkeys(
        ("de jure", "efficacy", "trial product"),
        "`hypothetical` is the nearest; say in the question what would not have happened",
    ),
    **dict.fromkeys(
        ("per protocol", "PP", "PPS", "mITT", "modified intention to treat", "as treated", "FAS"),
        "that is a set of participants; name a strategy of ICH E9(R1) for the event",
    ),
    **dict.fromkeys(
        ("NRI", "non-responder", "non-responder imputation", "failure", "treatment failure"),
        "write `composite` where the event counts as a failure",
    ),
    **dict.fromkeys(("on treatment", "until the event"), "write `while_on_treatment`"),
    "while alive": "write `while_on_treatment`, the same strategy with death as the event",
    **dict.fromkeys(("CACE", "compliers", "SACE"), "write `principal_stratum`"),
    **dict.fromkeys(
        ("LOCF", "BOCF", "J2R", "JR", "CR", "CIR", "MAR", "MNAR", "jump to reference"),
        "that is an assumption of an analysis, written under its `strategies`; name here a strategy"
        " of ICH E9(R1)",
    ),
    **dict.fromkeys(
        ("censor", "censored", "censoring"),
        "censoring at the event answers a `hypothetical` question; write `treatment_policy` where "
        "follow-up goes on",
    ),
}
"""Names that are no strategy of ICH E9(R1) -> what to write."""

IMPUTATION_NAMES: Final[Names] = {
    "missing at random": ("MAR",),
    "jump to reference": ("J2R", "JR", "JTR", "jump2reference"),
    "copy reference": ("CR",),
    "copy increments in reference": (
        "CIR",
        "copy increment",
        "copy increments",
        "copy increment from reference",
        "copy increments from reference",
    ),
    "last mean carried forward": ("LMCF",),
}
NO_IMPUTATION: Final = {
    "jump to placebo": "`jump_to_reference`, where placebo is the reference of the estimand",
    "jump to control": "`jump_to_reference`, where control is the reference of the estimand",
    **dict.fromkeys(
        (
            "LOCF",
            "last observation carried forward",
            "BOCF",
            "baseline observation carried forward",
        ),
        "a single score carried forward is no assumption of an imputation; "
        "`last_mean_carried_forward` carries the mean of the arm",
    ),
    **dict.fromkeys(
        ("return to baseline", "RTB", "washout", "wash-out"),
        "no return to baseline is offered; `jump_to_reference` gives the mean of the reference",
    ),
    **dict.fromkeys(
        ("retrieved dropout", "retrieved dropouts", "RD"),
        "no imputation from retrieved dropouts is offered; write `missing_at_random` or "
        "`jump_to_reference`",
    ),
    **dict.fromkeys(
        ("delta", "delta adjustment", "tipping point"),
        "write `missing_at_random`, and the added points under `delta`; `model: tipping_point` "
        "varies them",
    ),
    **dict.fromkeys(
        ("PMM", "predictive mean matching", "NCMV", "CCMV", "ALMCF", "OLMCF"),
        "that assumption is not offered; write `missing_at_random`, or one based on the reference",
    ),
    "MNAR": "say which: `jump_to_reference`, `copy_reference`, or `missing_at_random` with `delta`",
}
"""Names that stand for no assumption of a plan -> what to write."""

COVARIANCE_NAMES: Final[Names] = {
    "us": ("un", "unstructured", "unr", "unstruct"),
    "toep": ("tp", "toeplitz", "homogeneous toeplitz"),
    "toeph": ("tph", "heterogeneous toeplitz"),
    "ar1": ("ar", "autoregressive", "first-order autoregressive", "corAR1"),
    "ar1h": ("arh1", "heterogeneous ar1", "heterogeneous first-order autoregressive"),
    "ad": ("homogeneous ante-dependence",),
    "adh": ("heterogeneous ante-dependence",),
    "cs": ("compound symmetry", "exchangeable", "corCompSymm", "compsymm"),
    "csh": ("heterogeneous compound symmetry", "compound symmetry heterogeneous"),
    "sp_exp": ("spatial exponential", "sp(pow)", "spatial power", "corExp"),
}
"""SAS's, SPSS's and R's names of the structures; SP(POW) is SP(EXP) with another parameter."""

_BANDED: Final = (
    "SAS's banded structure is none of a plan; name a full one, such as `toeph` or `us`"
)
_ANTE: Final = (
    "write `adh`: ANTE(1) of SAS and AD1 of SPSS have a variance for each visit; `ad` has one for "
    "all"
)
NO_COVARIANCE: Final = {
    **dict.fromkeys(("ante(1)", "ad1", "ante", "antedependence", "antedependence(1)"), _ANTE),
    **{f"un({n})": _BANDED for n in range(1, 10)},
    **{f"{kind}({n})": _BANDED for kind in ("toep", "toeph") for n in range(1, 10)},
    **dict.fromkeys(
        ("vc", "id", "simple", "independence", "independent", "diag", "diagonal", "identity"),
        "scores of one participant are correlated; name a structure, such as `us` or `cs`",
    ),
    **dict.fromkeys(
        ("none", "scaled identity"),
        "scores of one participant are correlated; name a structure, such as `us` or `cs`",
    ),
    **dict.fromkeys(
        ("hf", "huynh-feldt", "arma(1,1)", "fa(1)", "fa0(1)", "fa0(2)", "lin(1)", "sp(gau)"),
        "that structure is not offered; `us` makes no assumption, `toeph` and `adh` make few",
    ),
    **dict.fromkeys(
        ("un@ar(1)", "un@cs", "un@un"),
        "that structure is of two outcomes at once; name one of one outcome, such as `us`",
    ),
    "corSymm": "write `us`; corSymm of R's nlme has one variance for all visits by itself",
    **dict.fromkeys(
        ("heterogeneous unstructured", "unstructured heterogeneous", "unh"),
        "write `us`, which has a variance for each visit",
    ),
}
"""Names of structures that a plan has not, or calls otherwise -> what to write."""

DF_NAMES: Final[Names] = {
    "satterthwaite": ("satterth", "satt", "sat", "sw", "lmerTest"),
    "kenward-roger": ("kr", "kenward-rogers"),
    "kenward-roger-linear": ("kr linear", "kr(firstorder)"),
    "kenward-roger-mmrm": (),
    "between-within": ("bw", "betwithin"),
    "residual": ("resid",),
}
NO_DF: Final = {
    **dict.fromkeys(
        ("kr2", "kenwardroger2", "kenward-roger 2"),
        "KR2 of SAS is another approximation; write `kenward_roger` or `satterthwaite`",
    ),
    **dict.fromkeys(
        ("contain", "containment"), "write `between_within`, `satterthwaite` or `kenward_roger`"
    ),
    **dict.fromkeys(
        ("asymptotic", "inf", "infinite", "infinity", "none", "normal", "z"),
        "no normal approximation is offered; write `satterthwaite` or `kenward_roger`",
    ),
}

METHOD_NAMES: Final[Names] = {
    "reml": ("restricted maximum likelihood",),
    "ml": ("maximum likelihood", "MLE", "FIML", "full maximum likelihood"),
}
COEFFICIENT_COVARIANCE_NAMES: Final[Names] = {
    "model": ("asymptotic", "model-based"),
    "empirical": ("sandwich", "robust", "cr0", "huber-white"),
    "cr2": ("empirical bias reduced", "bias-reduced"),
    "cr3": ("empirical jackknife", "jackknife"),
}
WEIGHTING_NAMES: Final[Names] = {
    "equal": ("balanced",),
    "proportional": ("prop",),
    "observed": ("cells",),
}
NO_WEIGHTING: Final = {
    **dict.fromkeys(
        ("OM", "observed margins"),
        "SAS's OM is `proportional` for one factor and `observed` for combinations of factors",
    ),
}
"""Names of weightings that a plan has not, or calls otherwise -> what to write."""
ROBUST_NAMES: Final[Names] = {
    "robust": ("sandwich", "liang-zeger"),
    "kauermann-carroll": ("kc",),
    "mancl-derouen": ("md",),
    "morel": ("mbn", "morel-bokossa-neerchal"),
}
SURVIVAL_INTERVAL_NAMES: Final[Names] = {
    "log-log": ("complementary log-log", "cloglog"),
    "plain": ("linear",),
    "arcsin": ("asin", "arcsine", "asinsqrt", "arcsine square root"),
}
DISTRIBUTION_NAMES: Final[Names] = {
    "log-normal": ("lnormal",),
    "log-logistic": ("llogistic",),
}
RECURRENT_NAMES: Final[Names] = {
    "Andersen-Gill": ("ag",),
    "PWP total time": ("pwp-tt", "prentice-williams-peterson total time"),
    "PWP gap time": ("pwp-gt", "prentice-williams-peterson gap time"),
}
WEIGHTED_TEST_NAMES: Final[Names] = {
    "Gehan-Breslow": ("gehan", "wilcoxon", "gehan-wilcoxon", "gehan-breslow-wilcoxon"),
    "Peto-Peto": ("peto",),
    "Tarone-Ware": ("tarone",),
    "Fleming-Harrington (1, 0)": ("fh(1, 0)",),
    "Fleming-Harrington (0, 1)": ("fh(0, 1)",),
    "Fleming-Harrington (1, 1)": ("fh(1, 1)",),
}
NO_WEIGHTED_TEST: Final = {
    **dict.fromkeys(
        ("logrank", "mantel"), "leave it out; the log-rank test is always reported, and unweighted"
    ),
    **dict.fromkeys(
        ("fh", "fleming-harrington"),
        "say which, as in `fleming_harrington_0_1` for late differences",
    ),
    **dict.fromkeys(
        ("modpeto", "modified peto", "peto-prentice", "prentice"),
        "that modification is not offered; `peto_peto` is the nearest",
    ),
}
"""Tests of curves that are no weighted ones of a plan -> what to write."""
NO_ROLE: Final = {
    **dict.fromkeys(
        ("exploratory", "tertiary", "descriptive", "ancillary", "additional", "supportive"),
        "write `supplementary`; ICH E9(R1) calls so what is not to support the claim",
    ),
    "post hoc": "write `supplementary`, and say in its label that it was not planned",
    "key secondary": "write `secondary`, and name it in a family of `multiplicity`",
    **dict.fromkeys(
        ("co-primary", "coprimary"),
        "write `primary` for each of them, and say in `multiplicity` how they are tested",
    ),
    **dict.fromkeys(
        ("main", "confirmatory"), "write `primary`, or `secondary` for a key secondary analysis"
    ),
    "subgroup": "write `supplementary`; `subgroups` of an `mmrm` compares within each subgroup",
    "safety": "write `supplementary`; the tables of adverse events come from the block `safety`",
}
"""Names that are no role -> what to write."""

DF_LABELS: dict[DegreesOfFreedom, str] = {
    "satterthwaite": "Satterthwaite",
    "kenward-roger": "Kenward-Roger",
    "kenward-roger-linear": "Kenward-Roger (linear form)",
    "kenward-roger-mmrm": "Kenward-Roger (form of R's mmrm)",
    "between-within": "between-within",
    "residual": "residual",
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

COVARIANCE_FORMS: Final[dict[str, str]] = {
    "us": "each variance and each correlation is free",
    "toep": "one variance, one correlation for each distance in visits",
    "toeph": "a variance for each visit, one correlation for each distance in visits",
    "ar1": "one variance, a correlation that falls by one factor with each visit",
    "ar1h": "a variance for each visit, a correlation that falls by one factor with each visit",
    "ad": "one variance, a correlation for each pair of neighbouring visits",
    "adh": "a variance for each visit, a correlation for each pair of neighbouring visits",
    "cs": "one variance, one correlation",
    "csh": "a variance for each visit, one correlation",
    "sp_exp": "one variance, a correlation that falls exponentially with the time between visits",
}
COVARIANCE_MEANINGS: Final[dict[str, str]] = {
    name: f"{label[0].upper()}{label[1:]}: {COVARIANCE_FORMS[name]}."
    for name, label in COVARIANCE_LABELS.items()
}

E9: Final = "ICH E9(R1) addendum on estimands and sensitivity analysis, 2019"
CARPENTER: Final = "Carpenter, Roger & Kenward 2013, J Biopharm Stat 23:1352-1371"
"""Sources of the rules of sound estimands."""
