"""Functions of frames: the numbers of a plan and of lifelines, by any column names."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketaoutcomes as ko
from imputation_plans import VISITS, change_data, fitted, plan
from ketaoutcomes.api.hazards import Cox, FrailtyCox, PenalisedCox
from one_arm_study import write_study

EXACT = {"rtol": 1e-12}
SAME_OPTIMUM = {"rtol": 1e-5, "atol": 1e-7}
"""Two optimisers stop where a step is small, lifelines at 1e-7 of the log likelihood."""


def trial(n: int = 150, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arm = rng.choice(["drug", "control"], n)
    time = np.ceil(rng.exponential(np.where(arm == "drug", 30, 20)))
    kind = rng.choice([0, 1, 2], n, p=[0.3, 0.5, 0.2])
    age, site = rng.normal(50, 10, n), rng.choice(["a", "b", "c"], n)
    columns = {"my arm": arm, "t": time, "kind": kind, "e": kind == 1, "age": age, "site": site}
    return pd.DataFrame(columns)


def of_trial(data: Any, **renamed: str) -> list[pd.DataFrame]:
    """What every function of times finds."""
    columns = {"time": "t", "event": "e", "arm": "my arm"}
    times = {key: renamed.get(name, name) for key, name in columns.items()}
    age = renamed.get("age", "age")
    kinds = times | {"event": renamed.get("kind", "kind")}
    return [
        ko.kaplan_meier(data, **times).tidy(),
        ko.kaplan_meier(data, **times).quantiles(),
        ko.log_rank(data, **times).tidy(),
        ko.restricted_mean(data, **times, tau=20, covariates=[age]).tidy(),
        ko.cumulative_incidence(data, **kinds).tidy(),
        ko.fine_gray(data, **kinds, covariates=[age]).tidy().drop(columns="term"),
        ko.cox(data, **times, covariates=[age]).tidy().drop(columns="term"),
    ]


def test_any_table_and_any_names_give_the_same(tmp_path: Path) -> None:
    data, path = trial(), tmp_path / "trial.parquet"
    data.to_parquet(path)
    names = {"my arm": "C(arm)", "t": "time to it", "e": "event", "age": "Q('x')", "kind": "0"}
    expected = of_trial(data)
    for other in (
        of_trial(pa.Table.from_pandas(data)),
        of_trial(path),
        of_trial(str(path)),
        of_trial(data.set_index("t")),
        of_trial(data.rename(columns=names), **names),
    ):
        for found, wanted in zip(other, expected, strict=True):
            pd.testing.assert_frame_equal(found, wanted)


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    data = trial()
    shuffled = data.sample(frac=1, random_state=seed)
    for found, wanted in zip(of_trial(shuffled), of_trial(data), strict=True):
        # sums in another order differ in the last digits
        pd.testing.assert_frame_equal(found, wanted, rtol=1e-8, atol=1e-10)


def test_curves_hand_over_lifelines() -> None:
    curves = ko.kaplan_meier(trial(), time="t", event="e", arm="my arm")
    assert list(curves.lifelines) == ["control", "drug"]
    for arm, fitter in curves.lifelines.items():
        curve = curves.curves[arm]
        survival = fitter.survival_function_at_times(curve.times).to_numpy()
        np.testing.assert_allclose(curve.survival, survival, **EXACT)
        limits = fitter.confidence_interval_survival_function_.loc[curve.times].to_numpy()
        known = np.isfinite(curve.conf_low)
        ours = np.column_stack([curve.conf_low, curve.conf_high])
        np.testing.assert_allclose(ours[known], limits[known], rtol=1e-9)
        median = curves.quantiles(0.5).set_index("arm").loc[arm, "estimate"]
        assert median == fitter.median_survival_time_


def test_hazards_hand_over_lifelines() -> None:
    fit = ko.cox(trial(), time="t", event="e", arm="my arm", covariates=["age", "site"])
    assert isinstance(fit, Cox)
    theirs = fit.lifelines
    np.testing.assert_allclose(fit.params, theirs.params_, **SAME_OPTIMUM)
    np.testing.assert_allclose(fit.bse, theirs.standard_errors_, **SAME_OPTIMUM)
    assert fit.concordance().estimate == pytest.approx(theirs.concordance_index_, abs=1e-12)
    assert list(fit.params.index) == ["my arm[drug]", "age", "site[b]", "site[c]"]
    hazard = fit.baseline_hazard().set_index("time")["estimate"]
    centre = float(theirs._norm_mean.to_numpy() @ theirs.params_.to_numpy())
    at_mean = theirs.baseline_cumulative_hazard_.loc[hazard.index, "baseline cumulative hazard"]
    # Efron's terms for ties here, Breslow's there
    np.testing.assert_allclose(hazard * np.exp(centre), at_mean, rtol=0.1)
    exact = ko.cox(trial(), time="t", event="e", arm="my arm", ties="breslow")
    assert isinstance(exact, Cox)
    with pytest.raises(ko.ModelError, match="Efron's ties alone"):
        _ = exact.lifelines


def test_options_of_hazards() -> None:
    data = trial()
    shared: dict[str, Any] = {"time": "t", "event": "e", "arm": "my arm"}
    plain = ko.cox(data, **shared)
    robust = ko.cox(data, **shared, cluster="site")
    ridge = ko.cox(data, **shared, ridge_penalty=10.0)
    frail = ko.cox(data, **shared, frailty="site")
    assert isinstance(plain, Cox)
    assert isinstance(robust, Cox)
    assert isinstance(ridge, PenalisedCox)
    assert isinstance(frail, FrailtyCox)
    assert abs(ridge.params.iloc[0]) < abs(plain.params.iloc[0])
    assert list(frail.frailties().index) == ["a", "b", "c"]
    np.testing.assert_allclose(robust.params, robust.lifelines.params_, **SAME_OPTIMUM)
    assert robust.bse.iloc[0] != plain.bse.iloc[0]
    survival = plain.predict_survival({"my arm[drug]": 1}, [10, 20])["estimate"]
    ratio = float(np.exp(plain.params.iloc[0]))
    base = plain.predict_survival({}, [10, 20])["estimate"]
    np.testing.assert_allclose(survival, base**ratio, **EXACT)  # proportional hazards
    assert plain.residuals().shape == (150,)
    assert list(plain.proportional_hazards()["term"]) == ["my arm", "all"]
    with pytest.raises(ko.ModelError, match="`cluster` and `frailty` do not go together"):
        ko.cox(data, **shared, cluster="site", frailty="site")
    with pytest.raises(ko.DataError, match="use: my arm"):
        plain.predict_survival({"drug": 1}, [10])
    with pytest.raises(ko.ModelError, match="no finite estimate"):
        ko.cox(data.assign(e=data["e"] & (data["my arm"] == "drug")), **shared)


def test_an_exponential_time_is_events_over_time() -> None:
    data = trial().assign(one=1.0)
    fit = ko.parametric_survival(
        data, time="t", event="e", arm="my arm", distribution="exponential"
    )
    mean = data.groupby("my arm")["t"].sum() / data.groupby("my arm")["e"].sum()
    row = fit.tidy().iloc[0]
    # the closed form of the maximum: Newton's last step is below 1e-9 standard errors
    assert row["estimate"] == pytest.approx(mean["drug"] / mean["control"], rel=1e-8)
    median = fit.quantiles({"my arm[drug]": 1}, 0.5)["estimate"].iloc[0]
    assert median == pytest.approx(mean["drug"] * np.log(2), rel=1e-8)
    with pytest.raises(ko.ModelError, match="and not `normal`"):
        ko.parametric_survival(data, time="t", event="e", arm="my arm", distribution="normal")  # type: ignore[arg-type]
    with pytest.raises(ko.DataError, match="use: my arm"):
        fit.quantiles({"drug": 1})


def test_pseudo_values_have_the_mean_of_the_curve() -> None:
    data = trial()
    curve = ko.kaplan_meier(data, time="t", event="e")
    values = ko.pseudo_values(data, time="t", event="e", at=[10, 25])
    np.testing.assert_allclose(values.mean(), curve.at(10, 25)["estimate"], **EXACT)
    means = ko.pseudo_values(data, time="t", event="e", at=25, of="restricted mean")
    expected = ko.restricted_mean(data, time="t", event="e", tau=25).tidy()["estimate"]
    np.testing.assert_allclose(means.mean(), expected, **EXACT)
    lacking = data.assign(t=data["t"].mask(data.index == 3))
    assert ko.pseudo_values(lacking, time="t", event="e", at=10).isna().sum().tolist() == [1]


def test_restricted_means_run_to_the_last_time_that_all_curves_know() -> None:
    data = trial()
    last = data.groupby("my arm")["t"].max()
    found = ko.restricted_mean(data, time="t", event="e", arm="my arm", reference="drug")
    assert found.tau >= last.min()
    assert found.tidy()["arm"].tolist()[:2] == ["drug", "control"]
    with pytest.raises(ko.ModelError, match="there is no RMST"):
        ko.restricted_mean(data.assign(e=False), time="t", event="e", tau=1e4)


def test_times_in_states_add_up_to_the_time() -> None:
    found = ko.cumulative_incidence(trial(), time="t", event="kind", arm="my arm")
    total = found.mean_times(15).groupby("arm")["estimate"].sum()
    np.testing.assert_allclose(total, 15, **EXACT)
    assert list(found.tests["cause"]) == [1, 2]
    words = trial().assign(kind=lambda f: f["kind"].map({0: "none", 1: "relapse", 2: "death"}))
    named = ko.fine_gray(
        words, time="t", event="kind", censored="none", cause="relapse", arm="my arm"
    )
    coded = ko.fine_gray(trial(), time="t", event="kind", cause=1, arm="my arm")
    pd.testing.assert_frame_equal(named.tidy(), coded.tidy())
    with pytest.raises(ko.DataError, match="no row with `relapsed`"):
        ko.fine_gray(words, time="t", event="kind", censored="none", cause="relapsed", arm="my arm")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"time": "T"}, "did you mean `t`"),
        ({"event": "kind"}, "true or false, or 1 and 0"),
        ({"time": "site"}, "numbers"),
        ({"time": "negative"}, "a time is negative"),
    ],
)
def test_errors_name_the_column(columns: dict[str, str], words: str) -> None:
    data = trial().assign(negative=lambda f: -f["t"])
    with pytest.raises(ko.DataError, match=words) as caught:
        ko.kaplan_meier(data, **({"time": "t", "event": "e"} | columns))
    assert caught.value.exit_code == 3
    with pytest.raises(ko.DataError, match="of type `list`"):
        ko.kaplan_meier([1, 2], time="t", event="e")
    with pytest.raises(ko.DataError, match="no such file"):
        ko.kaplan_meier("nowhere.parquet", time="t", event="e")


def test_rows_with_a_missing_value_are_counted() -> None:
    data = trial()
    data.loc[[1, 5], "age"] = np.nan
    fit = ko.cox(data, time="t", event="e", covariates="age")
    assert fit.notes == ("2 rows were left out because a value is missing.",)
    assert "2 rows" in fit._repr_html_()
    assert (
        "&lt;b&gt;"
        in ko.kaplan_meier(data.assign(x="<b>"), time="t", event="e", arm="x")._repr_html_()
    )


def test_the_numbers_of_a_plan(tmp_path: Path) -> None:
    """The open study's time to relapse, one arm."""
    frames = write_study(tmp_path)
    study = ko.run(tmp_path / "plan.yaml", only="relapse")
    table = study.results.set_index("statistic")
    times: dict[str, Any] = {"time": "DAYS", "event": "EVENT"}
    mean = ko.restricted_mean(frames["times"], **times, tau=60).tidy().iloc[0]
    planned = table.loc["restricted mean", ["estimate", "std_error", "conf_low"]].astype(float)
    assert mean[["estimate", "std_error", "conf_low"]].tolist() == planned.tolist()
    row = study.results.query("statistic == 'survival' and group == 'day 30'").iloc[0]
    at = ko.kaplan_meier(frames["times"], **times).at(30).iloc[0]
    assert at["estimate"] == row["estimate"]
    assert at["conf_low"] == row["conf_low"]


