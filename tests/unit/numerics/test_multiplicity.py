"""Procedures for several hypotheses against closure, published tables and other software."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from ketaoutcomes.numerics.multiplicity.adjust import (
    Graph,
    bonferroni,
    fixed_sequence,
    graphical,
    hochberg,
    holm,
)
from ketaoutcomes.numerics.multiplicity.max_t import MaxT, loadings, step_down
from tolerances import EXACT

PRINTED = 0.005
"""Dunnett's tables have two decimals."""
QUASI_MONTE_CARLO = 2e-5
"""What scipy's integral of a multivariate t is good for with four million points."""

p_values = st.lists(st.floats(0.0, 1.0), min_size=2, max_size=5).map(np.array)
quick = settings(max_examples=40)


@quick
@given(p_values)
def test_simple_procedures_are_those_of_another_library(p):
    for ours, name in ((bonferroni, "bonferroni"), (holm, "holm"), (hochberg, "simes-hochberg")):
        expected = multipletests(p, method=name)[1]
        np.testing.assert_allclose(ours(p), expected, rtol=EXACT, atol=EXACT)


@quick
@given(p_values)
def test_known_procedures_are_graphs(p):
    m = p.size
    equal = (np.ones((m, m)) - np.eye(m)) / (m - 1)
    np.testing.assert_allclose(graphical(p, Graph(np.full(m, 1 / m), equal)), holm(p), rtol=1e-9)
    chain = np.eye(m, k=1)
    first = np.eye(m)[0]
    np.testing.assert_allclose(graphical(p, Graph(first, chain)), fixed_sequence(p), rtol=1e-9)
    alone = Graph(np.full(m, 1 / m), np.zeros((m, m)))
    np.testing.assert_allclose(graphical(p, alone), bonferroni(p), rtol=1e-9)


@st.composite
def graphs(draw):
    m = draw(st.integers(2, 4))
    parts = st.lists(st.integers(0, 3), min_size=m, max_size=m)
    weights = np.array(draw(parts), dtype=float)
    G = np.array([draw(parts) for _ in range(m)], dtype=float)
    np.fill_diagonal(G, 0.0)
    weights = weights / max(weights.sum(), 1)
    G = G / np.maximum(G.sum(axis=1, keepdims=True), 1)
    return Graph(weights, G), np.array(draw(st.lists(st.floats(1e-4, 1), min_size=m, max_size=m)))


@quick
@given(graphs())
def test_a_graph_is_a_closed_test_of_weighted_bonferroni_tests(case):
    """Bretz et al. 2009, Theorem: hypothesis i is rejected when all intersections with it are."""
    graph, p = case
    m = p.size
    expected = np.zeros(m)
    for size in range(1, m + 1):
        for chosen in combinations(range(m), size):
            reduced = graph
            for other in set(range(m)) - set(chosen):
                reduced = reduced.without(other)
            w = reduced.weights[list(chosen)]
            tests = [
                p[i] / share if share > 1e-12 else 1.0 for i, share in zip(chosen, w, strict=True)
            ]
            here = min(1.0, *tests)
            for i in chosen:
                expected[i] = max(expected[i], here)
    np.testing.assert_allclose(graphical(p, graph), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ((0.01, 0.005, 0.015, 0.022), (0.02, 0.01, 0.03, 0.03)),
        ((0.02, 0.015, 0.010, 0.023), (0.04, 0.03, 0.04, 0.04)),
    ],
)
def test_parallel_gatekeeping_as_another_package_has_it(p, expected):
    """R lrstat, `fadjpbon`: two primary hypotheses guard two secondary ones."""
    G = np.array([[0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 0, 0]], dtype=float)
    graph = Graph(np.array([0.5, 0.5, 0, 0]), G)
    np.testing.assert_allclose(graphical(np.array(p), graph), expected, rtol=1e-10)


def test_shares_that_are_none_are_refused():
    with pytest.raises(ValueError, match="sum at most 1"):
        Graph(np.array([0.7, 0.7]), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="lead to itself"):
        Graph(np.array([1.0, 0.0]), np.eye(2))


def equal(m: int) -> np.ndarray:
    return np.full((m, m), 0.5) + 0.5 * np.eye(m)


@pytest.mark.parametrize(
    ("m", "df", "critical"),
    # Dunnett 1964, Biometrics 20:482-491, Table II: two-sided 5 % points. The help page of qDunnett
    # in the R package PMCMRplus quotes that of (4, 20); the others are recalled as printed.
    [
        (4, 20, 2.65),
        (2, 10, 2.57),
        (3, 12, 2.68),
        (3, 20, 2.54),
        (4, 12, 2.81),
        (9, 20, 2.95),
        (3, np.inf, 2.35),
    ],
)
def test_dunnetts_table(m, df, critical):
    assert MaxT(equal(m), df).critical(0.95) == pytest.approx(critical, abs=PRINTED)


