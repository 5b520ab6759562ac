"""The reference results of survival analyses and the datasets behind them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from comparisons import numbers

Case = dict[str, Any]


@dataclass(frozen=True)
class Folder:
    """The reference folder, read on demand."""

    root: Path

    def names(self) -> set[str]:
        return {path.stem for path in (self.root / "results" / "survival").glob("*.json")}

    def case(self, name: str) -> Case:
        return json.loads((self.root / "results" / "survival" / f"{name}.json").read_text())

    def data(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.root / "data" / f"{name}.csv")

    def lung(self, *complete: str) -> pd.DataFrame:
        """Complete cases in these columns, with the event (status 2) as a truth value."""
        frame = self.data("lung").dropna(subset=list(complete))
        return frame.assign(event=frame["status"] == 2)

    def veteran(self) -> pd.DataFrame:
        """Cell types in R's order of levels."""
        frame = self.data("veteran").assign(event=lambda f: f["status"] == 1)
        order = ["squamous", "smallcell", "adeno", "large"]
        return frame.assign(cell=frame["celltype"].map(order.index))


def matrix(table: Any) -> np.ndarray:
    """Values of a table with or without row and column names."""
    return numbers(table["values"] if isinstance(table, dict) else table)


def with_intercept(covariates: pd.DataFrame) -> np.ndarray:
    return np.column_stack([np.ones(len(covariates)), covariates]).astype(float)
