"""Small trials with something missing that a comparison needs, as files with their plan."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import yaml

VISITS: Final = {"Baseline": 1, "Week 1": 8, "Week 2": 15, "Week 4": 29}
LATER: Final = tuple(VISITS)[1:]
SCORED: Final = {
    "mmrm": {"model": "mmrm"},
    "intercept": {"model": "random_intercept"},
    "slope": {"model": "random_slope"},
    "gee_change": {"model": "gee"},
    "cm": {"model": "conditional_mean"},
    "mi": {"model": "multiple_imputation", "imputations": 5, "seed": 1},
    "tip": {
        "model": "tipping_point",
        "delta_range": {"drug": [0, 5]},
        "steps": 3,
        "imputations": 5,
        "seed": 1,
    },
}
REMITTED: Final = {
    "gee": {"model": "gee"},
    "unstructured": {"model": "gee", "correlation": "unstructured"},
    "glmm": {"model": "logistic_mixed"},
    "prop": {"model": "proportions", "missing_as": "excluded"},
    "gcomp": {"model": "g_computation", "missing_as": "excluded"},
}


def trial(n: int = 24, seed: int = 1) -> pd.DataFrame:
    """Scores of both arms at each visit, one row each."""
    rng = np.random.default_rng(seed)
    arm = np.where(np.arange(n) % 2 == 1, "drug", "placebo")
    own = rng.normal(0, 4, n)
    rows = [
        {"id": f"S{i:03d}", "arm": arm[i], "visit": visit, "y": round(30 + own[i] - fall, 1)}
        for i in range(n)
        for visit, fall in zip(
            VISITS, (0.0, *(rng.normal(9 + 4 * (arm[i] == "drug"), 5, 3))), strict=True
        )
    ]
    return pd.DataFrame(rows)


def _without(frame: pd.DataFrame, lost: pd.Series) -> pd.DataFrame:
    return frame[~lost].reset_index(drop=True)


def _is(frame: pd.DataFrame, arm: str, *visits: str) -> pd.Series:
    return (frame["arm"] == arm) & frame["visit"].isin(visits)


HOLLOW: Final[dict[str, Callable[[pd.DataFrame], pd.DataFrame]]] = {
    "no baseline in drug": lambda d: _without(d, _is(d, "drug", "Baseline")),
    "no score after baseline in drug": lambda d: _without(d, _is(d, "drug", *LATER)),
    "no score after baseline": lambda d: _without(d, d["visit"] != "Baseline"),
    "none in drug": lambda d: _without(d, d["arm"] == "drug"),
    "ids that do not meet": lambda d: d.assign(
        id=d["id"].where(d["visit"] != "Baseline", "0" + d["id"])
    ),
    "no drug at Week 4": lambda d: _without(d, _is(d, "drug", "Week 4")),
    "one in each arm": lambda d: d[d["id"].isin(["S000", "S001"])].reset_index(drop=True),
}
"""What a trial lacks -> the trial without it; the comparison at Week 4 is not to be had."""


def write(folder: Path, frame: pd.DataFrame, only: tuple[str, ...] = ()) -> Path:
    """The data and a plan of many analyses; the path of the plan."""
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "data.csv", index=False)
    analyses = {n: {"estimand": "change", **a} for n, a in SCORED.items()}
    analyses |= {n: {"estimand": "remission", **a} for n, a in REMITTED.items()}
    kept = {n: a for n, a in analyses.items() if not only or n in only}
    roles = ["primary", *["supplementary"] * (len(kept) - 1)]
    common = {
        "population": "All",
        "treatment": {"active": "drug", "reference": "placebo"},
        "visit": "Week 4",
        "intercurrent_events": {"stop": "treatment policy"},
    }
    plan = {
        "study": {"id": "t", "title": "t", "question": "Does it?", "condition": "depression"},
        "data": {
            "files": {"visits": "data.csv"},
            "columns": {"subject": "id", "arm": "arm", "visit": "visit", "value": "y"},
            "scale": "MADRS",
        },
        "phases": {
            "p": {
                "label": "Treatment",
                "arms": {"placebo": "Placebo", "drug": "Drug"},
                "reference": "placebo",
                "visits": {visit: {"day": day} for visit, day in VISITS.items()},
            }
        },
        "endpoints": {
            "change": {"kind": "change", "phase": "p", "scale": "MADRS"},
            "remission": {"kind": "remission", "phase": "p", "scale": "MADRS", "at_most": 18},
        },
        "estimands": {
            "change": {**common, "endpoint": "change", "summary": "difference in means"},
            "remission": {
                **common,
                "endpoint": "remission",
                "summary": "difference in proportions",
            },
        },
        "analyses": {
            name: {**analysis, "role": role}
            for (name, analysis), role in zip(kept.items(), roles, strict=True)
        },
        "report": {"smallest_cell": 1},
    }
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan, sort_keys=False))
    return path
