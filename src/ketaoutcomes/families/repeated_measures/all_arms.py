"""Whether all arms have the same means: the question before two of them are compared.

F tests of the differences of LS means from the reference: at the estimand's visit, and whether they
are the same at every visit (arm by visit). Denominator degrees of freedom of several rows are those
of Fai & Cornelius 1996, J Stat Comput Simul 54:363-378, or of Kenward and Roger, as the plan says.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis
from ketaoutcomes.families.shared.design import LsMeanRows
from ketaoutcomes.families.shared.repeated_measures import RepeatedMeasures
from ketaoutcomes.numerics.mmrm.contrasts import Inference, f_test
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE: Final = "mmrmt04"
AT_THE_VISIT: Final = "F test of all arms at the visit"
BY_VISIT: Final = "F test of arm by visit"


def all_arms_results(
    data: RepeatedMeasures,
    analysis: MmrmAnalysis,
    estimand: Estimand,
    means: LsMeanRows,
    common: Result,
    inference: Inference,
) -> tuple[Result, ...]:
    """The tests over all arms that have scores; nothing where not asked.

    A row's degrees of freedom are those of the denominator; `group` tells those of the numerator.
    """
    treatment = estimand.treatment
    if not (analysis.all_arms and treatment.compares):
        return ()
    others = tuple(arm for arm in data.arms if arm != treatment.reference)
    L = dict(zip(means.levels, means.L, strict=True))
    differences = {
        visit: np.stack([L[visit, arm] - L[visit, treatment.reference] for arm in others])
        for visit in data.visits
    }
    visit = estimand.visit or data.visits[-1]
    first = differences[data.visits[0]]
    row = replace(common, table=TABLE, unit="", n=inference.fit.n_subjects)
    here = replace(row, statistic=AT_THE_VISIT, visit=visit)
    tests = [_tested(here, data, differences[visit], inference)]
    if len(data.visits) > 1:
        rows = np.concatenate([differences[later] - first for later in data.visits[1:]])
        tests.append(_tested(replace(row, statistic=BY_VISIT), data, rows, inference))
    return tuple(tests)


def _tested(row: Result, data: RepeatedMeasures, L: FloatArray, inference: Inference) -> Result:
    """The F test that all rows are 0, or that one of them cannot be estimated."""
    row = replace(row, group=f"{len(L)} numerator degrees of freedom")
    if any(data.design.estimable(c) is None for c in L):
        message = "not estimable: an arm has no score at a visit"
        return replace(row, status="failed", message=message)
    test = f_test(inference, L[:, : len(data.design.kept)])
    return replace(row, df=test.den_df, test_statistic=test.statistic, p_value=test.p_value)
