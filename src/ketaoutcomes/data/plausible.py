"""Columns whose numbers no person, or no single unit, would give: told with their count."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data.identifiers.classes import words
from ketaoutcomes.data.identifiers.names import words_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.remarks import Remark
from ketaoutcomes.scales import Scale

FloatArray = NDArray[np.float64]

LEAST_OF_EACH: Final = 3
"""So few values are single slips, and no second unit."""
LEAST_SHARE: Final = 0.05
LEAST_VALUES: Final = 10
MOST_FAR: Final = 0.02
"""The share of values up to which those that are far from all others are slips."""
NEAR_A_FACTOR: Final = 1.2
"""How far the ratio of two groups may be from that of two units."""
LEAST_GAP: Final = 3.8
"""Distance of the means of two groups in their SD. Halves of one normal distribution have 2.7, and
those of a uniform one 3.5."""

CODE: Final = re.compile(r"-?(9{1,4}|8{2,4})")
"""A number that stands for a missing one in many files: -9, 99, 999, 8888."""
FEWEST_OTHERS: Final = 3
FEW_ZEROS: Final = 0.1
ZERO_GAP: Final = 0.15
"""The least score above 0 by the highest, from which on a 0 may mean missing."""
AGE: Final = words("age alter ages edad eta idade leeftijd")
OLDEST: Final = 110.0


@dataclass(frozen=True)
class TwoUnits:
    """A quantity that is measured in either of two units.

    Attributes
    ----------
    named : frozenset of str
        Words of the names of its columns.
    factor : float
        How many times higher a number is in the other unit.
    units : str
        The two, as a reader knows them.
    """

    named: frozenset[str]
    factor: float
    units: str


QUANTITIES: Final = (
    TwoUnits(words("weight wt weightkg bodyweight gewicht peso poids"), 2.2046, "kg and lb"),
    TwoUnits(words("height ht heightcm size groesse taille altura"), 2.54, "cm and inches"),
    TwoUnits(words("bmi"), 10.0, "a decimal sign at the wrong place"),
    TwoUnits(words("temperature temp"), 2.65, "degrees Celsius and Fahrenheit"),
    TwoUnits(words("glucose gluc glu"), 18.016, "mmol/L and mg/dL"),
    TwoUnits(words("cholesterol chol hdl ldl"), 38.67, "mmol/L and mg/dL"),
    TwoUnits(words("triglycerides triglyceride trig"), 88.57, "mmol/L and mg/dL"),
    TwoUnits(words("creatinine creat crea"), 88.42, "mg/dL and µmol/L"),
    TwoUnits(words("bilirubin bili"), 17.1, "mg/dL and µmol/L"),
    TwoUnits(words("haemoglobin hemoglobin hgb hb albumin alb"), 10.0, "g/dL and g/L"),
)
"""Factors of laboratory values follow from the molar mass of what is measured."""


def implausible(plan: AnalysisPlan, cohort: Cohort) -> Iterator[Remark]:
    """Ages that are none, two units in one column, and values far from all others."""
    for name, values in _covariates(plan, cohort):
        what = f"Values of the covariate `{name}`"
        yield from _ages(name, plan, values)
        yield from _measured_twice(name, plan, values)
        yield from _zeros(what, "value", values)
        yield from _codes(name) if holds_code(values) else _far(what, values)
    for scale, scores in cohort.visits.groupby("scale", sort=True, observed=True)["score"]:
        values = scores.dropna().to_numpy(dtype=float)
        yield from _scores(plan.scale(str(scale)), values, averaged=plan.data.diary is not None)
        yield from _far(f"{scale} scores", values)
    if len(cohort.times):
        yield from _far("Times to event", cohort.times["time"].dropna().to_numpy(dtype=float))


def _codes(name: str) -> Iterator[Remark]:
    # the value itself may be that of one participant, and the page shows this
    yield Remark(
        f"The covariate `{name}` has values far from all others, as codes for missing values are",
        remedy="If they mean missing, list them under `data.missing`, as `missing: [-9]`",
    )


def holds_code(values: FloatArray) -> bool:
    """Whether a value like a code for missing is far from all others, or alone is negative.

    Parameters
    ----------
    values : array, shape (n,)
        Numbers of one column, none missing.
    """
    for code in np.unique(values):
        others = values[values != code]
        if others.size < FEWEST_OTHERS or not CODE.fullmatch(f"{code:g}"):
            continue
        if np.abs(others - code).min() > np.ptp(others):
            return True
    return _below_zero_alone(values) > 0


def _below_zero_alone(values: FloatArray) -> int:
    """How many values are below zero where they are few and all others above."""
    below = values < 0
    alone = below.any() and below.mean() <= LEAST_SHARE and (values[~below] > 0).all()
    return int(below.sum()) if alone else 0


def _far(what: str, values: FloatArray) -> Iterator[Remark]:
    far = far_from_all(values)
    if far:
        yield Remark(
            f"{what} lie farther from all others than these from each other: {{count}}",
            remedy="Correct them if they are slips of typing or of units; codes for missing "
            "values belong under `data.missing`",
            count=far,
            total=values.size,
            unit="value",
        )


def _covariates(plan: AnalysisPlan, cohort: Cohort) -> Iterator[tuple[str, FloatArray]]:
    for name in plan.data.file_columns.covariates:
        if name in cohort.subjects and pd.api.types.is_numeric_dtype(cohort.subjects[name]):
            yield name, cohort.subjects[name].dropna().to_numpy(dtype=float)


def _named(name: str, plan: AnalysisPlan) -> set[str]:
    return {*words_of(name), *words_of(str(plan.data.file_columns.covariates[name]))}


def _ages(name: str, plan: AnalysisPlan, values: FloatArray) -> Iterator[Remark]:
    outside = int(((values < 0) | (values > OLDEST)).sum())
    if outside and _named(name, plan) & AGE:
        yield Remark(
            f"The covariate `{name}` of {{count}} is not an age in years, from 0 to {OLDEST:g}",
            remedy="Correct it, or list a code for missing values under `data.missing`; bring "
            "months or years of birth to years with `data.derive`",
            count=outside,
            total=values.size,
            gravity="warning",
        )


def _measured_twice(name: str, plan: AnalysisPlan, values: FloatArray) -> Iterator[Remark]:
    for quantity in QUANTITIES:
        if not _named(name, plan) & quantity.named:
            continue
        higher = higher_by(values, quantity.factor)
        if higher:
            yield Remark(
                f"Values of the covariate `{name}` form two groups, that of {{count}} about "
                f"{quantity.factor:.3g} times higher, as where a part is in another unit "
                f"({quantity.units})",
                remedy="If so, bring them to one unit with `data.derive`",
                count=higher,
                total=values.size,
                gravity="warning",
            )


def higher_by(values: FloatArray, factor: float) -> int:
    """How many values form a group of their own that is higher by this factor; 0 where none do.

    The logarithms are cut where the squares between the two parts are greatest, so that units are
    told apart in whole numbers, too.

    Parameters
    ----------
    values : array, shape (n,)
        Numbers of one column, none missing.
    """
    logs = np.sort(np.log(values[values > 0]))
    n = logs.size
    least = max(LEAST_OF_EACH, int(np.ceil(LEAST_SHARE * n)))
    cuts = np.arange(least, n - least + 1)
    if n < LEAST_VALUES or not cuts.size:
        return 0
    below = np.cumsum(logs)[cuts - 1]
    gap = (logs.sum() - below) / (n - cuts) - below / cuts
    best = int(np.argmax(cuts * (n - cuts) * gap**2))
    low, high = logs[: cuts[best]], logs[cuts[best] :]
    within = float(np.sqrt((low.var() * low.size + high.var() * high.size) / n))
    ratio = abs(float(gap[best]) - np.log(factor))
    apart = float(gap[best]) >= LEAST_GAP * within
    return int(high.size) if apart and ratio <= np.log(NEAR_A_FACTOR) else 0


def _scores(scale: Scale, values: FloatArray, *, averaged: bool) -> Iterator[Remark]:
    """Scores with decimals of a sum of items, and a few below zero where the others are above."""
    broken = int((values != np.round(values)).sum())
    many = broken >= max(LEAST_OF_EACH, LEAST_SHARE * values.size)  # prorated sums are few
    if (scale.items or 1) > 1 and many and not averaged:
        yield Remark(
            f"{scale.name} scores are sums of items, and have decimals: {{count}}",
            remedy="Check whether they are means of items or of raters, or prorated sums; sums of "
            "all items belong in the column",
            count=broken,
            total=values.size,
            unit="score",
            gravity="warning" if broken > values.size / 2 else "note",
        )
    yield from _zeros(f"{scale.name} scores", "score", values)
    below = _below_zero_alone(values)
    if below:
        yield Remark(
            f"{scale.name} scores are below zero, where all others are above: {{count}}",
            remedy="If they mean missing, list them under `data.missing`, as `missing: [-9]`",
            count=below,
            total=values.size,
            unit="score",
        )


def _zeros(what: str, unit: str, values: FloatArray) -> Iterator[Remark]:
    zeros = zeros_apart(values)
    if zeros:
        yield Remark(
            f"{what} are 0, with no other near them: {{count}}",
            remedy="If 0 means missing, list it under `data.missing`",
            count=zeros,
            total=values.size,
            unit=unit,
        )


def zeros_apart(values: FloatArray) -> int:
    """How many values are 0 where they are few and all others far above; else 0.

    Parameters
    ----------
    values : array, shape (n,)
        Scores, none missing.
    """
    zero = values == 0
    others = values[~zero]
    if np.unique(others).size < LEAST_VALUES:  # as of a yes or no, or of a count
        return 0
    if zero.sum() < LEAST_OF_EACH or zero.mean() > FEW_ZEROS:
        return 0
    return int(zero.sum()) if others.min() >= ZERO_GAP * others.max() else 0


def far_from_all(values: FloatArray) -> int:
    """How many values are farther from all others than these from each other; 0 where none are.

    Parameters
    ----------
    values : array, shape (n,)
        Numbers of one column, none missing.
    """
    ordered = np.sort(values)
    most = max(1, int(MOST_FAR * ordered.size))
    if ordered.size < LEAST_VALUES:
        return 0
    return max(_beyond(ordered, most), _beyond(-ordered[::-1], most))


def _beyond(ordered: FloatArray, most: int) -> int:
    """How many of the highest values are so far from the rest."""
    count = np.arange(1, most + 1)
    nearest = ordered[-count - 1]
    spread = nearest - ordered[0]
    far = (spread > 0) & (ordered[-count] - nearest > spread)
    return int(count[far].max(initial=0))
