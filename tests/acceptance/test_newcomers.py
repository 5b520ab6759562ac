"""Eight public files, as they are distributed, each by a plan alone; against numbers of R.

The numbers are those of R 4.2.2 with survival, nlme and geepack, or of the publication, as noted
next to each dataset; nlme's optimum is flat to the fourth figure.
"""

import math
from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.cli.main import main
from ketaoutcomes.data import load_cohort
from ketaoutcomes.plan.reading.plan_file import read_plan

PLANS = Path(__file__).parent / "newcomers"
SAME_MODEL = 1e-5
"""Of one likelihood maximised by two programs."""
NLME = 3e-4
"""Of nlme::gls, whose convergence is coarser."""
AS_PRINTED = 5e-4

MAIN = {
    # survival::coxph, Efron
    "uis": {"ttet01/primary/long/short/hazard_ratio": (0.788642, SAME_MODEL)},
    # nlme::gls, unstructured, baseline by week
    "mental": {
        "mmrmt01/primary/week_8/a2/a1/difference_in_ls_means": (-12.9677, NLME),
        "mmrmt01/primary/week_8/a3/a1/difference_in_ls_means": (-15.1000, NLME),
        "ttet01/time/a3/a1/hazard_ratio": (0.3757, AS_PRINTED),
    },
    # nlme::gls, unstructured, with sex
    "riesby": {"mmrmt01/primary/w4/endogenous/other/difference_in_ls_means": (0.026449, NLME)},
    # geepack::geeglm, exchangeable: log odds ratio
    "licorice": {"geet01/primary/30_min/licorice/sugar/odds_ratio": (math.exp(0.896439), 1e-5)},
    # 9.2% and 16.9% in the publication; 27 of 295 and 52 of 307 in the file
    "indo": {
        "rspt01/primary/discharge/indomethacin/placebo/risk_difference": (52 / 307 - 27 / 295, 1e-9)
    },
    # survival::coxph with cluster(id): Andersen and Gill; Prentice, Williams and Peterson
    "cgd": {
        "rect01/primary/interferon/placebo/rate_ratio": (0.334444, SAME_MODEL),
        "rect01/primary/interferon/placebo/hazard_ratio_(pwp_total_time)": (0.423102, SAME_MODEL),
        "rect01/primary/interferon/placebo/hazard_ratio_(pwp_gap_time)": (0.416462, SAME_MODEL),
        "ttet01/first/interferon/placebo/hazard_ratio": (0.334867, SAME_MODEL),
    },
    # nlme::gls, unstructured, baseline by month, age and sex
    "arthritis": {
        "mmrmt01/primary/month_5/auranofin/placebo/difference_in_ls_means": (0.3732605, NLME)
    },
}


def folder_of(name: str, newcomers: Path) -> Path:
    """Where the file lies as it is distributed; that of licorice has no column of participants."""
    return newcomers / name / ("orig" if name == "licorice" else ".")


@pytest.mark.parametrize("name", MAIN)
def test_the_main_numbers_are_those_of_r(name: str, newcomers_dir: Path, tmp_path: Path) -> None:
    data = folder_of(name, newcomers_dir)
    words = ["run", str(PLANS / f"{name}.yaml"), "--data", str(data), "--out", str(tmp_path / "o")]
    assert main(words) == 0
    results = pd.read_csv(tmp_path / "o" / "results.csv").set_index("id")["estimate"]
    for row, (expected, tolerance) in MAIN[name].items():
        assert results[row] == pytest.approx(expected, rel=tolerance, abs=tolerance / 10), row


def test_words_for_yes_and_no_by_month(newcomers_dir: Path) -> None:
    """Ten of twelve, and 24 of 32, without disorder at month 10 (counted in the file)."""
    plan, _ = read_plan(PLANS / "schizophrenia2.yaml")
    cohort = load_cohort(plan, folder_of("schizophrenia2", newcomers_dir))
    arms = cohort.assignments.set_index("subject")["arm"]
    month = cohort.visits[cohort.visits["visit"] == "Month 10"]
    free = (month["score"] == 0).groupby(month["subject"].map(arms)).sum()
    assert (free["late"], free["early"]) == (10, 24)
    assert arms.value_counts().to_dict() == {"early": 32, "late": 12}
