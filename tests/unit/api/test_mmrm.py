"""`ketaoutcomes.mmrm` against closed forms, and what may not change its numbers."""

import warnings

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from scipy import stats
from statsmodels.formula.api import ols

import ketaoutcomes as ko
from api_trials import fit_of, trial
from tolerances import SAME_OPTIMUM

ROUNDING = 1e-9
"""Two ways to one optimum whose likelihood is evaluated in other units or another order."""


def test_one_visit_is_the_analysis_of_covariance():
    """Least squares, its residual degrees of freedom and its t tests, by statsmodels."""
    d = trial(dropout=0.1).query("visit == 'Week 4'")
    fit = fit_of(d, "change ~ baseline + arm")
    other = ols("change ~ baseline + C(arm, Treatment('placebo'))", d).fit()
    for ours, theirs in (
        (fit.params, other.params),
        (fit.bse, other.bse),
        (fit.tvalues, other.tvalues),
        (fit.pvalues, other.pvalues),
    ):
        pairs = zip(sorted(ours), sorted(theirs), strict=True)
        np.testing.assert_allclose(*zip(*pairs, strict=True), rtol=SAME_OPTIMUM)
    np.testing.assert_allclose(fit.df, other.df_resid, rtol=SAME_OPTIMUM)
    limits = fit.conf_int(0.1).to_numpy()
    np.testing.assert_allclose(
        np.sort(limits.ravel()), np.sort(other.conf_int(0.1).to_numpy().ravel()), rtol=SAME_OPTIMUM
    )


@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger", "between-within"])
def test_two_visits_of_everybody_are_the_paired_t_test(df):
    d = trial(40, dropout=0).query("visit != 'Week 4'")
    fit = fit_of(d, "change ~ visit", covariance="cs", df=df)
    found = fit.contrasts("visit").iloc[0]
    wide = d.pivot(index="id", columns="visit", values="change")
    paired = stats.ttest_rel(wide["Week 2"], wide["Week 1"])
    np.testing.assert_allclose(found["statistic"], paired.statistic, rtol=SAME_OPTIMUM)
    np.testing.assert_allclose(found["df"], paired.df, rtol=SAME_OPTIMUM)
    np.testing.assert_allclose(found["p_value"], paired.pvalue, rtol=1e-5)


@settings(max_examples=10)
@given(
    names=st.lists(
        st.text(
            st.characters(
                codec="utf-8", exclude_characters="`\x00\r\n\\", categories=("L", "N", "P", "Zs")
            ),
            min_size=1,
            max_size=12,
        ).filter(lambda s: s.strip() == s),
        min_size=5,
        max_size=5,
        unique=True,
    ),
    order=st.randoms(use_true_random=False),
)
def test_names_and_order_of_rows_do_not_count(names, order):
    d = trial(30)
    plain = fit_of(d)
    new = dict(zip(d.columns, names, strict=True))
    rows = list(d.index)
    order.shuffle(rows)
    quoted = {k: f"`{v}`" for k, v in new.items()}
    formula = "{change} ~ {baseline}*{visit} + {arm}*{visit}".format(**quoted)
    fit = ko.mmrm(
        formula,
        d.loc[rows].rename(columns=new),
        subject=new["id"],
        visit=new["visit"],
        levels={new["arm"]: "placebo"},
    )
    np.testing.assert_allclose(fit.params, plain.params, rtol=ROUNDING)
    np.testing.assert_allclose(fit.bse, plain.bse, rtol=ROUNDING)
    means = fit.lsmeans(new["arm"], by=new["visit"])
    np.testing.assert_allclose(
        means["estimate"], plain.lsmeans("arm", by="visit")["estimate"], rtol=ROUNDING
    )


@settings(max_examples=10)
@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-1e4, 1e4))
def test_units_of_a_covariate_do_not_count(scale, shift):
    d = trial(30)
    plain = fit_of(d)
    fit = fit_of(d.assign(baseline=scale * (d["baseline"] + shift)))
    ours, theirs = (f.contrasts("arm", by="visit") for f in (fit, plain))
    columns = ["estimate", "std_error", "df"]
    np.testing.assert_allclose(ours[columns], theirs[columns], rtol=1e-6)
    np.testing.assert_allclose(fit.params["baseline"] * scale, plain.params["baseline"], rtol=1e-6)


@pytest.mark.parametrize("name", ["center", "log", "C", "poly", "a b", "1", "x.y"])
def test_columns_that_are_called_like_functions(name):
    d = trial().rename(columns={"baseline": name})
    fit = fit_of(d, f"change ~ `{name}`*visit + arm*visit")
    np.testing.assert_allclose(fit.params, fit_of(trial()).params, rtol=ROUNDING)


