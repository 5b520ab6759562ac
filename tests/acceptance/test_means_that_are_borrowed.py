"""All of the drug discontinue before the last visit: what the reference lends is there."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from hollow_trials import HOLLOW, trial, write
from ketaoutcomes.pipeline import Request, run

STOPPED = "stop"
BORROWED = {
    "j2r": "jump to reference",
    "cr": "copy reference",
    "cir": "copy increments in reference",
    "mar": "missing at random",
}


@pytest.mark.parametrize("model", ["conditional_mean", "multiple_imputation"])
def test_strategies_need_only_the_means_that_they_borrow(tmp_path: Path, model: str) -> None:
    path = write(tmp_path, HOLLOW["no drug at Week 4"](trial()), ("cm",))
    plan = yaml.safe_load(path.read_text())
    draws = {"imputations": 5, "seed": 1} if model == "multiple_imputation" else {}
    plan["analyses"] = {
        name: {
            "estimand": "change",
            "role": "supplementary",
            "model": model,
            "strategies": {STOPPED: strategy},
            "dropout_counts_as": STOPPED,
            **draws,
        }
        for name, strategy in BORROWED.items()
    }
    path.write_text(yaml.safe_dump(plan))
    outcome = run(Request(plan=path, out=tmp_path / "run"), lambda _: None)
    (failure,) = outcome.failures
    assert failure.startswith("impt01/mar/week_4")
    assert failure.endswith("not estimable: no drug score at Week 4 to impute from")
    rows = pd.read_csv(tmp_path / "run/results.csv").set_index("id")

    def difference(name: str, visit: str) -> pd.Series:
        return rows.loc[f"impt01/{name}/{visit}/drug/placebo/difference_in_ls_means"]

    assert all(pd.notna(difference(name, "week_4")["estimate"]) for name in ("j2r", "cr", "cir"))
    # the visit that was seen has its estimate under each strategy
    assert all(pd.notna(difference(name, "week_2")["estimate"]) for name in BORROWED)
    if model == "conditional_mean":
        # every drug mean at Week 4 is placebo's, whatever the scores are
        fixed = difference("j2r", "week_4")
        assert (fixed["estimate"], fixed["std_error"], fixed["status"]) == (0.0, 0.0, "warning")
        assert pd.isna(fixed["p_value"])
