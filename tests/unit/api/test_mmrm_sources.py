"""Data read in parts give what a pandas frame gives."""

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dask import dataframe

import ketaoutcomes as ko
from api_trials import FORMULA, fit_of, trial
from ketaoutcomes.api import sources

PARTS = 1e-10
"""Sums in another order differ by rounding only."""


def as_parquet(frame: pd.DataFrame, folder):
    """Subjects stand in several row groups."""
    pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False), folder / "d.parquet", row_group_size=37
    )
    return str(folder / "d.parquet")


def as_folder(frame: pd.DataFrame, folder):
    for place, part in enumerate(np.array_split(np.arange(len(frame)), 3)):
        frame.iloc[part].to_parquet(folder / f"{place}.parquet")
    return folder


def as_dask(frame: pd.DataFrame, _folder):
    return dataframe.from_pandas(frame, npartitions=4, sort=False)


MAKERS = {
    "parquet": as_parquet,
    "folder": as_folder,
    "arrow": lambda frame, _folder: pa.Table.from_pandas(frame),
    "duckdb": lambda frame, _folder: duckdb.from_df(frame),
    "dask": as_dask,
}


@pytest.fixture
def frame() -> pd.DataFrame:
    """Rows in no order, some without a covariate or an outcome, a column of weights."""
    d = trial(90)
    d["weight"] = 0.5 + (d["id"] % 7) / 5
    d["day"] = d["visit"].str[5:].astype(float) * 7 + d["id"] % 3
    d.loc[d["id"] == 5, "baseline"] = np.nan
    return d.sample(frac=1, random_state=3).reset_index(drop=True)


def numbers(fit, *, terms: bool = True) -> list[float]:
    parts = [
        fit.tidy().drop(columns="term"),
        fit.cov_params(),
        fit.lsmeans("arm", by="visit"),
        fit.lsmeans("arm", by="visit", weights="observed", at={"baseline": 33}),
        fit.contrasts("arm", by="visit", adjust="max-t", across="all"),
        pd.DataFrame([[fit.llf, fit.aic, fit.bic, fit.nobs, fit.n_subjects]]),
    ]
    parts += [fit.anova(3), fit.anova(2)] if terms else [fit.anova(3)]
    tables = [part.select_dtypes("number").to_numpy(dtype=float) for part in parts]
    return np.concatenate([table.ravel() for table in tables])


@pytest.mark.parametrize("maker", MAKERS)
def test_every_source_gives_the_numbers_of_the_frame(frame, tmp_path, maker, monkeypatch):
    monkeypatch.setattr(sources, "ROWS_AT_A_TIME", 50)
    data = MAKERS[maker](frame, tmp_path)
    with pytest.warns(ko.DataNote, match="`baseline` is missing"):
        whole, parts = fit_of(frame), fit_of(data)
    np.testing.assert_allclose(numbers(parts), numbers(whole), rtol=PARTS, atol=PARTS)
    assert parts.notes == whole.notes
    new = frame.head(10)
    np.testing.assert_allclose(parts.predict(new), whole.predict(new), rtol=PARTS)
    np.testing.assert_allclose(
        parts.predict(new, conditional=True), whole.predict(new, conditional=True), rtol=PARTS
    )


@pytest.mark.parametrize("maker", ["arrow", "dask"])
@pytest.mark.filterwarnings("ignore::ketaoutcomes.errors.DataNote")
def test_weights_groups_and_times_are_read_in_parts(frame, tmp_path, maker, monkeypatch):
    monkeypatch.setattr(sources, "ROWS_AT_A_TIME", 50)
    data = MAKERS[maker](frame, tmp_path)
    options = {"weights": "weight", "covariance_by": "arm", "df": "kenward-roger"}
    for more in ({"covariance": "toeph"}, {"covariance": "sp_exp", "coordinates": "day"}):
        whole, parts = (fit_of(x, **options, **more) for x in (frame, data))
        np.testing.assert_allclose(
            numbers(parts, terms=False), numbers(whole, terms=False), rtol=1e-8, atol=PARTS
        )
        with pytest.raises(ko.ModelError, match="weights needs a pandas frame"):
            parts.anova(2)


def test_a_cell_without_rows_is_found_in_parts(frame, monkeypatch):
    monkeypatch.setattr(sources, "ROWS_AT_A_TIME", 50)
    d = frame.dropna()[lambda d: ~((d["arm"] == "active") & (d["visit"] == "Week 4"))]
    whole, parts = fit_of(d), fit_of(pa.Table.from_pandas(d))
    assert whole.notes == parts.notes
    with pytest.warns(ko.DataNote, match="no row has visit Week 4, arm active"):
        tables = [fit.contrasts("arm", by="visit") for fit in (whole, parts)]
    np.testing.assert_allclose(*(t.select_dtypes("number") for t in tables), rtol=PARTS)


def test_levels_of_an_arrow_dictionary_keep_their_order(frame):
    kind = pd.CategoricalDtype(["placebo", "active"])
    table = pa.Table.from_pandas(frame.dropna().astype({"arm": kind}))
    fit = ko.mmrm(FORMULA, table, subject="id", visit="visit")
    assert fit.contrasts("arm")["contrast"].tolist() == ["active - placebo"]


def test_what_needs_all_rows_is_refused_for_parts(frame):
    table = pa.Table.from_pandas(frame.dropna())
    for options, word in (({"vcov": "cr2"}, "vcov='cr2'"), ({"df": "between-within"}, "df=")):
        with pytest.raises(ko.ModelError, match=f"{word}.*give a pandas frame"):
            fit_of(table, **options)
    with pytest.raises(ko.ModelError, match=r"residuals\(\) needs the rows"):
        fit_of(table).residuals()


def test_an_expression_with_a_state_is_refused_for_parts(frame, monkeypatch):
    monkeypatch.setattr(sources, "ROWS_AT_A_TIME", 50)
    d = frame.dropna()
    table = pa.Table.from_pandas(d)
    with pytest.raises(ko.ModelError, match=r"`center\(baseline\)` in the formula needs all rows"):
        fit_of(table, "change ~ center(baseline) + arm*visit")
    formula = "change ~ log(baseline) + arm*visit"
    np.testing.assert_allclose(fit_of(table, formula).params, fit_of(d, formula).params, rtol=PARTS)


def test_other_data_are_refused(tmp_path):
    with pytest.raises(ko.DataError, match="of type `list`; give a pandas"):
        fit_of([1, 2])
    with pytest.raises(ko.DataError, match="there is no file"):
        fit_of(tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ko.DataError, match=r"cannot be read as Parquet.*pandas first"):
        fit_of(tmp_path / "a.csv")
