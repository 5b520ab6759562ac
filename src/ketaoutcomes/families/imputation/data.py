"""An endpoint with its missing outcomes filled in, many times over."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.numerics.imputation.trial import IncompleteTrial

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class ImputedData:
    """Completed datasets of a trial.

    Attributes
    ----------
    endpoint : ChangeData or BinaryData
        What was imputed.
    arms : tuple of str
        The reference first; `trial.arm` holds their places.
    visits : tuple of str
        Those at which somebody was seen.
    trial : IncompleteTrial
    covariates : array, shape (n_subjects, c)
        Columns of the covariates, for the analysis model.
    values : array, shape (M, n_subjects, n_visits)
        Changes; or success (1) and failure (0).
    baseline : array, shape (n_subjects,)
        The score from which changes are counted.
    resampled : array, shape (M, n_subjects), optional
        How often each subject counts in each dataset, the first being the whole trial; none where
        the datasets are imputations of the whole trial.
    resampling : str
        "jackknife", "bootstrap" or "".
    events : tuple of str, shape (n_subjects,)
        The event whose strategy holds for each subject, "" without one.
    filled_baselines : tuple of (str, int)
        Covariates with missing values that were set, and in how many subjects.
    """

    endpoint: ChangeData | BinaryData
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    trial: IncompleteTrial
    covariates: FloatArray
    values: FloatArray
    events: tuple[str, ...]
    baseline: FloatArray
    resampled: FloatArray | None = None
    resampling: str = ""
    filled_baselines: tuple[tuple[str, int], ...] = ()

    @property
    def missing(self) -> BoolArray:
        """Which outcomes were imputed, shape (n_subjects, n_visits)."""
        return ~self.trial.observed

    def not_imputed(self, visit: str) -> str:
        """Why scores of a visit could not be imputed; "" where all were."""
        place = self.visits.index(visit)
        lost = np.isnan(self.values[..., place]).any(axis=0)
        if not lost.any():
            return ""
        seen = self.trial.modelled[:, place]
        empty = [
            name
            for code, name in enumerate(self.arms)
            if (lost & (self.trial.arm == code)).any() and not seen[self.trial.arm == code].any()
        ]
        if empty:
            return f"not estimable: no {' and no '.join(empty)} score at {visit} to impute from"
        return (
            f"not estimable: no score at {visit} informs about {int(lost.sum())} participants "
            "with missing scores"
        )


@dataclass(frozen=True)
class NotImputed:
    """An endpoint whose imputation model could not be fitted, and why."""

    endpoint: ChangeData | BinaryData
    reason: str
