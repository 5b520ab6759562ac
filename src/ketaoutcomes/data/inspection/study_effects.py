"""Columns of effects that studies tell themselves, known by their names."""

import re
from collections.abc import Iterable
from typing import Final

from ketaoutcomes.plan.synthesis import Measure

STUDY: Final = re.compile(r"study|trial|author|studlab", re.IGNORECASE)

ESTIMATES: Final[dict[str, Measure]] = {
    "hr": "hazard_ratio",
    "hazardratio": "hazard_ratio",
    "or": "odds_ratio",
    "oddsratio": "odds_ratio",
    "rr": "risk_ratio",
    "riskratio": "risk_ratio",
    "smd": "hedges_g",
    "g": "hedges_g",
    "hedgesg": "hedges_g",
    "md": "mean_difference",
    "meandifference": "mean_difference",
    "difference": "mean_difference",
    "effect": "mean_difference",
    "effectsize": "mean_difference",
    "estimate": "mean_difference",
    "yi": "mean_difference",
}
"""How a column of estimates may be called, without punctuation, and the measure it speaks of."""

PRECISION: Final = {
    "std_error": ("se", "sei", "stderr", "stderror", "standarderror"),
    "low": ("low", "lower", "cilow", "cilower", "lowerci", "lcl", "lci", "conflow", "cilb"),
    "high": ("high", "upper", "cihigh", "ciupper", "upperci", "ucl", "uci", "confhigh", "ciub"),
}
SIZES: Final = {
    "active_n": ("nactive", "ntreatment", "n1", "n1i", "nt", "ne"),
    "control_n": ("ncontrol", "n2", "n2i", "nc"),
}


def effect_columns(columns: Iterable[str]) -> tuple[dict[str, str], Measure] | None:
    """Field -> column, and of which measure; None where a file tells no effect with its error."""
    plain = {re.sub(r"[\W_]", "", name.casefold()): name for name in columns}
    if not any(STUDY.fullmatch(name) for name in plain.values()):
        return None
    estimate = next((name for name in ESTIMATES if name in plain), None)
    told = {
        field: plain[known]
        for field, names in (PRECISION | SIZES).items()
        if (known := next((name for name in names if name in plain), None)) is not None
    }
    if estimate is None or not ("std_error" in told or {"low", "high"} <= told.keys()):
        return None
    return {"estimate": plain[estimate], **told}, ESTIMATES[estimate]