IMPUTED = ["multiple_imputation", "conditional_mean"]


@pytest.mark.parametrize("model", IMPUTED)
@pytest.mark.parametrize("strategy", ["missing at random", "jump to reference"])
def test_imputations_are_those_of_a_plan(model: str, strategy: Any) -> None:
    data = change_data()
    event = "treatment discontinuation"
    of_plan = plan(model, strategies={event: strategy}, covariates=["baseline", "sex"])
    rows = [r for r in fitted(of_plan, data).results if r.statistic == "difference in LS means"]
    frame = data.frame.rename(columns={"subject": "id", "score": "MADRS", "arm": "trt"})
    found = ko.impute(
        frame.sample(frac=1, random_state=1)
        .sort_values("id", kind="stable")
        .assign(visit=lambda f: pd.Categorical(f["visit"], VISITS)),
        subject="id",
        arm="trt",
        visit="visit",
        outcome="MADRS",
        baseline="baseline",
        covariates=["sex"],
        event="event",
        strategy=strategy,
        method=model.replace("_", " "),  # type: ignore[arg-type]
        imputations=20,
        seed=1,
    )
    ours = found.tidy().query("term == 'difference in LS means'")
    assert ours["estimate"].tolist() == [row.estimate for row in rows]
    assert ours["std_error"].tolist() == [row.std_error for row in rows]
    completed = found.completed()
    assert completed["MADRS"].notna().all()
    seen = completed.query("imputation == 1 and not imputed").set_index(["id", "visit"])["MADRS"]
    told = frame.dropna(subset="MADRS").set_index(["id", "visit"])["MADRS"]
    # score - baseline + baseline
    pd.testing.assert_series_equal(seen, told.reindex(seen.index), rtol=1e-12)


