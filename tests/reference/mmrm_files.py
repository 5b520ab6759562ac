"""The reference results of R's mmrm on its `fev_data`, and the same models by this package."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from formulas import has_intercept, terms_of
from ketaoutcomes.families.shared.design import Design, build_design
from ketaoutcomes.numerics.mmrm.contrasts import Inference
from ketaoutcomes.numerics.mmrm.fit import MmrmFit, fit_mmrm
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows, pattern_statistics, subject_rows

Case = dict[str, Any]
CALL = re.compile(
    r"mmrm\(FEV1 ~ (?P<formula>.*) \+ (?P<structure>\w+)\((?P<at>.*?)\| ?(?P<by>.*?)\)"
)
LEFT_OUT = re.compile(r"\[(?P<column>\w+)!='(?P<level>\w+)'\]")
EVERY_LEVEL = {
    "RACE": ("Asian", "Black or African American", "White"),
    "SEX": ("Male", "Female"),
    "ARMCD": ("PBO", "TRT"),
    "AVISIT": ("VIS1", "VIS2", "VIS3", "VIS4"),
}
"""R's order of levels, the first the reference."""
DF_METHODS = {
    "Satterthwaite": "satterthwaite",
    "Kenward-Roger": "kenward-roger",
    "Between-Within": "between-within",
    "Residual": "residual",
}
KENWARD_ROGER_FORMS = {"Kenward-Roger": "-mmrm", "Kenward-Roger-Linear": "-linear"}
COVARIANCES = {
    "Asymptotic": "model",
    "Kenward-Roger": "model",
    "Kenward-Roger-Linear": "model",
    "Empirical": "empirical",
    "Empirical-Bias-Reduced": "cr2",
    "Empirical-Jackknife": "cr3",
}


@dataclass(frozen=True)
class FevModel:
    """One model of R's file, ready to fit."""

    case: Case
    frame: pd.DataFrame
    levels: dict[str, tuple[str, ...]]
    formula: str
    structure: str
    coordinates: tuple[str, ...]
    group: str | None
    visits: tuple[str, ...]

    @property
    def outcome(self) -> np.ndarray:
        return self.frame["FEV1"].to_numpy(dtype=float)

    @cached_property
    def design(self) -> Design:
        coding = "sum" if "contr.sum" in self.case["dataset"] else "treatment"
        return build_design(
            self.frame,
            terms_of(self.formula),
            self.levels,
            coding,
            intercept=has_intercept(self.formula),
        )

    @cached_property
    def rows(self) -> SubjectRows:
        frame = self.frame
        weighted = "weights" in self.case["call"]
        group = None if self.group is None else _codes(frame[self.group], self.levels[self.group])
        return subject_rows(
            self.outcome,
            self.design.X,
            pd.factorize(frame["USUBJID"])[0],
            _codes(frame["AVISIT"], self.visits),
            len(self.visits),
            group=group,
            weights=frame["WEIGHT"].to_numpy(dtype=float) if weighted else None,
            coordinates=(
                frame[list(self.coordinates)].to_numpy(dtype=float) if self.coordinates else None
            ),
        )

    @cached_property
    def fit(self) -> MmrmFit:
        reml = self.case.get("reml", True)
        return fit_mmrm(pattern_statistics(self.rows), self.structure, reml=reml)

    def inference(self, key: str) -> Inference:
        """How R measured uncertainty under this key, `degrees of freedom|covariance`."""
        df_method, covariance = key.split("|")
        form = KENWARD_ROGER_FORMS.get(covariance, "") if df_method == "Kenward-Roger" else ""
        return Inference(self.fit, DF_METHODS[df_method] + form, COVARIANCES[covariance], self.rows)


def _codes(values: pd.Series, levels: tuple[str, ...]) -> np.ndarray:
    return np.asarray(pd.Categorical(values, categories=list(levels)).codes, dtype=int)


def read_case(root: Path, name: str) -> Case:
    return json.loads((root / "results" / "mmrm" / f"{name}.json").read_text())


def fev_data(root: Path) -> pd.DataFrame:
    return pd.read_csv(root / "data" / "fev_data.csv")


def fev_model(root: Path, name: str, *, keep_absent_visit: bool = False) -> FevModel:
    """The model that R fitted for this file."""
    case = read_case(root, name)
    frame = fev_data(root)
    if left_out := LEFT_OUT.search(case["dataset"]):
        frame = frame[frame[left_out["column"]] != left_out["level"]]
    complete = frame[frame["FEV1"].notna()]
    levels = {
        factor: tuple(level for level in EVERY_LEVEL[factor] if level in set(complete[factor]))
        for factor in EVERY_LEVEL
    }
    call = CALL.search(case["call"])
    assert call is not None, case["call"]
    group, _, _ = call["by"].rpartition("/")
    spatial = call["structure"] == "sp_exp"
    return FevModel(
        case=case,
        frame=complete,
        levels=levels,
        formula=call["formula"],
        structure=call["structure"],
        coordinates=tuple(map(str.strip, call["at"].split(","))) if spatial else (),
        group=group.strip() or None,
        visits=tuple(EVERY_LEVEL["AVISIT"]) if keep_absent_visit else levels["AVISIT"],
    )


def inferences(model: FevModel) -> Iterator[tuple[str, Inference, Case]]:
    for key, expected in model.case["results"].items():
        yield key, model.inference(key), expected
