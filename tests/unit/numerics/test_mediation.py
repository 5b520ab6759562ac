"""Mediation against closed forms, statsmodels, and a truth with a hidden confounder."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.mediation import Mediation

from ketaoutcomes.numerics.mediation import MediationRows, mediation_effects, resampled_effects
from tolerances import EXACT


def rows(n: int = 400, rho: float = 0.0, k: float = 0.0, seed: int = 1) -> MediationRows:
    """Mediator rises by 0.8, each point of it lowers the outcome by 1.5; direct effect -1."""
    rng = np.random.default_rng(seed)
    t = (np.arange(n) % 2).astype(float)
    x = rng.normal(size=n)
    e = rng.multivariate_normal([0, 0], [[1, 2 * rho], [2 * rho, 4]], size=n)
    m = 0.3 + 0.8 * t + 0.5 * x + e[:, 0]
    y = 2 - t - 1.5 * m + k * t * m + 0.7 * x + e[:, 1]
    return MediationRows(t, m, y, x[:, None], interaction=k != 0)


def ols(y: np.ndarray, *columns: np.ndarray) -> np.ndarray:
    return np.asarray(sm.OLS(y, np.column_stack([np.ones(len(y)), *columns])).fit().params)


def test_effects_are_products_of_least_squares_coefficients() -> None:
    data = rows()
    t, m, x = data.treatment, data.mediator, data.covariates[:, 0]
    a, b = ols(m, t, x)[1], ols(data.outcome, t, x, m)[3]
    found = mediation_effects(data)
    assert found.indirect[0][0] == pytest.approx(a * b, rel=1e-9)
    assert found.direct[1][0] == pytest.approx(ols(data.outcome, t, x, m)[1], rel=1e-9)
    # Without interaction the two add up to the total effect, exactly (Baron & Kenny 1986).
    assert found.total[0] == pytest.approx(ols(data.outcome, t, x)[1], rel=1e-9)
    assert found.mean_indirect[0] + found.mean_direct[0] == pytest.approx(found.total[0])


def test_with_interaction_each_arm_has_its_effect_and_they_add_up_crosswise() -> None:
    data = rows(k=0.6)
    found = mediation_effects(data)
    assert found.indirect[1][0] != pytest.approx(found.indirect[0][0], rel=1e-3)
    for arm in (0, 1):
        whole = found.indirect[arm][0] + found.direct[1 - arm][0]
        assert whole == pytest.approx(found.total[0], rel=1e-9)


def test_statsmodels_gives_the_same_effects() -> None:
    data = rows(k=0.6)
    frame = pd.DataFrame(
        {"t": data.treatment, "m": data.mediator, "y": data.outcome, "x": data.covariates[:, 0]}
    )
    outcome = sm.OLS.from_formula("y ~ t * m + x", frame)
    mediator = sm.OLS.from_formula("m ~ t + x", frame)
    other = Mediation(outcome, mediator, "t", "m").fit(method="parametric", n_rep=300).summary()
    found = mediation_effects(data)
    # It takes no seed. Over runs the mean of 300 of its values has an SD of 0.011 (total: 0.019):
    # the tolerances are more than four of its Monte-Carlo errors.
    assert other.loc["ACME (control)", "Estimate"] == pytest.approx(found.indirect[0][0], abs=0.05)
    assert other.loc["ACME (treated)", "Estimate"] == pytest.approx(found.indirect[1][0], abs=0.05)
    assert other.loc["Total effect", "Estimate"] == pytest.approx(found.total[0], abs=0.08)


def test_the_bootstrap_error_is_that_of_the_product() -> None:
    # Sobel 1982: var(ab) = a^2 var(b) + b^2 var(a), in large samples.
    data = rows(n=3000)
    t, m, x = data.treatment, data.mediator, data.covariates[:, 0]
    on = sm.OLS(m, np.column_stack([np.ones_like(t), t, x])).fit()
    of = sm.OLS(data.outcome, np.column_stack([np.ones_like(t), t, x, m])).fit()
    sobel = np.sqrt((on.params[1] * of.bse[3]) ** 2 + (of.params[3] * on.bse[1]) ** 2)
    draws = resampled_effects(data, 2000, seed=5).mean_indirect
    # The standard deviation of 2,000 draws has a relative error of 1/sqrt(4000) = 1.6 %.
    assert draws.std(ddof=1) == pytest.approx(sobel, rel=0.06)


@pytest.mark.parametrize("rho", [-0.5, 0.4])
def test_at_the_true_correlation_the_true_effect_is_found(rho: float) -> None:
    """A hidden confounder biases the usual estimate; the formula at its rho does not."""
    found = mediation_effects(rows(n=400_000, rho=rho))
    assert found.indirect_under(rho)[0] == pytest.approx(0.8 * -1.5, abs=0.02)
    assert abs(found.mean_indirect[0] - 0.8 * -1.5) > 0.3


def test_without_correlation_the_formula_is_the_estimate_and_it_is_nil_at_r() -> None:
    found = mediation_effects(rows())
    assert found.indirect_under(0.0)[0] == pytest.approx(found.mean_indirect[0], rel=1e-9)
    assert found.indirect_under(float(found.correlation[0]))[0] == pytest.approx(0, abs=EXACT)


def test_the_same_seed_gives_the_same_draws_in_any_chunks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = resampled_effects(rows(), 50, seed=2).total
    monkeypatch.setattr("ketaoutcomes.numerics.mediation.CHUNK", 400 * 7)
    np.testing.assert_allclose(resampled_effects(rows(), 50, seed=2).total, whole, rtol=1e-9)


def test_collinear_columns_are_refused() -> None:
    data = rows()
    doubled = MediationRows(data.treatment, data.mediator, data.outcome, data.mediator[:, None])
    with pytest.raises(np.linalg.LinAlgError, match="collinear"):
        mediation_effects(doubled)
