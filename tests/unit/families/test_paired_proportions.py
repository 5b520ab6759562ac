"""McNemar's tests and the paired risk difference against published numbers and R."""

import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.cli.main import main
from ketaoutcomes.errors import PlanError
from ketaoutcomes.numerics.paired_proportions import (
    PairedTable,
    mcnemar_p_value,
    paired_risk_difference,
)
from ketaoutcomes.pipeline import Request, run
from ketaoutcomes.plan.reading.plan_file import read_plan
from tolerances import EXACT

CAVO = PairedTable(both=59, lost=6, gained=16, neither=80)
"""Complete response before and after consolidation (Cavo et al. 2012)."""
BENTUR = PairedTable(both=1, lost=1, gained=7, neither=12)
"""Airway hyper-responsiveness before and after transplantation (Bentur et al. 2009)."""
ALTMAN = PairedTable(both=14, lost=5, gained=0, neither=22)
"""Altman et al. 2000, Statistics with Confidence, table 6.2."""
PRINTED = 5e-5
"""Half a unit of the last of four printed digits, or of the third of three."""


@pytest.mark.parametrize(
    ("pairs", "estimate", "low", "high", "tolerance"),
    [
        # the tests of the R package contingencytables print the first less the later share:
        # -0.0621 (95% CI -0.1186 to -0.0046)
        (CAVO, 0.0621, 0.0046, 0.1186, PRINTED),
        # Fagerland, Lydersen & Laake 2014, Stat Med 33:2850-2875: 0.026 to 0.507
        (BENTUR, 0.286, 0.026, 0.507, 10 * PRINTED),
        # Altman et al. 2000: a difference of 0.122 with 0.011 to 0.226
        (ALTMAN, -0.122, -0.226, -0.011, 10 * PRINTED),
    ],
)
def test_newcombes_interval_is_that_of_publications(
    pairs: PairedTable, estimate: float, low: float, high: float, tolerance: float
) -> None:
    found = paired_risk_difference(pairs, 0.95)
    printed = (found.estimate, found.conf_low, found.conf_high)
    assert printed == pytest.approx((estimate, low, high), abs=tolerance)


def test_mcnemars_tests_are_those_of_publications_and_of_r() -> None:
    # contingencytables: "The McNemar mid-P test: P = 0.034690"
    assert mcnemar_p_value(CAVO, mid=True) == pytest.approx(0.034690, abs=5e-7)
    # R 4.2.2: binom.test(6, 22)$p.value, binom.test(1, 8)$p.value
    assert mcnemar_p_value(CAVO, mid=False) == pytest.approx(0.0524787902832, rel=1e-10)
    assert mcnemar_p_value(BENTUR, mid=False) == pytest.approx(0.0703125, rel=EXACT)
    # Fagerland, Lydersen & Laake 2013: mid-P 0.039; by hand 18/256 - 8/256
    assert mcnemar_p_value(BENTUR, mid=True) == pytest.approx(10 / 256, rel=EXACT)


COUNTS = st.integers(0, 40)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_of_any_table(both: int, lost: int, gained: int, neither: int) -> None:
    """To turn time round turns the interval; mid-P is no larger; limits hold the estimate."""
    if both + lost + gained + neither == 0:
        with pytest.raises(ValueError, match="participant"):
            PairedTable(both, lost, gained, neither)
        return
    pairs, turned = (
        PairedTable(both, lost, gained, neither),
        PairedTable(both, gained, lost, neither),
    )
    found, back = paired_risk_difference(pairs, 0.95), paired_risk_difference(turned, 0.95)
    assert (found.conf_low, found.conf_high) == pytest.approx((-back.conf_high, -back.conf_low))
    assert -1 - EXACT <= found.conf_low <= found.estimate + EXACT
    assert found.estimate - EXACT <= found.conf_high <= 1 + EXACT
    mid, exact = mcnemar_p_value(pairs, mid=True), mcnemar_p_value(pairs, mid=False)
    assert 0 < mid <= exact <= 1
    assert mid == pytest.approx(mcnemar_p_value(turned, mid=True))


PLAN: dict[str, Any] = {
    "study": {"id": "s", "title": "T", "question": "Q?", "condition": "myeloma"},
    "data": {
        "files": {"visits": "trial.csv"},
        "columns": {"subject": "id", "visit": "visit", "value": "complete"},
        "scale": "complete response",
    },
    "scales": {
        "complete response": {"label": "Complete response", "low": 0, "high": 1,
                              "better": "higher", "source": "Cavo 2012"},
    },
    "phases": {
        "treatment": {
            "label": "Consolidation",
            "arms": {"treated": "All patients"},
            "visits": {"Before": {"day": 1}, "After": {"day": 60}},
        }
    },
    "endpoints": {
        "response": {"kind": "yes_or_no", "phase": "treatment", "scale": "complete response",
                     "at_least": 1, "event_label": "complete response", "event_is": "wanted"},
    },
    "estimands": {
        "response": {
            "population": "All",
            "treatment": {"active": "treated"},
            "endpoint": "response",
            "visit": "After",
            "summary": "change_in_proportion",
        }
    },
    "analyses": {
        "pairs": {"estimand": "response", "role": "primary", "model": "paired_proportions"},
        "exact": {"estimand": "response", "role": "sensitivity", "model": "paired_proportions",
                  "test": "exact"},
    },
    "check": "all",
}  # fmt: skip


