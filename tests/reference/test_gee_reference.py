"""Every reference result of R's geepack is reproduced."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from comparisons import close
from survival_files import Case, matrix

from formulas import terms_of
from ketaoutcomes.families.repeated_binary.estimating_equations import (
    GeeFit,
    criteria,
    fit_estimating_equations,
)
from ketaoutcomes.families.shared.design import build_design
from tolerances import ITERATED_MOMENTS, SLOWLY_ITERATED

CORRELATIONS = ("independence", "exchangeable", "ar1", "unstructured")
FILES = (
    *(
        f"{data}_{kind}"
        for data in ("epilepsy", "fev_gaussian", "toenail")
        for kind in CORRELATIONS
    ),
    "ohio_exchangeable",
)
SLOW = ("toenail_ar1", "toenail_unstructured")
"""Correlations near one, whose iteration takes small steps and stops further from the solution."""


@dataclass(frozen=True)
class Dataset:
    """Columns of a reference dataset; factors with R's order of levels."""

    file: str
    outcome: str
    subject: str
    formula: str
    family: str
    factors: dict[str, tuple[str, ...]]


DATASETS = {
    "epilepsy": Dataset(
        "epilepsy",
        "seizure.rate",
        "subject",
        "lb + treatment + lage + p4 + lb:treatment",
        "poisson",
        {"treatment": ("placebo", "Progabide")},
    ),
    "fev_gaussian": Dataset(
        "fev_data",
        "FEV1",
        "USUBJID",
        "RACE + SEX + ARMCD * AVISIT",
        "gaussian",
        {
            "RACE": ("Asian", "Black or African American", "White"),
            "SEX": ("Male", "Female"),
            "ARMCD": ("PBO", "TRT"),
            "AVISIT": ("VIS1", "VIS2", "VIS3", "VIS4"),
        },
    ),
    "toenail": Dataset(
        "toenail_model",
        "y",
        "patientID",
        "treatment * time",
        "binomial",
        {"treatment": ("itraconazole", "terbinafine")},
    ),
    "ohio": Dataset("ohio", "resp", "id", "age * smoke", "binomial", {}),
}


def frame_of(root: Path, name: str) -> pd.DataFrame:
    frame = pd.read_csv(root / "data" / f"{DATASETS[name].file}.csv")
    if name == "epilepsy":
        return frame.assign(
            treatment=frame["treatment"].where(frame["treatment"] == "placebo", "Progabide"),
            lb=np.log(frame["base"] / 4),
            lage=np.log(frame["age"]),
            p4=(frame["period"] == 4).astype(float),
            visit=frame["period"] - 1,
        )
    if name == "fev_gaussian":
        return frame[frame["FEV1"].notna()].assign(
            visit=lambda f: f["AVISIT"].str[3:].astype(int) - 1
        )
    return frame.assign(visit=frame["age"] + 2 if name == "ohio" else frame["visit"] - 1)


@lru_cache(maxsize=2 * len(FILES))
def fitted(root: Path, name: str, *, read: bool = True) -> tuple[GeeFit, Case]:
    """The fit, and R's where there is one to read."""
    data, kind = name.rsplit("_", 1)
    dataset, frame = DATASETS[data], frame_of(root, data)
    fit = fit_estimating_equations(
        frame[dataset.outcome].to_numpy(dtype=float),
        build_design(frame, terms_of(dataset.formula), dataset.factors).X,
        pd.factorize(frame[dataset.subject])[0],
        frame["visit"].to_numpy(dtype=int),
        int(frame["visit"].max()) + 1,
        dataset.family,
        kind,
    )
    path = root / "results" / "gee" / f"{name}.json"
    return fit, json.loads(path.read_text()) if read else {}


def test_every_file_has_its_test(reference_dir):
    assert {path.stem for path in (reference_dir / "results" / "gee").glob("*.json")} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_gee(reference_dir, name):
    fit, case = fitted(reference_dir, name)
    tolerance = SLOWLY_ITERATED if name in SLOW else ITERATED_MOMENTS
    table = case["coefficients"]
    assert fit.converged, fit.messages
    assert (fit.n_obs, fit.n_subjects) == (case["n"], case["n_clusters"])
    close(fit.beta, table["estimate"], tolerance)
    robust = fit.covariance("robust")
    close(robust, matrix(case["vcov_robust"]), tolerance)
    close(np.sqrt(np.diag(robust)), table["robust_se"], tolerance)
    close(fit.beta**2 / np.diag(robust), table["wald"], tolerance)
    close(fit.naive_covariance, matrix(case["vcov_naive"]), tolerance)
    close(fit.scale, case["scale"][0], tolerance)
    independent, _ = fitted(reference_dir, f"{name.rsplit('_', 1)[0]}_independence", read=False)
    found, quality = criteria(fit, independent), case["QIC"]
    expected = [quality[word] for word in ("QIC", "QICu", "CIC")]
    close([found.qic, found.qic_u, found.cic], expected, tolerance)
    alpha = list(dict(case["alpha"] or {}).values())
    close(_parameters(name, fit.correlation), alpha, tolerance)


def _parameters(name: str, correlation: np.ndarray) -> np.ndarray:
    """The parameters of a structure as geepack lists them."""
    pairs = correlation[np.triu_indices(len(correlation), 1)]
    return pairs if name.endswith("unstructured") else pairs[: not name.endswith("independence")]
