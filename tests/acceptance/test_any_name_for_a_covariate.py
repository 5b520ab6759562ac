"""A covariate's name is data: no number depends on what it is called."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketaoutcomes.pipeline import Request, analyse, prepare, run
from ketaoutcomes.plan.covariates import APART, OWN_COLUMNS, covariate_name

NUMBERS = ("estimate", "std_error", "df", "test_statistic", "conf_low", "conf_high", "p_value", "n")
FACTOR, NUMBER = "site_of_care", "years_of_age"
ARMS = ("placebo", "low", "high")
VISITS = ("Week 1", "Week 2")

OF_PARSERS = (
    *("center", "log", "C", "I", "lag", "poly", "bs", "Q", "scale_", "standardize", "hashed", "cc"),
    *("exp", "np", "cr", "te", "contr", "lambda", "class", "None", "True", "1", "0", "x y", "a:b"),
    *("a*b", "a + b", "a|b", "~", "`x`", '"x"', "'x'", "(Intercept)", "Größe (cm)", "x: y", "{x}"),
    *("variable_0_", "__builtins__", "os.system", "a/b", "%", "\\", ".", "年齢", "x[T.a]", "#"),
)


def _table(folder: Path, factor: str, number: str) -> Path:
    """A small trial with something for every model, in files with columns of these names."""
    chance = np.random.default_rng(7)
    n = 48
    subjects = pd.DataFrame(
        {
            "id": [f"s{k:03d}" for k in range(n)],
            "group": np.resize(ARMS, n),
            "first": np.resize(np.repeat(["north", "south"], 3), n),
            "second": chance.normal(40, 9, n).round(1),
            "t": chance.integers(3, 28, n),
            "e": chance.integers(0, 2, n),
            "left": 15,
            "why": "completed",
        }
    )
    subjects.to_csv(folder / "subjects.csv", index=False)
    subjects[["id", "t", "e"]].to_csv(folder / "times.csv", index=False)
    frailty = chance.normal(0, 5, n)
    rows = [
        (s, v, "MADRS", round(float(30 + f - (4 + ARMS.index(a)) * k + chance.normal(0, 4)), 1))
        for s, a, f in zip(subjects["id"], subjects["group"], frailty, strict=True)
        for k, v in enumerate(("Baseline", *VISITS))
        if not (k == 2 and chance.random() < 0.15)
    ]
    rows += [
        (s, v, "CADSS", int(chance.integers(0, 30)))
        for s in subjects["id"]
        for v in ("Baseline", "Week 1")
    ]
    pd.DataFrame(rows, columns=["id", "when", "which", "total"]).to_csv(
        folder / "v.csv", index=False
    )
    events = [(s, int(d), "slip") for s in subjects["id"] for d in chance.choice(14, 2) + 1]
    pd.DataFrame(events, columns=["id", "on", "what"]).to_csv(folder / "e.csv", index=False)
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(_plan(factor, number), allow_unicode=True, sort_keys=False))
    return path


def _plan(factor: str, number: str) -> dict:
    both = [factor, number]
    estimand = {
        "population": "All",
        "treatment": {"active": "high", "reference": "placebo"},
        "intercurrent_events": {"stop": "treatment policy"},
    }
    means = {**estimand, "endpoint": "change", "visit": "Week 2", "summary": "difference in means"}
    shares = {**means, "endpoint": "response", "summary": "difference in proportions"}
    second = {"role": "supplementary"}
    return {
        "study": {"id": "names", "title": "t", "question": "q?", "condition": "c"},
        "data": {
            "files": {
                "subjects": "subjects.csv",
                "visits": "v.csv",
                "events": "e.csv",
                "times": "times.csv",
            },
            "columns": {
                "subject": "id",
                "arm": "group",
                "visit": "when",
                "scale": "which",
                "value": "total",
                "time": "t",
                "occurred": "e",
                "event": "what",
                "day": ["left", "on"],
                "reason": "why",
                "covariates": {factor: "first", number: "second"},
            },
        },
        "phases": {
            "trial": {
                "label": "Trial",
                "arms": {arm: arm.title() for arm in ARMS},
                "reference": "placebo",
                "visits": {"Baseline": {"day": 1}, "Week 1": {"day": 8}, "Week 2": {"day": 15}},
            }
        },
        "endpoints": {
            "change": {"kind": "change", "phase": "trial", "scale": "MADRS"},
            "response": {
                "kind": "response",
                "phase": "trial",
                "scale": "MADRS",
                "improvement_at_least_percent": 20,
            },
            "relapse": {"kind": "time_to_event", "phase": "trial", "event_label": "relapse"},
            "slips": {"kind": "recurrent_events", "phase": "trial", "events": ["slip"]},
        },
        "estimands": {
            "means": means,
            "shares": shares,
            "hazard": {**estimand, "endpoint": "relapse", "summary": "hazard ratio"},
            "rate": {**estimand, "endpoint": "slips", "summary": "rate ratio"},
            "times": {**estimand, "endpoint": "relapse", "summary": "time ratio"},
            "through": {**means, "summary": "natural indirect effect"},
        },
        "analyses": {
            "primary": {
                "estimand": "means",
                "role": "primary",
                "model": "mmrm",
                "covariates": ["baseline", *both],
                "by_visit": ["baseline", *both],
                "covariance_by": factor,
                "weights": number,
                "covariance": ["cs"],
                "subgroups": [{"by": factor}, {"by": number, "cut_at": [40]}],
            },
            "intercept": {
                "estimand": "means",
                "model": "random_intercept",
                **second,
                "covariates": ["baseline", *both],
            },
            "doses": {
                "estimand": "means",
                "model": "dose_response",
                **second,
                "covariates": ["baseline", *both],
                "doses": {"placebo": 0, "low": 1, "high": 2},
                "shapes": {"line": {"shape": "linear"}},
            },
            "filled": {
                "estimand": "means",
                "model": "multiple_imputation",
                **second,
                "covariates": ["baseline", *both],
                "imputations": 3,
                "seed": 1,
            },
            "shares": {"estimand": "shares", "model": "proportions", **second, "strata": [factor]},
            "gee": {"estimand": "shares", "model": "gee", **second, "covariates": both},
            "mixed": {
                "estimand": "shares",
                "model": "logistic_mixed",
                **second,
                "covariates": both,
            },
            "standard": {
                "estimand": "shares",
                "model": "g_computation",
                **second,
                "covariates": both,
                "by": [factor],
            },
            "hazard": {
                "estimand": "hazard",
                "model": "time_to_event",
                **second,
                "strata": [factor],
                "covariates": [number],
                "cluster": factor,
                "rmst_days": 14,
                "risk_table_every_days": 7,
            },
            "frailty": {
                "estimand": "hazard",
                "model": "time_to_event",
                **second,
                "covariates": both,
                "frailty": factor,
                "rmst_days": 14,
                "risk_table_every_days": 7,
            },
            "rate": {
                "estimand": "rate",
                "model": "recurrent_events",
                **second,
                "strata": [factor],
                "covariates": [number],
                "risk_table_every_days": 7,
            },
            "aft": {
                "estimand": "times",
                "model": "aft",
                **second,
                "covariates": both,
                "rmst_days": 14,
                "risk_table_every_days": 7,
            },
            "through": {
                "estimand": "through",
                "model": "mediation",
                **second,
                "covariates": both,
                "mediator": {"scale": "CADSS", "visit": "Week 1"},
                "resamples": 200,
            },
        },
        "report": {"smallest_cell": 1, "baseline_table": both},
    }


def _numbers(folder: Path, factor: str, number: str) -> list[tuple[object, ...]]:
    """Every number of the run with what it is, in the order of the report."""
    request = Request(_table(folder, factor, number))
    rows = analyse(request, prepare(request, lambda _: None), lambda _: None).results.rows
    failed = [row.id + row.message for row in rows if row.status == "failed"]
    assert not failed, failed
    keys = ("table", "statistic", "analysis", "visit", "arm", "reference")
    return [tuple(getattr(row, key) for key in (*keys, *NUMBERS)) for row in rows]


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> list[tuple[object, ...]]:
    return _numbers(tmp_path_factory.mktemp("plain"), FACTOR, NUMBER)


HOSTILE = sorted({*OF_PARSERS, *(OWN_COLUMNS - {"baseline"})})
PAIRS = list(zip(HOSTILE[::2], HOSTILE[1::2], strict=False))


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_a_name_of_a_parser_or_of_the_program_changes_no_number(plain, tmp_path, pair):
    assert _numbers(tmp_path, *pair) == plain


NAMES = st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1, max_size=12)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(NAMES, min_size=2, max_size=2, unique_by=lambda name: name.lower().strip()))
def test_any_text_is_a_name(plain, tmp_path_factory, names):
    assert _numbers(tmp_path_factory.mktemp("named"), *names) == plain


@pytest.mark.filterwarnings("ignore:Attempting to set identical")  # an axis, and no name
def test_the_page_shows_any_name(tmp_path):
    request = Request(_table(tmp_path, 'a<b>: "c" & `d`', "order"), out=tmp_path / "out")
    run(request, lambda _: None)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<b>: " not in page
    assert "order (covariate)" in page


def test_a_covariate_stands_apart_from_a_column_of_the_program():
    assert covariate_name("visit") == f"visit{APART}"
    assert covariate_name("age") == "age"
    assert covariate_name(covariate_name("order")) == covariate_name("order")