def test_expressions_are_columns_computed_by_row():
    d = trial()
    fit = fit_of(d, "I(2 * change) ~ log(baseline) + center(baseline) + arm*visit")
    by_hand = d.assign(change=2 * d["change"], l=np.log(d["baseline"]))
    used = by_hand["change"].notna()
    by_hand["m"] = by_hand["baseline"] - by_hand.loc[used, "baseline"].mean()
    other = fit_of(by_hand, "change ~ l + m + arm*visit")
    np.testing.assert_allclose(fit.params, other.params, rtol=ROUNDING)
    new = d.head(4)
    expected = other.predict(by_hand.head(4))
    np.testing.assert_allclose(fit.predict(new), expected, rtol=ROUNDING)
    conditional = fit.predict(new, conditional=True)["estimate"]
    np.testing.assert_allclose(
        conditional, other.predict(by_hand.head(4), conditional=True)["estimate"], rtol=ROUNDING
    )


def test_r_syntax_stands_for_the_arguments():
    d = trial()
    one = ko.mmrm("change ~ arm*visit + toeph(visit | arm / id)", d)
    two = fit_of(d, "change ~ arm*visit", covariance="TOEPH", covariance_by="arm", levels=None)
    np.testing.assert_array_equal(one.params, two.params)
    assert list(one.covariance.index.names) == ["arm", "visit"]


def test_levels_are_ordered_as_people_count():
    d = trial().replace({"visit": {"Week 4": "Week 10"}})
    assert list(fit_of(d).covariance) == ["Week 1", "Week 2", "Week 10"]
    listed = fit_of(d, levels={"visit": ["Week 10"], "arm": "placebo"})
    assert list(listed.covariance) == ["Week 10", "Week 1", "Week 2"]
    kind = pd.CategoricalDtype(["Week 2", "Week 10", "Week 1", "Week 0"])
    assert list(fit_of(d.astype({"visit": kind})).covariance) == ["Week 2", "Week 10", "Week 1"]


def test_contrasts_of_every_kind_agree():
    d = trial(90)
    d["arm"] = np.array(["placebo", "low", "high"])[d["id"] % 3]
    fit = fit_of(d, levels={"arm": ["placebo", "low", "high"]}, df="kenward-roger")
    reference = fit.contrasts("arm", by="visit")
    assert list(reference["contrast"][:2]) == ["low - placebo", "high - placebo"]
    pairs = fit.contrasts("arm", by="visit", method="pairwise")
    own = {"low - placebo": {"low": 1, "placebo": -1}, "high - placebo": {"high": 1, "placebo": -1}}
    custom = fit.contrasts("arm", by="visit", method=own)
    pd.testing.assert_frame_equal(reference, custom)
    np.testing.assert_allclose(pairs["estimate"][:2], -reference["estimate"][:2])
    other = fit.contrasts("arm", by="visit", reference="high")
    np.testing.assert_allclose(other["estimate"].iloc[0], -reference["estimate"].iloc[1])
    means = fit.lsmeans("arm", by="visit").set_index(["visit", "arm"])["estimate"]
    np.testing.assert_allclose(
        reference["estimate"].iloc[0], means["Week 1", "low"] - means["Week 1", "placebo"]
    )


def test_adjusted_tests_keep_their_families():
    d = trial(90)
    d["arm"] = np.array(["placebo", "low", "high"])[d["id"] % 3]
    fit = fit_of(d, "change ~ arm*visit")
    raw = fit.contrasts("arm", by="visit")
    for across, size in (("by", 2), ("all", 6)):
        table = fit.contrasts("arm", by="visit", adjust="bonferroni", across=across)
        np.testing.assert_allclose(table["p_adjusted"], np.minimum(1, size * raw["p_value"]))
        half = stats.t.isf(0.025 / size, raw["df"]) * raw["std_error"]
        np.testing.assert_allclose(table["conf_high"], raw["estimate"] + half)
    assert fit.contrasts("arm", by="visit", adjust="holm")["conf_low"].isna().all()
    dunnett = fit.contrasts("arm", by="visit", adjust="dunnett")
    between = (dunnett["p_adjusted"] >= raw["p_value"]) & (
        dunnett["p_adjusted"] <= 2 * raw["p_value"]
    )
    assert between.all()
    # an interval excludes zero if and only if its test rejects
    assert ((dunnett["conf_low"] > 0) | (dunnett["conf_high"] < 0)).equals(
        dunnett["p_adjusted"] < 0.05
    )


