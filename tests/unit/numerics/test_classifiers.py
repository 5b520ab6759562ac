"""The classifiers that tell real people from synthetic ones, and their area under the curve."""

import numpy as np
import pytest
import statsmodels.api as sm

from ketaoutcomes.numerics.classifiers import area_under_curve, logistic, trees


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    """Of 2 x 3 pairs: 0.9 beats three; 0.4 beats one, ties one and loses one: 4.5 of 6."""
    label = np.array([True, True, False, False, False])
    score = np.array([0.9, 0.4, 0.1, 0.4, 0.6])
    assert area_under_curve(label, score) == pytest.approx(4.5 / 6)


def test_logistic_is_that_of_statsmodels_with_as_many_rows_that_the_ridge_does_not_count() -> None:
    """The ridge moves a coefficient by about beta over the information, 0.2 n: 2e-4 here."""
    generator = np.random.default_rng(1)
    x = generator.standard_normal((20_000, 3))
    label = generator.random(20_000) < 1 / (1 + np.exp(-(x @ [0.5, -0.2, 0.0])))
    fit = sm.Logit(label.astype(float), sm.add_constant(x)).fit(disp=0)
    expected = sm.add_constant(x[:50]) @ fit.params
    np.testing.assert_allclose(logistic(x, label, x[:50]), expected, atol=2e-3)


def test_logistic_has_an_estimate_where_classes_do_not_overlap() -> None:
    x = np.r_[np.arange(5.0), np.arange(10.0, 15.0)][:, None]
    found = logistic(x, x[:, 0] > 7, x)
    assert np.isfinite(found).all()
    assert area_under_curve(x[:, 0] > 7, found) == 1


def test_trees_see_what_no_line_does() -> None:
    """The sign of a product: half of either class on either side of any line."""
    generator = np.random.default_rng(2)
    x, other = generator.standard_normal((2, 400, 4))
    label, true = (rows[:, 0] * rows[:, 1] > 0 for rows in (x, other))
    assert area_under_curve(true, trees(x, label, other, generator)) > 0.85
    assert abs(area_under_curve(true, logistic(x, label, other)) - 0.5) < 0.1


def test_nothing_is_told_where_there_is_nothing_to_tell() -> None:
    """The area of 2,000 rows has an error of 0.013 (Hanley & McNeil at 0.5, 1,000 of each)."""
    generator = np.random.default_rng(3)
    x, other = generator.standard_normal((2, 2_000, 5))
    label, true = generator.random((2, 2_000)) < 0.5
    for score in (trees(x, label, other, generator), logistic(x, label, other)):
        assert area_under_curve(true, score) == pytest.approx(0.5, abs=4 * 0.013)
