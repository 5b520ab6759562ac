"""Estimates of one arm that is compared with none, against closed forms and other software."""

from pathlib import Path

import lifelines
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines.utils import restricted_mean_survival_time
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from ketaoutcomes.pipeline import Request, run
from one_arm_study import SEEN_LATE, N, write_study
from tolerances import DEGREES_OF_FREEDOM, EXACT, SAME_OPTIMUM

INTERVAL = ["conf_low", "conf_high"]


class Ran:
    """A run of the open study: what its files hold, and its results."""

    def __init__(self, folder: Path, *, dropout: bool) -> None:
        self.data = write_study(folder, dropout=dropout)
        outcome = run(Request(folder / "plan.yaml", folder, folder / "out"), lambda _: None)
        assert outcome.failures == ()
        self.results = pd.read_parquet(folder / "out" / "results.parquet").set_index("id")
        self.change = self.data["scores"].sub(self.data["scores"]["Baseline"], axis=0)

    def row(self, name: str) -> pd.Series:
        return self.results.loc[name]


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return Ran(tmp_path_factory.mktemp("complete"), dropout=False)


@pytest.fixture(scope="module")
def dropout(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return Ran(tmp_path_factory.mktemp("dropout"), dropout=True)


@pytest.mark.parametrize("visit", ["Week 2", "Week 4"])
def test_of_complete_scores_the_model_is_the_one_sample_t(complete: Ran, visit: str) -> None:
    change = complete.change[visit]
    row = complete.row(f"mmrmt01/change/{visit.lower().replace(' ', '_')}/drug/ls_mean")
    known = stats.ttest_1samp(change, 0).confidence_interval()
    assert row["estimate"] == pytest.approx(change.mean(), abs=EXACT * 100)
    assert row["std_error"] == pytest.approx(change.sem(), rel=SAME_OPTIMUM)
    assert row["df"] == pytest.approx(N - 1, rel=DEGREES_OF_FREEDOM)
    assert row[INTERVAL].tolist() == pytest.approx([known.low, known.high], rel=SAME_OPTIMUM)
    assert pd.isna(row["p_value"])


def test_a_contrast_of_two_visits_is_the_paired_t(complete: Ran) -> None:
    row = complete.row("mmrmt03/change/drug/later/contrast")
    known = stats.ttest_rel(complete.change["Week 4"], complete.change["Week 2"])
    assert row["test_statistic"] == pytest.approx(known.statistic, rel=SAME_OPTIMUM)
    assert row["p_value"] == pytest.approx(known.pvalue, rel=DEGREES_OF_FREEDOM)


def test_adjusted_for_baseline_it_is_least_squares_at_the_mean_baseline(complete: Ran) -> None:
    baseline = complete.data["scores"]["Baseline"]
    X = pd.DataFrame({"one": 1.0, "baseline": baseline - baseline.mean()})
    fit = sm.OLS(complete.change["Week 4"], X).fit()
    row = complete.row("mmrmt01/adjusted/week_4/drug/ls_mean")
    assert row["estimate"] == pytest.approx(fit.params["one"], rel=SAME_OPTIMUM)
    assert row["std_error"] == pytest.approx(fit.bse["one"], rel=SAME_OPTIMUM)
    assert row["df"] == pytest.approx(N - 2, rel=DEGREES_OF_FREEDOM)


def test_a_random_intercept_is_compound_symmetry_in_closed_form(complete: Ran) -> None:
    """Of complete scores each visit's mean is that of the sample, its variance the pooled one."""
    row = complete.row("mmrmt01/intercept/week_4/drug/ls_mean")
    baseline = complete.data["scores"]["Baseline"]
    X = sm.add_constant(baseline - baseline.mean())
    residuals = [sm.OLS(complete.change[v], X).fit().resid for v in ("Week 2", "Week 4")]
    pooled = np.mean([(e @ e) / (N - 2) for e in residuals])
    assert row["estimate"] == pytest.approx(complete.change["Week 4"].mean(), rel=SAME_OPTIMUM)
    assert row["std_error"] == pytest.approx(np.sqrt(pooled / N), rel=SAME_OPTIMUM)


def test_the_likelihood_of_scores_that_end_early_has_a_closed_form(dropout: Ran) -> None:
    """Anderson 1957, J Am Stat Assoc 52:200-203: the later mean by regression on the earlier."""
    first, second = dropout.change["Week 2"], dropout.change["Week 4"]
    seen = second.notna()
    assert seen.sum() == SEEN_LATE
    slope = np.cov(first[seen], second[seen])[0, 1] / first[seen].var()
    mean = second[seen].mean() + slope * (first.mean() - first[seen].mean())
    row = dropout.row("mmrmt01/likelihood/week_4/drug/ls_mean")
    assert row["estimate"] == pytest.approx(mean, rel=SAME_OPTIMUM)
    assert abs(row["estimate"] - second.mean()) > 0.5  # those who left were worse
    jackknife = dropout.row("impt01/jackknife/week_4/drug/ls_mean")
    assert jackknife["estimate"] == pytest.approx(mean, rel=SAME_OPTIMUM)
    imputed = dropout.row("impt01/imputed/week_4/drug/ls_mean")
    error = dropout.row("impt01/imputed/week_4/drug/monte-carlo_error_of_the_ls_mean")["estimate"]
    assert imputed["estimate"] == pytest.approx(mean, abs=4 * error)


def test_the_jackknife_of_complete_scores_is_that_of_a_mean(complete: Ran) -> None:
    change = complete.change["Week 4"]
    row = complete.row("impt01/jackknife/week_4/drug/ls_mean")
    assert row["std_error"] == pytest.approx(change.sem(), rel=SAME_OPTIMUM)
    half = stats.norm.ppf(0.975) * change.sem()
    known = [change.mean() - half, change.mean() + half]
    assert row[INTERVAL].tolist() == pytest.approx(known, rel=SAME_OPTIMUM)
    imputed = complete.row("impt01/imputed/week_4/drug/ls_mean")
    assert imputed["std_error"] == pytest.approx(change.sem(), rel=SAME_OPTIMUM)


def test_proportions_have_wilson_and_exact_intervals(complete: Ran) -> None:
    scores = complete.data["scores"]
    x = int((1 - scores["Week 4"] / scores["Baseline"] >= 0.5).sum())
    row = complete.row("rspt01/response/week_4/drug/proportion")
    assert row["estimate"] == pytest.approx(x / N, rel=EXACT)
    wilson = proportion_confint(x, N, method="wilson")
    assert row[INTERVAL].tolist() == pytest.approx(wilson, rel=SAME_OPTIMUM)
    exact = complete.row("inct01/exact/week_4/drug/proportion")
    tails = [stats.beta.ppf(0.025, x, N - x + 1), stats.beta.ppf(0.975, x + 1, N - x)]
    assert exact[INTERVAL].tolist() == pytest.approx(tails, rel=SAME_OPTIMUM)
    equations = complete.row("geet01/equations/week_4/drug/proportion")
    assert equations["estimate"] == pytest.approx(x / N, rel=SAME_OPTIMUM)
    imputed = complete.row("impt02/scores/week_4/drug/proportion")
    assert imputed["estimate"] == pytest.approx(x / N, rel=EXACT)


def test_the_curve_and_the_area_under_it_are_those_of_lifelines(complete: Ran) -> None:
    times = complete.data["times"]
    fitter = lifelines.KaplanMeierFitter().fit(times["DAYS"], times["EVENT"])
    bounds = fitter.confidence_interval_
    for day in (14, 28, 30, 56):
        row = complete.row(f"kmt01/relapse/drug/day_{day}/survival")
        last = bounds.index[bounds.index <= day][-1]
        assert row["estimate"] == pytest.approx(fitter.predict(day), rel=SAME_OPTIMUM)
        assert row[INTERVAL].tolist() == pytest.approx(bounds.loc[last].tolist(), rel=SAME_OPTIMUM)
    area = restricted_mean_survival_time(fitter, t=60)
    mean = complete.row("ttet01/relapse/drug/restricted_mean")
    assert mean["estimate"] == pytest.approx(area, rel=SAME_OPTIMUM)
    assert complete.row("ttet01/relapse/drug/events")["estimate"] == times["EVENT"].sum()


def test_the_error_of_the_restricted_mean_is_greenwood(complete: Ran) -> None:
    """Var = sum A^2 d / (n (n - d)) with A the area beyond each event, by hand."""
    times = complete.data["times"]
    happened = sorted(times.loc[(times["EVENT"] == 1) & (times["DAYS"] < 60), "DAYS"].unique())
    at_risk = [int((times["DAYS"] >= day).sum()) for day in happened]
    events = [int(((times["DAYS"] == day) & (times["EVENT"] == 1)).sum()) for day in happened]
    level = np.cumprod([1 - d / n for d, n in zip(events, at_risk, strict=True)])
    pieces = level * np.diff([*happened, 60.0])
    beyond = np.cumsum(pieces[::-1])[::-1]
    rates = [d / (n * (n - d)) for d, n in zip(events, at_risk, strict=True)]
    known = np.sqrt(np.sum(beyond**2 * rates))
    row = complete.row("ttet01/relapse/drug/restricted_mean")
    assert row["std_error"] == pytest.approx(known, rel=SAME_OPTIMUM)


def test_harms_have_exact_intervals(complete: Ran) -> None:
    row = complete.row("aet01/treatment/drug/any_adverse_event/proportion")
    known = stats.binomtest(21, N).proportion_ci(method="exact")
    assert row[INTERVAL].tolist() == pytest.approx([known.low, known.high], rel=SAME_OPTIMUM)


@pytest.mark.parametrize("ran", ["complete", "dropout"])
def test_nothing_is_compared(ran: str, request: pytest.FixtureRequest) -> None:
    results = request.getfixturevalue(ran).results
    assert (results["reference"] == "").all()
    words = ("difference", "ratio", "test", "number needed")
    assert not [s for s in results["statistic"] if any(word in s.split() for word in words)]
    assert results.loc[results["p_value"].notna(), "table"].unique().tolist() == ["mmrmt03"]
