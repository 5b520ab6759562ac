"""How long imputation takes: `make bench`.

The trial is made up, of the size of the antidepressant trial that R's rbmi ships: 172 subjects,
four visits, a quarter of whom drop out. There the jackknife took R 36 s with default settings.
"""

import time
from collections.abc import Callable

import numpy as np

from ketaoutcomes.numerics.imputation.ancova import AnalysisDesign, fit_ancova
from ketaoutcomes.numerics.imputation.complete import complete
from ketaoutcomes.numerics.imputation.posterior import draw_posterior
from ketaoutcomes.numerics.imputation.resample import jackknife_weights, refit
from ketaoutcomes.numerics.imputation.rubin import pool_by_rubin, pool_jackknife
from ketaoutcomes.numerics.imputation.shift import (
    ShiftedResamples,
    shifted_coefficients,
    tipping_shift,
)
from ketaoutcomes.numerics.imputation.trial import IncompleteTrial, Parameters
from ketaoutcomes.numerics.mmrm.fit import fit_mmrm

N_VISITS = 4
REPEATS = 5
R_SECONDS = 36.0
ARM = np.array([0.0, 1.0, 0.0])


def trial(n: int) -> tuple[IncompleteTrial, AnalysisDesign]:
    """Two arms with baseline by visit; jump to reference after dropout."""
    rng = np.random.default_rng(1)
    arm, baseline = np.arange(n) % 2, rng.normal(18, 5, n)
    lag = np.abs(np.subtract.outer(np.arange(N_VISITS), np.arange(N_VISITS)))
    noise = rng.standard_normal((n, N_VISITS)) @ np.linalg.cholesky(30 * 0.7**lag).T
    y = noise - 0.3 * baseline[:, None] - np.arange(N_VISITS) * (1 + arm[:, None])
    last = np.where(rng.random(n) < 0.25, rng.integers(1, N_VISITS, n), N_VISITS)
    before = np.arange(N_VISITS) < last[:, None]

    def design(arms: np.ndarray) -> np.ndarray:
        cell = np.broadcast_to(np.eye(N_VISITS), (n, N_VISITS, N_VISITS))
        parts = [cell, cell * arms[:, None, None], cell * baseline[:, None, None]]
        return np.concatenate(parts, axis=-1)

    incomplete = IncompleteTrial(
        y=np.where(before, y, np.nan),
        X=design(arm),
        X_reference=design(np.zeros(n)),
        arm=arm,
        before=before,
        strategy=("jump to reference",) * n,
        group=np.zeros(n, dtype=int),
        reference_group=np.zeros(n, dtype=int),
    )
    rows = [np.column_stack([np.ones(n), np.full(n, code), baseline]) for code in (0, 1)]
    return incomplete, AnalysisDesign(np.where(arm[:, None], rows[1], rows[0]), np.stack(rows))


def jackknife(n: int) -> ShiftedResamples:
    """Everything: the fit, a refit without each subject, imputation and analysis of each."""
    data, design = trial(n)
    fit = fit_mmrm(data.statistics, "us")
    refits = refit(data, fit, jackknife_weights(n))
    assert refits.converged.all()
    parameters = Parameters(
        np.concatenate([fit.beta[None], refits.parameters.beta]),
        np.concatenate([fit.covariance[None], refits.parameters.sigma]),
    )
    values = complete(data, parameters)[..., -1]
    weights = np.concatenate([np.ones((1, n)), jackknife_weights(n)])
    shifted = np.column_stack([np.isnan(data.y[:, -1]) & (data.arm == code) for code in (0, 1)])
    each = shifted_coefficients(design, values, shifted.astype(float), weights, ARM)
    return ShiftedResamples(each[0], each[1:], pool_jackknife)


def multiple(n: int, imputations: int) -> None:
    """Posterior draws, imputation, analysis and pooling."""
    data, design = trial(n)
    rng = np.random.default_rng(1)
    draws = draw_posterior(fit_mmrm(data.statistics, "us"), imputations, rng)
    values = complete(data, draws, rng)[..., -1]
    pool_by_rubin(fit_ancova(design, values).combination(ARM))


def surface(shifts: ShiftedResamples) -> None:
    """A grid of 41 by 41 shifts and the contour where the difference tips."""
    grid = np.linspace(-10, 10, 41)
    for row in grid:

        def line(values: np.ndarray, row: float = row) -> np.ndarray:
            return np.column_stack([np.full_like(values, row), values])

        shifts.pool_at(line(grid))
        tipping_shift(shifts.pool_at, line, (-10.0, 10.0), -1.0, 0.95)


def seconds(work: Callable[[], object]) -> float:
    """The fastest of some repeats."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print every time."""
    took = seconds(lambda: jackknife(172))
    print(
        f"conditional mean + jackknife, 172 subjects: {took:6.3f} s "
        f"(R rbmi on its trial of that size: {R_SECONDS:.0f} s)"
    )
    print(f"conditional mean + jackknife, 720 subjects: {seconds(lambda: jackknife(720)):6.3f} s")
    took = seconds(lambda: multiple(172, 500))
    print(f"500 Bayesian imputations, 172 subjects:     {took:6.3f} s")
    shifts = jackknife(172)
    print(f"tipping surface of 41 x 41 with contour:    {seconds(lambda: surface(shifts)):6.3f} s")


if __name__ == "__main__":
    main()
