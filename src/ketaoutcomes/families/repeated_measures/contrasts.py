"""Contrasts that a plan names: weighted sums of LS means over arms and visits."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis
from ketaoutcomes.families.shared.aliasing import CONFUSED, confused_words
from ketaoutcomes.families.shared.design import LsMeanRows
from ketaoutcomes.families.shared.repeated_measures import RepeatedMeasures, with_estimate
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE = "mmrmt03"


def contrast_results(
    data: RepeatedMeasures,
    analysis: MmrmAnalysis,
    estimand: Estimand,
    means: LsMeanRows,
    common: Result,
    inference: Inference,
    conf_level: float,
) -> tuple[Result, ...]:
    """One row a named contrast, in the plan's order."""
    treatment = estimand.treatment
    vectors = contrast_vectors(data, analysis, estimand, means)
    rows = []
    for name, wanted in analysis.contrasts.items():
        row = replace(
            common,
            table=TABLE,
            statistic="contrast",
            group=name,
            arm=treatment.active,
            reference=treatment.reference,
            n=inference.fit.n_subjects,
            unit="points per day" if wanted.slope_over else "points",
        )
        c = vectors[name]
        if isinstance(c, str):
            rows.append(replace(row, status="failed", message=c))
            continue
        c = c[: len(data.design.kept)]
        rows.append(with_estimate(row, contrast(inference, c, conf_level), conf_level, test=True))
    return tuple(rows)


def contrast_vectors(
    data: RepeatedMeasures, analysis: MmrmAnalysis, estimand: Estimand, means: LsMeanRows
) -> dict[str, FloatArray | str]:
    """The linear combination of each named contrast, or why there is none."""
    L = dict(zip(means.levels, means.L, strict=True))
    treatment = estimand.treatment
    vectors: dict[str, FloatArray | str] = {}
    for name, wanted in analysis.contrasts.items():
        arms = wanted.arms or treatment.contrast
        absent = [*(set(wanted.visit_names) - set(data.visits)), *(set(arms) - set(data.arms))]
        if absent:
            vectors[name] = f"no participant was observed in: {', '.join(sorted(absent))}"
            continue
        visits = wanted.visit_weights(data.nominal_days)
        c = sum(
            (v * a * L[visit, arm] for visit, v in visits.items() for arm, a in arms.items()),
            np.zeros(means.L.shape[1]),
        )
        vectors[name] = c if data.design.estimable(c) is not None else _why(data, visits, arms)
    return vectors


def _why(data: RepeatedMeasures, visits: Mapping[str, float], arms: Mapping[str, float]) -> str:
    """Why a contrast cannot be estimated: cells without a score, or effects that are confused."""
    seen = set(zip(data.observed["visit"], data.observed["arm"], strict=True))
    empty = [f"no {arm} score at {v}" for v in visits for arm in arms if (v, arm) not in seen]
    words = empty or confused_words(data.design) or (CONFUSED,)
    return f"not estimable: {'; '.join(words)}"
