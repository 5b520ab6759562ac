"""Classes of courses of a repeated score: how many, their means, and their shares of the arms."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.trajectories.plan import TrajectoryAnalysis
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.trajectories.fit import (
    Errors,
    MixtureFit,
    Share,
    difference_of,
    errors_of,
    fit_mixture,
    is_at_bound,
    share_of,
)
from ketaoutcomes.numerics.trajectories.mixture import Courses
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

HOW_MANY, CHOSEN = "trjt01", "trjt02"
FEW_SUBJECTS = 10
"""Subjects for each parameter of the largest model, below which nothing is fitted."""

LEAST_SURE = 0.7
"""Mean posterior probability below which a class is not told apart (Nagin 2005, section 5.3)."""


def fit_trajectory_analysis(
    name: str,
    analysis: TrajectoryAnalysis,
    estimand: Estimand,
    endpoint: ChangeData,
    conf_level: float,
) -> Fitted:
    """Each number of classes, and the one with the lowest BIC in full."""
    row = Result(
        table=HOW_MANY,
        statistic="BIC",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint.name,
        phase=endpoint.phase,
        method=f"mixture of normal courses, deviations within a class: {analysis.within}",
    )
    courses = _courses(endpoint)
    if len(courses.y) < FEW_SUBJECTS * len(endpoint.visits) or courses.y.shape[1] < 2:
        message = "too few participants or visits for latent trajectory classes"
        return Fitted(name, (replace(row, status="failed", message=message),))
    fits = {
        k: fit_mixture(courses, k, analysis.within, analysis.starts, analysis.seed)
        for k in analysis.classes
    }
    results = [found for k, fit in fits.items() for found in _criteria(row, k, fit)]
    good = {k: fit for k, fit in fits.items() if fit.converged}
    if good:
        best = min(good, key=lambda k: good[k].information_criterion)
        chosen = replace(row, table=CHOSEN)
        results += _of_chosen(chosen, endpoint, estimand, courses, good[best], conf_level)
    return Fitted(name, tuple(results))


def _courses(endpoint: ChangeData) -> Courses:
    """Changes at the visits, subjects with one score at least."""
    frame = endpoint.frame
    wide = frame.pivot(index="subject", columns="visit", values="change")
    wide = wide.reindex(columns=list(endpoint.visits)).dropna(how="all")
    arm = frame.groupby("subject")["arm"].first().reindex(wide.index)
    codes = arm.map({arm: place for place, arm in enumerate(_arms(endpoint))})
    return Courses(wide.to_numpy(dtype=float), np.asarray(codes, dtype=np.int64))


def _arms(endpoint: ChangeData) -> tuple[str, ...]:
    """The arms of which somebody was seen."""
    seen = endpoint.frame.loc[endpoint.frame["change"].notna(), "arm"]
    return tuple(arm for arm in endpoint.arms if (seen == arm).any())


def _criteria(row: Result, classes: int, fit: MixtureFit) -> Iterator[Result]:
    """How well so many classes describe the courses."""
    words = f"{classes} class" if classes == 1 else f"{classes} classes"
    row = replace(row, group=words, n=len(fit.posterior))
    if not fit.converged:
        yield replace(row, status="failed", message="the steps did not end")
        return
    once = fit.finished > 1 and fit.starts_at_top == 1
    message = "only one start reached this likelihood: there may be a higher one" if once else ""
    yield replace(
        row,
        estimate=fit.information_criterion,
        status="warning" if once else "ok",
        message=message,
    )
    smallest = 100 * float(fit.posterior.mean(axis=0).min())
    for statistic, value, unit in (
        ("log likelihood", fit.log_likelihood, ""),
        ("parameters", float(fit.mixture.n_parameters), ""),
        ("entropy", fit.entropy, ""),
        ("smallest class", smallest, "%"),
        ("starts at the top", float(fit.starts_at_top), ""),
        ("starts to the end", float(fit.finished), ""),
    ):
        yield replace(row, statistic=statistic, estimate=value, unit=unit)


def _of_chosen(
    row: Result,
    endpoint: ChangeData,
    estimand: Estimand,
    courses: Courses,
    fit: MixtureFit,
    conf_level: float,
) -> Iterator[Result]:
    """Means, shares by arm, and how surely subjects are of a class."""
    errors = errors_of(courses, fit)
    if errors is None:
        row = replace(row, message="the information is singular: no standard errors")
    sizes = fit.posterior.sum(axis=0)
    for place in range(len(fit.mixture.means)):
        of_class = replace(row, group=f"class {place + 1}", n=round(float(sizes[place])))
        yield from _means(of_class, endpoint, fit, errors, place, conf_level)
        yield from _shares(of_class, endpoint, estimand, fit, errors, place, conf_level)
        yield from _sureness(of_class, fit, place)
    yield replace(
        row,
        statistic="variance within a class",
        estimate=fit.mixture.variance,
        unit="points squared",
    )
    if fit.mixture.within != "independent":
        yield replace(row, statistic="correlation within a class", estimate=fit.mixture.correlation)


def _means(
    row: Result,
    endpoint: ChangeData,
    fit: MixtureFit,
    errors: Errors | None,
    place: int,
    conf_level: float,
) -> Iterator[Result]:
    half = float(norm.ppf(0.5 + conf_level / 2))
    for column, visit in enumerate(endpoint.visits):
        mean = float(fit.mixture.means[place, column])
        found = replace(row, statistic="mean", visit=visit, estimate=mean, unit="points")
        if errors is not None:
            error = float(errors.means[place, column])
            found = replace(
                found,
                std_error=error,
                conf_low=mean - half * error,
                conf_high=mean + half * error,
                conf_level=conf_level,
            )
        yield found


def _shares(
    row: Result,
    endpoint: ChangeData,
    estimand: Estimand,
    fit: MixtureFit,
    errors: Errors | None,
    place: int,
    conf_level: float,
) -> Iterator[Result]:
    """Shares of the class by arm, and active less reference."""
    arms = _arms(endpoint)
    for code, arm in enumerate(arms):
        found = replace(row, statistic="share", arm=arm, unit="%")
        part = float(fit.mixture.shares[code, place])
        if errors is None or is_at_bound(part):
            words = "at its bound: no interval" if is_at_bound(part) else row.message
            yield replace(found, estimate=100 * part, message=words)
        else:
            yield _with_share(found, share_of(fit, errors, code, place, conf_level), conf_level)
    active, reference = estimand.treatment.active, estimand.treatment.reference
    if errors is None or not {active, reference} <= set(arms) or len(fit.mixture.means) == 1:
        return
    codes = (arms.index(active), arms.index(reference))
    found = replace(
        row, statistic="difference in shares", arm=active, reference=reference, unit="%"
    )
    share = difference_of(fit, errors, codes, place, conf_level)
    z = share.estimate / share.std_error if share.std_error > 0 else 0.0
    p = float(2 * norm.sf(abs(z))) if share.std_error > 0 else None
    yield replace(_with_share(found, share, conf_level), p_value=p)


def _with_share(row: Result, share: Share, conf_level: float) -> Result:
    """The row in per cent."""
    return replace(
        row,
        estimate=100 * share.estimate,
        std_error=100 * share.std_error,
        conf_low=100 * share.conf_low,
        conf_high=100 * share.conf_high,
        conf_level=conf_level,
    )


def _sureness(row: Result, fit: MixtureFit, place: int) -> Iterator[Result]:
    """Mean posterior probability of those most likely of the class, and the odds of being right."""
    if len(fit.mixture.means) == 1:
        return
    members = fit.posterior.argmax(axis=1) == place
    share = float(fit.posterior[:, place].mean())
    if not members.any():
        yield replace(
            row,
            statistic="mean posterior probability",
            status="warning",
            message="no participant is most likely in this class",
        )
        return
    sure = float(fit.posterior[members, place].mean())
    low = sure < LEAST_SURE
    yield replace(
        row,
        statistic="mean posterior probability",
        estimate=sure,
        status="warning" if low else "ok",
        message="below 0.7: the class is not told apart from others" if low else "",
    )
    if 0 < sure < 1 and 0 < share < 1:
        odds = (sure / (1 - sure)) / (share / (1 - share))
        yield replace(row, statistic="odds of correct classification", estimate=odds)


def classes_asked(analysis: TrajectoryAnalysis, row: Result) -> bool:
    """How well each number of classes fits is asked for where the plan writes the numbers."""
    return row.table == "trjt01" and "classes" in analysis.model_fields_set
