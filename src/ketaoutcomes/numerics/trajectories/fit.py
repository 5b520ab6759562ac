"""Fit a mixture of courses from several starts, and say how sure it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.trajectories.mixture import (
    Courses,
    Mixture,
    Within,
    as_vector,
    from_vector,
    log_densities,
    log_likelihood,
    posterior,
    step,
)

FloatArray = NDArray[np.float64]
MOST_STEPS = 2000
FIRST_STEPS = 8
"""Every start takes so many; the likeliest go on to the end."""

LEAST_TO_THE_END = 4
SMALL_GAIN = 1e-9
"""Gain of the log likelihood, by its size, at which the steps end."""

LONGEST = 64.0
"""Of an extrapolated step."""

SAME_TOP = 1e-3
"""Log likelihoods so near are of one solution."""

PROBE = 1e-5
AT_BOUND = 1e-4
SINGULAR = 1e-9


@dataclass(frozen=True)
class MixtureFit:
    """The best of all starts.

    Attributes
    ----------
    mixture : Mixture
        Classes in the order of their mean at the last visit, lowest first.
    starts, finished, starts_at_top : int
        How many starts were made, the likeliest of them that went on to the end, and how many of
        these ended at the same likelihood.
    information_criterion : float
        BIC: -2 log likelihood + parameters x log(subjects).
    entropy : float
        1 where every subject is of one class for sure, 0 where nothing is known of any.
    """

    mixture: Mixture
    log_likelihood: float
    information_criterion: float
    entropy: float
    posterior: FloatArray
    converged: bool
    starts: int
    finished: int
    starts_at_top: int


def fit_mixture(
    courses: Courses, classes: int, within: Within, starts: int, seed: int
) -> MixtureFit:
    """Fit so many classes; one class needs one start."""
    rng = np.random.default_rng([seed, classes])
    starts = 1 if classes == 1 else starts
    begun = [
        _climb(courses, _start(courses, classes, within, rng), FIRST_STEPS) for _ in range(starts)
    ]
    begun.sort(key=lambda end: -end[1])
    finished = begun[: max(LEAST_TO_THE_END, starts // 4)]
    ended = [_climb(courses, mixture, MOST_STEPS) for mixture, *_ in finished]
    best = max(ended, key=lambda end: end[1])
    mixture = _ordered(best[0])
    r = posterior(courses, mixture)
    n = len(courses.y)
    spread = -float((r * np.log(np.maximum(r, 1e-300))).sum())
    return MixtureFit(
        mixture=mixture,
        log_likelihood=best[1],
        information_criterion=-2 * best[1] + mixture.n_parameters * float(np.log(n)),
        entropy=1 - spread / (n * float(np.log(classes))) if classes > 1 else 1.0,
        posterior=r,
        converged=best[2],
        starts=starts,
        finished=len(ended),
        starts_at_top=sum(best[1] - end[1] < SAME_TOP for end in ended),
    )


def _start(courses: Courses, classes: int, within: Within, rng: np.random.Generator) -> Mixture:
    """Courses of some subjects far from each other (k-means++, Arthur & Vassilvitskii 2007)."""
    visit_means = np.nanmean(courses.y, axis=0)
    own = np.nanmean(courses.y - visit_means, axis=1, keepdims=True)
    filled = np.where(np.isfinite(courses.y), courses.y, visit_means + own)
    if classes == 1:
        centres = visit_means[None, :]
    else:
        chosen = [int(rng.integers(len(filled)))]
        while len(chosen) < classes:
            gaps = ((filled[:, None, :] - filled[chosen]) ** 2).sum(axis=2).min(axis=1)
            total = gaps.sum()
            weights = gaps / total if total > 0 else None
            chosen.append(int(rng.choice(len(filled), p=weights)))
        # halfway to the mean: the course of one subject is mostly chance
        centres = 0.5 * filled[chosen] + 0.5 * visit_means
    shares = np.full((courses.n_arms, classes), 1 / classes)
    return Mixture(shares, centres, float(np.nanvar(courses.y - visit_means)), 0.3, within)


def _climb(courses: Courses, mixture: Mixture, most: int) -> tuple[Mixture, float, bool]:
    """Steps until the likelihood no longer gains.

    Two steps give a direction, in which a longer one is tried (scheme S3 of Varadhan & Roland 2008,
    Scand J Stat 35:335-353); it is taken if it is no worse than the two.
    """
    before = log_likelihood(courses, mixture)
    for _ in range(most):
        once = step(courses, mixture)
        twice = step(courses, once)
        plain = log_likelihood(courses, twice)
        longer = _extrapolated(mixture, once, twice)
        reached = log_likelihood(courses, longer)
        mixture, after = (longer, reached) if reached > plain else (twice, plain)
        if after - before <= SMALL_GAIN * abs(after):
            return mixture, after, True
        before = after
    return mixture, before, False


def _extrapolated(mixture: Mixture, once: Mixture, twice: Mixture) -> Mixture:
    start, one, two = (as_vector(m) for m in (mixture, once, twice))
    r = one - start
    v = two - one - r
    size = float(np.linalg.norm(v))
    length = -float(np.linalg.norm(r)) / size if size > 0 else -1.0
    length = float(np.clip(length, -LONGEST, -1.0))
    return from_vector(start - 2 * length * r + length**2 * v, mixture)


def _ordered(mixture: Mixture) -> Mixture:
    order = np.argsort(mixture.means[:, -1], kind="stable")
    return Mixture(
        mixture.shares[:, order],
        mixture.means[order],
        mixture.variance,
        mixture.correlation,
        mixture.within,
    )


@dataclass(frozen=True)
class Errors:
    """Standard errors by the empirical information.

    Attributes
    ----------
    means : array, shape (k, v)
    logits : array, shape (a, k - 1, k - 1)
        Covariance of the logits of the shares of an arm, the last class the base.
    """

    means: FloatArray
    logits: FloatArray


def errors_of(courses: Courses, fit: MixtureFit) -> Errors | None:
    """Standard errors; None where the information is singular.

    The sum over subjects of the outer product of their scores (McLachlan & Peel 2000, section
    2.15.3); of the covariance parameters the score is a central difference. A share of 0 is held.
    """
    scores = _scores(courses, fit)
    free = (scores**2).sum(axis=0) > AT_BOUND**2 * len(scores)
    inverse = _inverse(scores[:, free].T @ scores[:, free])
    if inverse is None:
        return None
    covariance = np.zeros((free.size, free.size))
    covariance[np.ix_(free, free)] = inverse
    k, v = fit.mixture.means.shape
    arms = courses.n_arms
    means = np.sqrt(np.diag(covariance)[: k * v]).reshape(k, v)
    first = k * v
    blocks = [
        covariance[np.ix_(at, at)]
        for a in range(arms)
        for at in (np.arange(first + a * (k - 1), first + (a + 1) * (k - 1)),)
    ]
    return Errors(means, np.array(blocks).reshape(arms, k - 1, k - 1))


def _inverse(information: FloatArray) -> FloatArray | None:
    """The inverse, whatever the units of the parameters; None where there is none."""
    scale = 1 / np.sqrt(np.diag(information))
    values, vectors = np.linalg.eigh(information * scale * scale[:, None])
    if values[0] < SINGULAR * values[-1]:
        return None
    return np.asarray((vectors / values) @ vectors.T * scale * scale[:, None])


def is_at_bound(share: float) -> bool:
    """Whether a share is 0 or 1, where it has no standard error."""
    return not AT_BOUND < share < 1 - AT_BOUND


def _scores(courses: Courses, fit: MixtureFit) -> FloatArray:
    """The derivative of each subject's log likelihood by every parameter."""
    mixture, r = fit.mixture, fit.posterior
    k, v = mixture.means.shape
    V = mixture.covariance()
    of_means = np.zeros((len(courses.y), k, v))
    for pattern in courses.patterns:
        seen, rows = pattern.seen, pattern.rows
        inverse = np.linalg.inv(V[np.ix_(seen, seen)])
        residual = pattern.y[:, None, :] - mixture.means[:, seen]
        of_means[np.ix_(rows, np.arange(k), seen)] = r[rows][:, :, None] * (residual @ inverse)
    of_shares = np.zeros((len(courses.y), courses.n_arms, k - 1))
    for a in range(courses.n_arms):
        here = courses.arm == a
        of_shares[here, a] = (r[here] - mixture.shares[a])[:, : k - 1]
    n = len(courses.y)
    parts = [of_means.reshape(n, -1), of_shares.reshape(n, -1), _of_covariance(courses, mixture)]
    return np.concatenate(parts, axis=1)