def test_the_critical_value_mcpmod_prints_for_contrasts_of_unequal_groups():
    # Two-sided 5 % point of five contrasts of five groups, an example of R News 1(2), p. 28; R's
    # critVal prints 2.560983 (tests/MMTests.Rout.save of MCPMod), by integration good to 1e-3.
    contrasts = np.array(
        [[1, -1, 0, 0, 0], [1, 0, -1, 0, 0], [1, 0, 0, 0, -1], [0, 1, 0, -1, 0], [0, 0, 1, -1, 0]]
    )
    n = np.array([26, 24, 20, 33, 32])
    covariance = contrasts @ np.diag(1 / n) @ contrasts.T
    sd = np.sqrt(np.diag(covariance))
    found = MaxT(covariance / np.outer(sd, sd), n.sum() - len(n)).critical(0.95)
    assert found == pytest.approx(2.560983, abs=2e-3)


def quadrant(a: float, b: float) -> float:
    """P(T1 <= a, T2 <= b) of a bivariate Cauchy variable: Genz & Bretz 2009, section 2.1."""
    turn = np.arctan(a * b / np.sqrt(1 + a**2 + b**2))
    return float((np.pi / 2 + np.arctan(a) + np.arctan(b) + turn) / (2 * np.pi))


def test_two_statistics_of_one_df_have_a_closed_form():
    c = 2.0
    expected = quadrant(c, c) - 2 * quadrant(c, -c) + quadrant(-c, -c)
    assert MaxT(np.eye(2), 1).probability(c) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("m", [3, 4, 5])
@pytest.mark.parametrize("df", [12, np.inf])
def test_any_correlation_agrees_with_another_integral(m, df):
    A = np.random.default_rng(m).normal(size=(m, m + 2))
    V = A @ A.T
    R = V / np.sqrt(np.outer(np.diag(V), np.diag(V)))
    assert loadings(R) is None
    high = np.full(m, 2.5)
    if np.isfinite(df):
        other = stats.multivariate_t(shape=R, df=df, seed=1)
        expected = other.cdf(high, lower_limit=-high, maxpts=1_000_000)
    else:
        expected = stats.multivariate_normal(cov=R, seed=1).cdf(high, lower_limit=-high)
    assert MaxT(R, df).probability(2.5) == pytest.approx(expected, abs=QUASI_MONTE_CARLO)


def test_dunnetts_test_of_scipy():
    rng = np.random.default_rng(3)
    groups = [rng.normal(size=n) + shift for n, shift in ((12, 0.8), (9, 0.3), (15, 0.0))]
    control = rng.normal(size=20)
    theirs = stats.dunnett(*groups, control=control, rng=np.random.default_rng(1))
    sizes = np.array([len(g) for g in groups])
    share = np.sqrt(sizes / (sizes + 20))
    R = np.outer(share, share)
    np.fill_diagonal(R, 1.0)
    joint = MaxT(R, sizes.sum() + 20 - 4)
    ours = [joint.p_value(t) for t in theirs.statistic]
    # scipy integrates by quasi-Monte Carlo, and says so
    np.testing.assert_allclose(ours, theirs.pvalue, atol=5e-4)


def test_contrasts_that_depend_on_each_other():
    """Five differences among five groups: 2.5603 by R's MCPMod in R News 1(2), p. 29."""
    C = np.array(
        [[1, -1, 0, 0, 0], [1, 0, -1, 0, 0], [1, 0, 0, 0, -1], [0, 1, 0, -1, 0], [0, 0, 1, -1, 0]]
    )
    V = C / np.array([26, 24, 20, 33, 32]) @ C.T
    R = V / np.sqrt(np.outer(np.diag(V), np.diag(V)))
    assert np.linalg.matrix_rank(R) == 4
    # it was integrated by quasi-Monte Carlo to an error of 1e-3
    assert MaxT(R, 130).critical(0.95) == pytest.approx(2.5603, abs=1e-3)


def test_one_statistic_is_the_t_test():
    one = MaxT(np.eye(1), 7)
    assert one.p_value(2.1) == pytest.approx(2 * stats.t.sf(2.1, 7), rel=1e-8)
    assert one.critical(0.95) == pytest.approx(stats.t.ppf(0.975, 7), rel=1e-10)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.9])
def test_correlation_helps_and_bonferroni_bounds_it(rho):
    R = np.full((3, 3), rho) + (1 - rho) * np.eye(3)
    t = np.array([2.6, -2.2, 1.0])
    joint = np.array([MaxT(R, 30).p_value(x) for x in t])
    plain = 2 * stats.t.sf(np.abs(t), 30)
    assert (joint >= plain - 1e-9).all()
    assert (joint <= bonferroni(plain) + 1e-9).all()
    stepped = step_down(t, R, 30)
    assert stepped[0] == pytest.approx(joint[0], rel=1e-9)
    assert (stepped <= joint + 1e-12).all()
    assert stepped[2] == pytest.approx(max(stepped[1], plain[2]), rel=1e-9)


