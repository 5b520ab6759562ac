"""The second program of a marginal model says so where its search ends at no optimum."""

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.errors import NotEstimableError
from ketaoutcomes.second.cells import Cells, cells_of
from ketaoutcomes.second.reml import Problem, patterns_of, solve, start_of, structure_of

VISITS = 7


def few_participants(seed: int) -> pd.DataFrame:
    """Twelve participants at seven visits: few for seven variances and six correlations."""
    rng = np.random.default_rng(seed)
    own = rng.normal(0, 1.5, (12, 1)) + rng.normal(0, 1.2, (12, VISITS))
    return pd.DataFrame(
        {
            "subject": np.repeat([f"s{i:02d}" for i in range(12)], VISITS),
            "arm": np.repeat(np.where(np.arange(12) % 3, "drug", "control"), VISITS),
            "visit": pd.Categorical(np.tile([f"v{k}" for k in range(VISITS)], 12)),
            "change": own.ravel(),
        }
    )


def problem_of(name: str, seed: int) -> tuple[Problem, Cells]:
    """The restricted likelihood of a structure for few participants, and their rows."""
    cells = cells_of(few_participants(seed), "change", (), ())
    structure, size = structure_of(name, VISITS)
    one, none = np.ones(len(cells.y)), np.zeros(len(cells.y), dtype=np.int64)
    patterns = patterns_of(cells.y, cells.X, cells.subject, cells.visit, one, none)
    return Problem(patterns, structure, size, VISITS, 1, reml=True), cells


@pytest.mark.parametrize("name", ["toeph", "toep", "adh", "csh"])
@pytest.mark.parametrize("seed", range(4))
def test_a_solution_is_an_optimum_at_a_covariance_or_is_none(name: str, seed: int) -> None:
    problem, cells = problem_of(name, seed)
    try:
        fit = solve(problem, start_of(problem, cells, name))
    except NotEstimableError as error:
        assert "did not converge" in str(error)  # noqa: PT017 - either way is right
        return
    assert np.linalg.eigvalsh(problem.structure(fit.theta, VISITS))[0] > 0
    assert np.abs(fit.gradient).max() < 1e-4 * 12


@pytest.mark.parametrize("name", ["us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh"])
def test_derivatives_of_all_parameters_are_those_of_each(name: str) -> None:
    structure, size = structure_of(name, 4)
    problem = Problem((), structure, size, 4, 1, reml=True)
    theta = np.random.default_rng(1).normal(0, 0.4, size)
    found = problem.derivatives(theta)
    for place in range(size):
        moved = theta + 1e-4 * np.eye(size)[place]
        one_sided = (structure(moved, 4) - structure(theta, 4)) / 1e-4
        np.testing.assert_allclose(found[place], one_sided, atol=1e-2)  # of the order of the step
    assert found.shape == (size, 4, 4)


def test_parameters_of_no_covariance_are_refused() -> None:
    problem, _ = problem_of("toep", 0)
    theta = np.array([0.0, *([-2.0] * (problem.n_parameters - 1))])
    assert np.linalg.eigvalsh(problem.structure(theta, VISITS))[0] < 0
    with pytest.raises(np.linalg.LinAlgError):
        problem.at(theta)
