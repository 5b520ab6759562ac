"""A small plan and trial whose missing scores are imputed."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.fitting import fit_analysis
from ketaoutcomes.plan import AnalysisPlan
from two_arm_plans import two_arm_plan

VISITS = ("Week 1", "Week 2", "Week 3")
STOPPED = "treatment discontinuation"


def plan(model: str, kind: str = "change", **options: Any) -> AnalysisPlan:
    """One analysis `a` of estimand `e`, drug against control at week 3."""
    needed = {
        "multiple_imputation": {"seed": 1, "imputations": 20},
        "tipping_point": {"delta_range": {"drug": [0, 20]}},
    }.get(model, {})
    return two_arm_plan(
        {"Start": {"day": 1}} | {visit: {"day": 8 + 7 * v} for v, visit in enumerate(VISITS)},
        {"scale": "MADRS", "kind": kind},
        {
            "visit": "Week 3",
            "intercurrent_events": {STOPPED: "treatment policy", "rescue": "hypothetical"},
            "summary": "difference in means" if kind == "change" else "difference in proportions",
        },
        {"role": "sensitivity", "model": model} | needed | options,
    )


def change_data(n: int = 80, seed: int = 2) -> ChangeData:
    """Dropout after an event, one score missed in between, and a drug effect that grows."""
    rng = np.random.default_rng(seed)
    arm = np.where(np.arange(n) % 2, "drug", "control")
    baseline, own = rng.normal(30, 4, n).round(), rng.normal(0, 3, n)
    rows = []
    for i in range(n):
        last = 1 + rng.integers(0, 7)
        for v, visit in enumerate(VISITS):
            effect = (v + 1) * 2.5 * (arm[i] == "drug")
            score = np.round(baseline[i] - 3 - 2 * v + own[i] - effect + rng.normal(0, 2))
            seen = v < last and (i, v) != (0, 1)
            event = STOPPED if v >= last else ""
            rows.append((f"s{i:03d}", arm[i], baseline[i], visit, score if seen else np.nan, event))
    columns = ["subject", "arm", "baseline", "visit", "score", "event"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["change"] = frame["score"] - frame["baseline"]
    frame["sex"] = np.where(frame["subject"].str[-1].isin(list("024")), "F", "M")
    return ChangeData("y", "p", "MADRS", ("control", "drug"), VISITS, frame)


def binary_data(data: ChangeData) -> BinaryData:
    """Response of the same trial."""
    half = (data.frame["change"] <= -0.5 * data.frame["baseline"]).astype(float)
    frame = data.frame.assign(outcome=half.where(data.frame["score"].notna()))
    return BinaryData("y", "p", "MADRS", data.arms, VISITS, frame, "rule")


def fitted(of_plan: AnalysisPlan, data: ChangeData | BinaryData) -> Fitted:
    return fit_analysis(of_plan, "a", data)


def with_frame(data: ChangeData, frame: pd.DataFrame) -> ChangeData:
    return replace(data, frame=frame)
