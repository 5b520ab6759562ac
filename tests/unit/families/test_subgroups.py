"""Effects in subgroups against the two-way analysis of variance."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.repeated_measures.subgroups import MEAN
from ketaoutcomes.results import Result
from tolerances import SAME_OPTIMUM
from unit.families.test_mmrm_options import change_data, fitted, outcomes, results_of


def trial() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    drug, y = outcomes(60)
    rng = np.random.default_rng(9)
    region = rng.choice(["Asia", "Europe", "USA"], 60)
    return drug, y, region, rng.normal(40, 20, 60)


def rows_of(data: ChangeData, subgroup: dict[str, object]) -> dict[str, Result]:
    return fitted(data, subgroups=[subgroup])


def test_complete_data_give_the_analysis_of_variance_at_the_visit():
    drug, y, region, _ = trial()
    rows = rows_of(change_data(drug, y, region=region), {"by": "region"})
    frame = pd.DataFrame({"y": y[:, 2], "drug": drug.astype(float), "region": region})
    whole = smf.ols("y ~ drug * region", frame).fit()
    test = whole.compare_f_test(smf.ols("y ~ drug + region", frame).fit())
    interaction = rows["region"]
    found = interaction.test_statistic, interaction.p_value, interaction.df
    np.testing.assert_allclose(found, (test[0], test[1], 54), rtol=SAME_OPTIMUM)
    for level in ("Asia", "Europe", "USA"):
        here = region == level
        row = rows[f"region: {level}"]
        expected = y[here & drug, 2].mean() - y[here & ~drug, 2].mean()
        assert row.estimate == pytest.approx(expected, rel=SAME_OPTIMUM)
        assert row.n == here.sum()
        spread = whole.mse_resid * (1 / (here & drug).sum() + 1 / (here & ~drug).sum())
        assert row.std_error == pytest.approx(np.sqrt(spread), rel=SAME_OPTIMUM)


def test_a_number_is_cut_into_ranges():
    drug, y, _, age = trial()
    age[0] = 40.0
    rows = rows_of(change_data(drug, y, age=age), {"by": "age", "cut_at": [40, 50]})
    names = ("below 40", "40 to below 50", "50 and above")
    found = [rows[f"age: {name}"].n for name in names]
    assert found == [(age < 40).sum(), ((age >= 40) & (age < 50)).sum(), (age >= 50).sum()]


def test_two_subgroups_are_a_t_test_of_their_difference():
    drug, y, _, age = trial()
    rows = rows_of(change_data(drug, y, age=age), {"by": "age", "cut_at": [40]})
    low, high = rows["age: below 40"], rows["age: 40 and above"]
    t = (high.estimate - low.estimate) / np.hypot(high.std_error, low.std_error)
    assert rows["age"].p_value == pytest.approx(2 * stats.t.sf(abs(t), 56), rel=1e-5)


def test_what_cannot_be_crossed_is_told():
    drug, y, *_ = trial()
    one = rows_of(change_data(drug, y, region=np.full(60, "Asia")), {"by": "region"})["region"]
    assert one.message == "all participants are in one subgroup of `region`"
    empty = rows_of(change_data(drug, y, arm_again=np.where(drug, "a", "b")), {"by": "arm_again"})
    assert empty["arm_again"].status == "failed"
    # the reason names the arm that each subgroup lacks
    assert empty["arm_again"].message == (
        "arm_again: a: not estimable: no control score at v3; "
        "arm_again: b: not estimable: no drug score at v3"
    )


def test_means_and_numbers_of_each_arm_are_those_of_its_cell():
    """Complete data: the LS mean of an arm in a subgroup is the mean of its subjects."""
    drug, y, region, _ = trial()
    rows = results_of(change_data(drug, y, region=region), subgroups=[{"by": "region"}])
    means = [row for row in rows if row.statistic == MEAN]
    assert len(means) == 6
    for row in means:
        cell = (region == row.group.removeprefix("region: ")) & (drug == (row.arm == "drug"))
        assert row.estimate == pytest.approx(y[cell, 2].mean(), rel=SAME_OPTIMUM)
        assert row.n == cell.sum()


def test_subjects_not_seen_at_the_visit_count_in_the_model():
    drug, y, region, _ = trial()
    y[:5, 2] = np.nan
    rows = rows_of(change_data(drug, y, region=region), {"by": "region"})
    assert sum(rows[f"region: {level}"].n for level in ("Asia", "Europe", "USA")) == 60
