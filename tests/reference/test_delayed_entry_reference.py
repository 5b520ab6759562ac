"""A registry with delayed entry, from its file to the results, against R's survival."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from comparisons import close

from ketaoutcomes.data import load_cohort
from ketaoutcomes.families.fitting import derive_endpoint, fit_analysis
from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import cox_model
from ketaoutcomes.numerics.survival.kaplan_meier import kaplan_meier, quantile
from ketaoutcomes.plan import AnalysisPlan
from tolerances import EXACT, SAME_OPTIMUM

MODEL = {"estimand": "e", "role": "primary", "model": "time_to_event", "rmst_days": 200}


@pytest.fixture(scope="module")
def registry(reference_dir: Path) -> dict:
    path = reference_dir / "results" / "delayed_entry" / "registry.json"
    if not path.exists():
        pytest.skip("no reference results of delayed entry")
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def rows(reference_dir: Path, registry: dict) -> pd.DataFrame:
    frame = pd.read_csv(reference_dir / "data" / "registry_delayed_entry.csv")
    assert len(frame) == registry["n"]
    return frame.assign(id=[f"s{i:03d}" for i in range(len(frame))])


@pytest.mark.parametrize("interval", ["log-log", "log"])
def test_curves(registry: dict, rows: pd.DataFrame, interval: str) -> None:
    expected, place = registry[f"km_{interval}"], 0
    for number, (name, size) in enumerate(expected["strata"].items()):
        here = rows[rows["arm"] == name.removeprefix("arm=")]
        curve = kaplan_meier(here["time"], here["status"], interval, entry=here["entry"])
        there = slice(place, place + size)
        close(curve.times, expected["time"][there], EXACT, "time")
        close(curve.n_at_risk, expected["n_risk"][there], EXACT, "at risk")
        close(curve.n_events, expected["n_event"][there], EXACT, "events")
        close(curve.survival, expected["survival"][there], 1e-12, "survival")
        close(curve.conf_low, expected["lower"][there], 1e-9, "lower limit")
        close(curve.conf_high, expected["upper"][there], 1e-9, "upper limit")
        median = quantile(curve)
        assert median.estimate == expected["median"][number]
        assert median.conf_low == expected["median_lower"][number]
        assert median.conf_high == expected["median_upper"][number]
        place += size


def test_from_the_file_to_the_hazard_ratio(
    registry: dict, rows: pd.DataFrame, tmp_path: Path
) -> None:
    rows.to_csv(tmp_path / "times.csv", index=False)
    columns = {"subject": "id", "arm": "arm", "time": "time", "entry": "entry"}
    columns |= {"occurred": "status", "covariates": {"age": "age"}}
    plan = AnalysisPlan.model_validate(
        {
            "study": {"id": "x", "title": "x", "question": "x", "condition": "x"},
            "data": {"files": {"times": "times.csv"}, "columns": columns},
            "phases": {
                "p": {
                    "label": "x",
                    "arms": {"usual": "Usual", "esketamine": "Esketamine"},
                    "reference": "usual",
                }
            },
            "endpoints": {"y": {"kind": "time_to_event", "phase": "p"}},
            "estimands": {
                "e": {
                    "population": "x",
                    "treatment": {"active": "esketamine", "reference": "usual"},
                    "endpoint": "y",
                    "intercurrent_events": {},
                    "summary": "hazard ratio",
                }
            },
            "analyses": {
                ties: MODEL | {"ties": ties, "covariates": ["age"]} for ties in ("efron", "breslow")
            },
        }
    )
    cohort = load_cohort(plan, tmp_path)
    for ties in plan.analyses:
        fitted = fit_analysis(plan, ties, derive_endpoint(plan, ties, cohort))
        row = next(r for r in fitted.results if r.statistic == "hazard ratio")
        expected = registry[f"cox_{ties}"]
        close(np.log(row.estimate), expected["coef"][0], SAME_OPTIMUM, "log hazard ratio")
        close(row.std_error, expected["se"][0], SAME_OPTIMUM, "standard error")
        assert (row.n, row.n_events) == (registry["n"], registry["events"])
        assert abs(np.log(row.estimate) - registry["ignoring_entry"]["coef"][0]) > 0.01


def test_the_score_test(registry: dict, rows: pd.DataFrame) -> None:
    """Cox's score test with Breslow ties, of which the log-rank test differs by tied events."""
    active = (rows["arm"] == "esketamine").to_numpy(dtype=float)[:, None]
    model = cox_model(rows["time"], rows["status"], active, entry=rows["entry"], ties="breslow")
    expected = registry["logrank_with_delayed_entry"]["score_chisq"]
    close(fit_cox(model).score.statistic, expected, 1e-9, "score test")