def test_weights_of_an_ls_mean_and_values_of_a_covariate():
    d = trial(60)
    d["site"] = np.where(d["id"] % 4 == 0, "A", "B")
    fit = fit_of(d, "change ~ site + baseline + arm*visit")
    counts = d[d["change"].notna()]["site"].value_counts(normalize=True)
    by_site = fit.lsmeans("arm", by=["visit", "site"]).set_index(["visit", "arm", "site"])[
        "estimate"
    ]
    proportional = fit.lsmeans("arm", by="visit", weights="proportional")
    expected = [
        sum(counts[s] * by_site[v, a, s] for s in counts.index)
        for v, a in zip(proportional["visit"], proportional["arm"], strict=True)
    ]
    np.testing.assert_allclose(proportional["estimate"], expected, rtol=ROUNDING)
    moved = (
        fit.lsmeans("arm", at={"baseline": 31})["estimate"]
        - fit.lsmeans("arm", at={"baseline": 30})["estimate"]
    )
    np.testing.assert_allclose(moved, fit.params["baseline"], rtol=1e-6)


def test_a_cell_without_rows_has_no_estimate_and_says_so():
    d = trial()
    d = d[~((d["arm"] == "active") & (d["visit"] == "Week 4"))]
    fit = fit_of(d)
    assert "arm active by visit Week 4" in fit.notes[-1]
    with pytest.warns(ko.DataNote, match="no row has visit Week 4, arm active"):
        table = fit.contrasts("arm", by="visit", adjust="max-t", across="all")
    assert table["estimate"].isna().tolist() == [False, False, True]
    assert table["p_adjusted"].isna().tolist() == [False, False, True]
    with pytest.raises(ko.ModelError, match="every combination of levels"):
        fit.anova()
    assert fit.anova(2)["p_value"].notna().all()


def test_what_is_left_out_is_said():
    d = trial()
    d.loc[d.index[:2], ["baseline", "change"]] = [np.nan, 1.0]
    n = d["change"].isna().sum()
    with pytest.warns(
        ko.DataNote, match=r"2 rows with an outcome were left out: `baseline` is missing in 2"
    ):
        fit = fit_of(d)
    assert f"{n} rows without the outcome `change` were not used." in fit.notes
    assert fit.nobs == len(d) - n - 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit_of(trial())


def test_the_ladder_of_structures():
    d = trial(12, dropout=0.5, seed=3)
    fit = fit_of(d, "change ~ arm + visit", covariance=["us", "cs"])
    assert list(fit.ladder["structure"]) == ["us", "cs"]
    assert fit.ladder["note"].iloc[-1] == "kept"
    assert "too few participants" in fit.ladder["note"].iloc[0]
    assert fit.covariance_structure == "cs"
    assert "Structures tried" in str(fit.summary())


def test_no_convergence_raises_unless_asked_for():
    """Outcomes of the second visit are those of the first: the correlation goes to one."""
    d = trial(40, dropout=0).query("visit != 'Week 4'").copy()
    first = d[d["visit"] == "Week 1"].set_index("id")["change"]
    d.loc[d["visit"] == "Week 2", "change"] = first.to_numpy() + 1
    with pytest.raises(ko.ModelError, match=r"could not be fitted.*follows exactly"):
        fit_of(d, "change ~ visit", covariance="cs")
    with pytest.warns(ko.DataNote, match="has not converged"):
        fit = fit_of(d, "change ~ visit", covariance="cs", on_failure="return")
    assert not fit.converged
    assert "Converged" in str(fit.summary())


def test_summary_is_text_and_html():
    d = trial().rename(columns={"arm": "arm <b>"})
    fit = fit_of(d, "change ~ `arm <b>`*visit", levels={"arm <b>": "placebo"})
    text, html = str(fit.summary()), fit.summary()._repr_html_()
    for word in ("Participants", "unstructured", "REML", "Satterthwaite", "Intercept"):
        assert word in text
        assert word in html
    assert "<b>" not in html
    assert fit._repr_html_() == html
    assert "60 participants" in repr(fit)


def test_frames_have_the_words_of_broom():
    fit = fit_of(trial())
    words = ["estimate", "std_error", "df", "statistic", "conf_low", "conf_high", "p_value"]
    assert list(fit.tidy().columns) == ["term", *words]
    assert list(fit.contrasts("arm", by="visit").columns) == [
        "visit",
        "contrast",
        *words,
        "p_adjusted",
    ]
    assert list(fit.lsmeans("arm", by="visit").columns) == [
        "visit",
        "arm",
        "estimate",
        "std_error",
        "df",
        "conf_low",
        "conf_high",
    ]
    wide, narrow = fit.tidy(0.99), fit.tidy()
    assert (wide["conf_low"] < narrow["conf_low"]).all()
    np.testing.assert_allclose(np.diag(fit.cov_params()), fit.bse**2)


def test_the_data_are_not_changed():
    d = trial().astype({"visit": "category"})
    before = d.copy(deep=True)
    fit_of(d, weights=None).predict(d)
    pd.testing.assert_frame_equal(d, before)
