"""Trials with missing outcomes, as arrays."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ketaoutcomes.numerics.imputation.ancova import AnalysisDesign
from ketaoutcomes.numerics.imputation.trial import IncompleteTrial, Parameters
from ketaoutcomes.numerics.mmrm.fit import MmrmFit, fit_mmrm

AT_RANDOM = "missing at random"
STRATEGIES = {
    "MAR": AT_RANDOM,
    "JR": "jump to reference",
    "CR": "copy reference",
    "CIR": "copy increments in reference",
    "LMCF": "last mean carried forward",
}
"""rbmi's names and ours."""


def incomplete(
    y: np.ndarray,
    arm: np.ndarray,
    baseline: np.ndarray,
    strategy: str = AT_RANDOM,
    sex: np.ndarray | None = None,
    *,
    covariance_by_arm: bool = False,
) -> IncompleteTrial:
    """The strategy holds from the first visit after the last one seen, for arm 0 as reference."""
    n, T = y.shape
    last = np.where(~np.isnan(y), np.arange(T), -1).max(axis=1)
    before = np.arange(T) <= last[:, None]
    cell = np.broadcast_to(np.eye(T), (n, T, T))

    def design(arms: np.ndarray) -> np.ndarray:
        parts = [cell, cell * arms[:, None, None], cell * baseline[:, None, None]]
        if sex is not None:
            parts.append(np.broadcast_to(sex[:, None, None], (n, T, 1)))
        return np.concatenate(parts, axis=-1)

    group = arm if covariance_by_arm else np.zeros(n, dtype=np.int64)
    return IncompleteTrial(
        y=y,
        X=design(arm),
        X_reference=design(np.zeros_like(arm)),
        arm=arm,
        before=before,
        strategy=tuple(AT_RANDOM if b.all() else strategy for b in before),
        group=group,
        reference_group=np.zeros(n, dtype=np.int64),
    )


def analysis_design(arm: np.ndarray, *covariates: np.ndarray) -> AnalysisDesign:
    """Intercept, arm and covariates."""

    def rows(arms: np.ndarray) -> np.ndarray:
        return np.column_stack([np.ones(arm.size), arms, *covariates])

    return AnalysisDesign(rows(arm), np.stack([rows(np.full(arm.size, code)) for code in (0, 1)]))


def fitted(trial: IncompleteTrial) -> MmrmFit:
    return fit_mmrm(trial.statistics, "us")


def parameters(fit: MmrmFit) -> Parameters:
    return Parameters(fit.beta[None], fit.covariance[None])


def simulated(
    seed: int = 1, n: int = 60, T: int = 3, dropout: float = 0.4
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes with monotone dropout, arm and baseline of a trial."""
    rng = np.random.default_rng(seed)
    arm, baseline = np.arange(n) % 2, rng.normal(0, 4, n)
    lag = np.abs(np.subtract.outer(np.arange(T), np.arange(T)))
    root = np.linalg.cholesky(9 * 0.6**lag)
    y = -np.arange(1, T + 1) * (1.0 + arm[:, None]) + 0.3 * baseline[:, None]
    y = y + rng.standard_normal((n, T)) @ root.T
    last = np.where(rng.random(n) < dropout, rng.integers(1, T, n), T)
    y[np.arange(T) >= last[:, None]] = np.nan
    return y, arm, baseline


@dataclass(frozen=True)
class Antidepressant:
    """The trial of R's rbmi: changes of 172 subjects at four visits, drug as arm 1."""

    y: np.ndarray
    arm: np.ndarray
    baseline: np.ndarray
    male: np.ndarray


def antidepressant(folder: Path) -> Antidepressant:
    rows = pd.read_csv(folder / "data" / "antidepressant_data.csv", dtype={"PATIENT": str})
    y = rows.pivot(index="PATIENT", columns="VISIT", values="CHANGE").sort_index()
    subjects = rows.drop_duplicates("PATIENT").set_index("PATIENT").loc[y.index]
    return Antidepressant(
        y=y.to_numpy(dtype=float),
        arm=(subjects["THERAPY"] == "DRUG").to_numpy().astype(np.int64),
        baseline=subjects["BASVAL"].to_numpy(dtype=float),
        male=(subjects["GENDER"] == "M").to_numpy(dtype=float),
    )