def all_pairs(precision) -> np.ndarray:
    """Correlations of all differences of independent estimates."""
    k = len(precision)
    C = np.array([np.eye(k)[i] - np.eye(k)[j] for i in range(k) for j in range(i + 1, k)])
    V = C / np.asarray(precision, dtype=float) @ C.T
    return V / np.sqrt(np.outer(np.diag(V), np.diag(V)))


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("df", [5, 40, np.inf])
def test_all_pairs_of_equal_groups_are_tukeys_studentised_range(k, df):
    joint = MaxT(all_pairs(np.ones(k)), df)
    q = np.array([1.5, 3.0, 4.5])
    expected = stats.studentized_range.sf(q, k, df)
    # scipy's integral is right to some 1e-10
    np.testing.assert_allclose([joint.p_value(c) for c in q / np.sqrt(2)], expected, atol=1e-9)


@pytest.mark.parametrize("n", [(10, 20, 40), (8, 9, 30, 12), (10, 11, 12, 40, 9)])
def test_all_pairs_of_unequal_groups_are_an_integral_over_the_groups(n):
    # P(all |x_i - x_j| <= c sqrt(1/n_i + 1/n_j)) by a grid over the means of all groups but one
    # would be as long as the code itself: a simulation of another kind, with its error, judges
    rng = np.random.default_rng(5)
    x = rng.normal(size=(400_000, len(n))) / np.sqrt(n)
    i, j = np.triu_indices(len(n), 1)
    se = np.sqrt(1 / np.array(n)[i] + 1 / np.array(n)[j])
    largest = (np.abs(x[:, i] - x[:, j]) / se).max(axis=1)
    share = (largest > 2.2).mean()
    error = np.sqrt(share * (1 - share) / len(x))
    assert abs(MaxT(all_pairs(n), np.inf).p_value(2.2) - share) < 4 * error


R_OF_MVTNORM = np.array(
    [[1, 0.2, 0.5, -0.3], [0.2, 1, 0.1, 0.4], [0.5, 0.1, 1, 0.25], [-0.3, 0.4, 0.25, 1]]
)


@pytest.mark.parametrize(
    ("size", "df", "c", "two_sided", "expected"),
    [
        # R's mvtnorm 1.3: pmvnorm by Miwa with 4097 steps, pmvt and pmvnorm by TVPACK(1e-14)
        (4, np.inf, 2.3, True, 0.92233667493921),
        (4, np.inf, 2.1, False, 0.93578982182713),
        (3, 9, 2.2, False, 0.92851784438316),
        (3, np.inf, 2.2, False, 0.96118738506667),
    ],
)
def test_general_correlations_as_mvtnorm_has_them(size, df, c, two_sided, expected):
    joint = MaxT(R_OF_MVTNORM[:size, :size], df, two_sided=two_sided)
    # sixteen orthants of Miwa's for two sides add up their errors
    assert joint.probability(c) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("share", [(0.5, 0.6, 0.95), (0.99, 0.995, 0.999), (0.9, 0.95, 0.99, -0.8)])
@pytest.mark.parametrize("two_sided", [True, False])
def test_the_cells_agree_with_the_integral_over_the_factor(share, two_sided):
    own = np.array(share)
    R = np.outer(own, own)
    np.fill_diagonal(R, 1.0)
    z = np.linspace(-9, 9, 20_001)
    w = stats.norm.pdf(z)
    below = stats.norm.cdf((2.1 - np.outer(z, own)) / np.sqrt(1 - own**2))
    above = stats.norm.cdf((-2.1 - np.outer(z, own)) / np.sqrt(1 - own**2)) if two_sided else 0.0
    expected = np.trapezoid(np.prod(below - above, axis=1) * w, z)
    found = MaxT(R, np.inf, two_sided=two_sided)._over_cells(2.1)
    assert 1 - found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("R", [all_pairs(np.ones(4)), np.eye(2), all_pairs((3, 5, 9))])
def test_a_tiny_p_is_not_zero_and_lies_between_the_bounds(R):
    for df, t in ((30.0, 15.0), (400.0, 30.0), (np.inf, 20.0)):
        plain = 2 * stats.t.sf(t, df)
        found = MaxT(R, df).p_value(t)
        assert plain <= found <= len(R) * plain * (1 + 1e-9)
        assert 0 < found < 1e-13


@given(st.permutations(range(6)), st.lists(st.sampled_from([-1, 1]), min_size=6, max_size=6))
@settings(max_examples=15, deadline=None)
def test_order_and_signs_of_the_statistics_do_not_matter(order, signs):
    R = all_pairs((5, 8, 13, 21))
    turned = (R * np.outer(signs, signs))[np.ix_(order, order)]
    assert MaxT(turned, 12).p_value(2.4) == pytest.approx(MaxT(R, 12).p_value(2.4), abs=1e-12)
