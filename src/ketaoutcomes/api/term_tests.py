"""F tests of the terms of a fitted model become a frame."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.errors import ModelError
from ketaoutcomes.families.shared.design import INTERCEPT, Design, rows_for
from ketaoutcomes.families.shared.term_tests import type_three_rows, type_two_rows
from ketaoutcomes.numerics.mmrm.contrasts import Inference, f_test

FloatArray = NDArray[np.float64]
ROWS_OF_TYPE = {2: type_two_rows, 3: type_three_rows}


def term_frame(
    design: Design, inference: Inference, frame: pd.DataFrame | None, kind: int
) -> pd.DataFrame:
    """One row a term.

    Parameters
    ----------
    design : Design
        Of rows that stand for all.
    frame : DataFrame or None
        All rows, where they are held.

    Raises
    ------
    ModelError
        If the type is not known, or a combination of levels that it needs was not observed.
    """
    if kind not in ROWS_OF_TYPE:
        raise ModelError(f"type={kind!r} is not known; choose 2 or 3")
    if kind == 2:
        # the rows of type II depend on X'X only
        design = replace(design, X=_like_all_rows(inference, design, frame))
    tests = {}
    for term, place in design.terms:
        if term == INTERCEPT or place.start == place.stop:
            continue
        try:
            rows = ROWS_OF_TYPE[kind](design, term)
        except ValueError as error:
            raise ModelError(f"{error}; anova(type=2) does not") from None
        tests[":".join(term)] = asdict(f_test(inference, rows))
    return pd.DataFrame.from_dict(tests, orient="index").rename_axis("term")


def _like_all_rows(inference: Inference, design: Design, frame: pd.DataFrame | None) -> FloatArray:
    """A matrix whose X'X is that of all rows, without weights.

    Raises
    ------
    ModelError
        If only sums with weights are known.
    """
    statistics = inference.fit.model.statistics
    if not statistics.log_weight:
        back = np.linalg.inv(statistics.basis[:-1, :-1])
        return np.asarray(np.linalg.cholesky(statistics.total[:-1, :-1]).T @ back)
    if frame is None:
        raise ModelError("anova(type=2) of a model with weights needs a pandas frame")
    return rows_for(design, frame)[:, : len(design.kept)]