def test_a_change_is_imputed_as_its_score_is() -> None:
    frame = change_data().frame.assign(chg=lambda f: f["score"] - f["baseline"])
    shared: dict[str, Any] = {
        "subject": "subject",
        "arm": "arm",
        "visit": "visit",
        "baseline": "baseline",
        "strategy": "copy increments in reference",
        "method": "conditional mean",
    }
    by_score = ko.impute(frame, outcome="score", **shared).tidy()
    by_change = ko.impute(frame.dropna(subset="chg"), change="chg", **shared).tidy()
    pd.testing.assert_frame_equal(by_change, by_score, rtol=1e-9)


def test_imputation_refuses_what_it_cannot_use() -> None:
    frame = change_data().frame
    shared: dict[str, Any] = {"subject": "subject", "arm": "arm", "visit": "visit", "seed": 1}
    with pytest.raises(ko.ModelError, match="exactly one of `outcome`"):
        ko.impute(frame, **shared)
    with pytest.raises(ko.ModelError, match="needs `baseline`"):
        ko.impute(frame, outcome="score", **shared)
    scores = shared | {"outcome": "score", "baseline": "baseline"}
    with pytest.raises(ko.DataError, match="one row per participant and visit"):
        ko.impute(pd.concat([frame, frame.head(2)]), **scores)
    with pytest.raises(ko.DataError, match="one value per participant"):
        ko.impute(frame.assign(baseline=frame.index.astype(float)), **scores)
    with pytest.raises(ko.ModelError, match="no row has the event stopping"):
        ko.impute(frame, event="event", strategy={"stopping": "copy reference"}, **scores)
    with pytest.raises(ko.ModelError, match="which is not a covariate"):
        ko.impute(frame, by_visit=["sex"], **scores)
    with pytest.raises(ko.ModelError, match="seed"):
        ko.impute(frame, **(scores | {"seed": None}))
    with pytest.raises(ko.DataError, match="did you mean `control`"):
        ko.impute(frame, reference="contrl", **scores)