def written(folder: Path, pairs: PairedTable, smallest: int) -> Path:
    """A plan and its data; two more people have one of the outcomes alone."""
    told = (
        [(1, 1)] * pairs.both + [(1, 0)] * pairs.lost
        + [(0, 1)] * pairs.gained + [(0, 0)] * pairs.neither
    )  # fmt: skip
    rows = [(f"s{k:03}", visit, value)
            for k, both in enumerate(told)
            for visit, value in zip(("Before", "After"), both, strict=True)]  # fmt: skip
    rows += [("x1", "Before", 1), ("x2", "After", 1)]
    frame = pd.DataFrame(rows, columns=["id", "visit", "complete"])
    frame.to_csv(folder / "trial.csv", index=False)
    path = folder / "plan.yaml"
    plan = PLAN | {"report": {"smallest_cell": smallest}}
    path.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    return path


def ran(folder: Path, pairs: PairedTable, smallest: int = 1) -> pd.DataFrame:
    path = written(folder, pairs, smallest)
    assert run(Request(path, folder, folder / "out"), lambda _: None).failures == ()
    return pd.read_parquet(folder / "out" / "results.parquet").set_index("id")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pairs")


@pytest.fixture(scope="module")
def found(folder: Path) -> pd.DataFrame:
    return ran(folder, CAVO)


def test_a_plan_gives_these_numbers_and_a_second_program_checks_them(found: pd.DataFrame) -> None:
    main_row = found.loc["pairt02/pairs/after/treated/paired_risk_difference"]
    assert main_row["n"] == CAVO.n
    assert main_row["p_value"] == pytest.approx(0.034690, abs=5e-7)
    assert main_row["conf_high"] == pytest.approx(0.1186, abs=PRINTED)
    exact = found.loc["pairt02/exact/after/treated/paired_risk_difference"]
    assert exact["p_value"] == pytest.approx(0.0524787902832, rel=1e-10)
    rows = found.filter(like="pairt02/pairs/", axis=0).set_index("statistic")["estimate"]
    assert rows["yes at the first visit alone"] == CAVO.lost
    assert rows["yes at the later visit alone"] == CAVO.gained
    assert rows["proportion at the first visit"] == pytest.approx(65 / 161, rel=EXACT)
    assert rows["proportion at the visit"] == pytest.approx(75 / 161, rel=EXACT)
    checked = found[found["table"].eq("pairt02") & found["p_value"].notna()]["checked_by"]
    assert checked.str.startswith("statsmodels").all()


def test_the_page_says_both_shares_and_the_confounding_with_time(
    folder: Path, found: pd.DataFrame
) -> None:
    assert not found.empty
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "Paired comparison of proportions" in page
    assert "complete response in 40.4% at Before and 46.6% at After" in page
    assert "confounded with time" in page
    assert "McNemar" in page


def test_small_counts_take_the_comparison_with_them(tmp_path: Path) -> None:
    results = ran(tmp_path, CAVO, smallest=11)
    rows = results[results["table"] == "pairt02"]
    of_shares = rows[~rows["statistic"].str.contains("yes|no at")]
    assert set(of_shares["statistic"]) == {
        "proportion at the first visit", "proportion at the visit", "paired risk difference"
    }  # fmt: skip
    assert of_shares[["estimate", "conf_low", "conf_high", "p_value"]].isna().all(axis=None)
    changed = rows[rows["statistic"] == "yes at the first visit alone"]
    assert changed["estimate"].isna().all()
    open_table = PairedTable(both=59, lost=16, gained=26, neither=80)
    (tmp_path / "more").mkdir()
    shown = ran(tmp_path / "more", open_table, smallest=11)
    assert shown[shown["table"] == "pairt02"]["estimate"].notna().all()


def test_arms_are_compared_by_another_model(tmp_path: Path) -> None:
    plan = yaml.safe_load(written(tmp_path, CAVO, 1).read_text(encoding="utf-8"))
    phase = plan["phases"]["treatment"]
    phase["arms"] = {"drug": "Drug", "placebo": "Placebo"}
    phase["reference"] = "placebo"
    plan["data"]["columns"]["arm"] = "arm"
    plan["estimands"]["response"]["treatment"] = {"active": "drug", "reference": "placebo"}
    plan["estimands"]["response"]["summary"] = "difference_in_proportions"
    phase["visits"] = {"Baseline": {"day": 1}, "After": {"day": 60}}
    path = tmp_path / "arms.yaml"
    path.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    with pytest.raises(PlanError) as error:
        read_plan(path)
    told = str(error.value)
    assert "model: proportions" in told, told


@pytest.mark.rscript
def test_the_exported_script_repeats_them_in_r(folder: Path, found: pd.DataFrame) -> None:
    assert not found.empty
    out = folder / "exported"
    assert main(["export", str(folder / "plan.yaml"), "--to", str(out), "-q"]) == 0
    script = subprocess.run(
        ["Rscript", "analysis.R"], cwd=out, capture_output=True, text=True, check=False
    )
    assert script.returncode == 0, script.stderr
    compared = pd.read_csv(out / "comparison.csv")
    here = compared[compared["id"].str.startswith("pairt02")]
    assert not here.empty
    assert here["verdict"].eq("equal").all(), here