def _of_covariance(courses: Courses, mixture: Mixture) -> FloatArray:
    """Central differences by log variance and correlation."""
    columns = []
    for name in ("variance",) if mixture.within == "independent" else ("variance", "correlation"):
        sides = []
        for side in (-1, 1):
            moved = {"variance": mixture.variance, "correlation": mixture.correlation}
            if name == "variance":
                moved["variance"] *= float(np.exp(side * PROBE))
            else:
                moved["correlation"] += side * PROBE
            other = Mixture(mixture.shares, mixture.means, within=mixture.within, **moved)
            logs = log_densities(courses, other)
            top = logs.max(axis=1)
            sides.append(top + np.log(np.exp(logs - top[:, None]).sum(axis=1)))
        columns.append((sides[1] - sides[0]) / (2 * PROBE))
    return np.column_stack(columns)


@dataclass(frozen=True)
class Share:
    """A share with its interval, or a difference of two."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float


def share_of(fit: MixtureFit, errors: Errors, arm: int, place: int, conf_level: float) -> Share:
    """Share of a class in an arm; the interval is on the logit, so that it stays inside 0 to 1."""
    p = float(fit.mixture.shares[arm, place])
    error = float(np.sqrt(_variance(fit, errors, arm, place)))
    half = float(norm.ppf(0.5 + conf_level / 2)) * error / (p * (1 - p))
    logit = float(np.log(p / (1 - p)))
    low, high = (float(1 / (1 + np.exp(-(logit + side * half)))) for side in (-1, 1))
    return Share(p, error, low, high)


def difference_of(
    fit: MixtureFit, errors: Errors, arms: tuple[int, int], place: int, conf_level: float
) -> Share:
    """Share of a class in one arm less that in another; arms are independent."""
    one, other = arms
    estimate = float(fit.mixture.shares[one, place] - fit.mixture.shares[other, place])
    error = float(np.sqrt(sum(_variance(fit, errors, arm, place) for arm in arms)))
    half = float(norm.ppf(0.5 + conf_level / 2)) * error
    return Share(estimate, error, estimate - half, estimate + half)


def _variance(fit: MixtureFit, errors: Errors, arm: int, place: int) -> float:
    """By the delta method from the logits."""
    p = fit.mixture.shares[arm]
    slope = p[place] * ((np.arange(p.size) == place) - p)[: p.size - 1]
    return float(slope @ errors.logits[arm] @ slope)