def test_the_order_of_visits_is_told_or_known() -> None:
    frame = change_data().frame.dropna(subset="score")
    shared: dict[str, Any] = {
        "subject": "subject",
        "arm": "arm",
        "visit": "visit",
        "baseline": "baseline",
        "outcome": "score",
        "strategy": "jump to reference",
        "method": "conditional mean",
    }
    expected = ko.impute(frame, **shared).tidy()
    words = dict(zip(VISITS, ("last", "first", "middle"), strict=True))
    order = [words[visit] for visit in VISITS]
    renamed = frame.assign(visit=frame["visit"].map(words))
    back = {word: visit for visit, word in words.items()}
    upside_down = renamed[::-1]
    for found in (
        ko.impute(renamed, **shared),
        ko.impute(upside_down, visits=order, **shared),
        ko.impute(upside_down.assign(visit=pd.Categorical(upside_down["visit"], order)), **shared),
    ):
        tidy = found.tidy()
        assert tidy["visit"].map(back).tolist() == expected["visit"].tolist()
        np.testing.assert_allclose(tidy["estimate"], expected["estimate"], rtol=1e-8)
    mixed = pd.concat([renamed.head(30), renamed.tail(-30)[::-1]])
    with pytest.raises(ko.DataError, match="the order of the visits is not known"):
        ko.impute(mixed, **shared)
    with pytest.raises(ko.DataError, match="no first in the order"):
        ko.impute(renamed, visits=["last", "middle"], **shared)
