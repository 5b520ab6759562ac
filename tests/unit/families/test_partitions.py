"""A file read in parts gives what it gives as a whole."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import dask
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ketaoutcomes.families.shared.design import build_design, crossed
from ketaoutcomes.families.shared.partitions import RowLayout, parquet_statistics
from ketaoutcomes.numerics.mmrm.fit import fit_mmrm
from ketaoutcomes.numerics.mmrm.patterns import pattern_statistics, subject_rows
from mmrm_trials import trial

PARTS = 1e-10
"""Sums in another order differ by rounding only."""
VISITS = ("v0", "v1", "v2")
LAYOUT = RowLayout(
    outcome="score",
    subject="subject",
    visit="visit",
    terms=crossed("arm", "visit"),
    factors={"arm": ("control", "drug"), "visit": VISITS},
    visits=VISITS,
)


@pytest.fixture
def frame() -> pd.DataFrame:
    data = trial(n=90)
    return pd.DataFrame(
        {
            "score": data.y,
            "subject": [f"s{i:03d}" for i in data.subject],
            "visit": [VISITS[v] for v in data.visit],
            "arm": np.where(data.subject % 2, "drug", "control"),
        }
    )


def over_dask(function, groups):
    return dask.compute(*(dask.delayed(function)(group) for group in groups))


def write(frame: pd.DataFrame, path, cuts: list[int]) -> None:
    """One row group for the subjects between two cuts."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    number = frame["subject"].str[1:].astype(int)
    with pq.ParquetWriter(path, table.schema) as writer:
        for part in np.unique(np.searchsorted(cuts, number, side="right")):
            rows = np.searchsorted(cuts, number, side="right") == part
            writer.write_table(table.filter(pa.array(rows)))


@pytest.mark.parametrize("cuts", [[], [1, 2, 40], [30, 60]])
def test_parts_give_the_whole(frame, tmp_path, cuts):
    write(frame, tmp_path / "trial.parquet", cuts)
    X = build_design(frame, LAYOUT.terms, LAYOUT.factors).X
    subject = pd.factorize(frame["subject"])[0].astype(np.int64)
    visit = frame["visit"].map(VISITS.index).to_numpy()
    whole = fit_mmrm(
        pattern_statistics(subject_rows(frame["score"].to_numpy(), X, subject, visit, 3)), "us"
    )
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for mapper in (map, pool.map, over_dask):
            parts = fit_mmrm(parquet_statistics(tmp_path / "trial.parquet", LAYOUT, mapper), "us")
            np.testing.assert_allclose(parts.beta, whole.beta, rtol=PARTS)
            np.testing.assert_allclose(parts.beta_covariance, whole.beta_covariance, rtol=PARTS)


def test_a_subject_in_two_parts_is_refused(frame, tmp_path):
    order = frame.sort_values("visit", kind="stable")
    table = pa.Table.from_pandas(order, preserve_index=False)
    pq.write_table(table, tmp_path / "trial.parquet", row_group_size=90)
    with pytest.raises(ValueError, match="82 participants have rows in two partitions"):
        parquet_statistics(tmp_path / "trial.parquet", LAYOUT)


def test_missing_outcomes_are_left_out(frame, tmp_path):
    write(frame, tmp_path / "a.parquet", [])
    lost = frame.assign(score=frame["score"].where(frame.index != 5))
    write(lost, tmp_path / "b.parquet", [])
    counts = [parquet_statistics(tmp_path / f"{f}.parquet", LAYOUT).n_obs for f in "ab"]
    assert counts[0] - counts[1] == 1
