"""Data read in parts give the numbers of data read at once, however they are cut.

The reading of all rows, which has witnesses of its own, is the independent source. Sums in another
order differ by rounding: 1e-10 of the number, or of the standard error of an estimate near zero.
"""

import gc
import tempfile
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes import in_parts as reading
from ketaoutcomes.cli.main import main
from ketaoutcomes.data import parts as parts_module
from ketaoutcomes.data.parts import in_parts, number_of_parts
from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.errors import DataError
from ketaoutcomes.families.shared.counted import counted, fewer_counts, joined_counts, summed
from ketaoutcomes.in_parts import fit_in_parts, read_in_parts
from ketaoutcomes.pipeline import Request, analyse, prepare
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.results import Result
from ketaoutcomes.runs.run_folder import read_results

SUBJECTS = 300
ROUNDING = 1e-10
NUMBERS = ("estimate", "std_error", "df", "conf_low", "conf_high", "p_value", "test_statistic")
VISITS = {"Baseline": 1, "Week 1": 8, "Week 2": 15, "Week 4": 29}
PLAN = {
    "study": {"id": "s", "title": "A registry", "question": "Does it help?", "condition": "x"},
    "data": {
        "files": {
            "subjects": "people.parquet",
            "visits": "scores.parquet",
            "times": "times.parquet",
        },
        "columns": {
            "subject": "id",
            "arm": "arm",
            "visit": "visit",
            "day": "day",
            "value": "score",
            "time": "time",
            "occurred": "died",
            "covariates": {"age": "age", "site": "site"},
        },
        "scale": "MADRS",
    },
    "phases": {
        "acute": {
            "label": "Acute",
            "reference": "placebo",
            "arms": {"placebo": "Placebo", "drug": "Drug"},
            "visits": {name: {"day": day} for name, day in VISITS.items()},
        }
    },
    "endpoints": {
        "change": {"kind": "change", "phase": "acute", "scale": "MADRS"},
        "response": {
            "kind": "response",
            "phase": "acute",
            "scale": "MADRS",
            "improvement_at_least_percent": 25,
        },
        "death": {"kind": "time_to_event", "phase": "acute", "event_label": "death"},
    },
    "estimands": {
        name: {
            "population": "All",
            "treatment": {"active": "drug", "reference": "placebo"},
            "endpoint": name,
            "intercurrent_events": {"treatment discontinuation": "treatment policy"},
            "summary": summary,
        }
        | ({} if name == "death" else {"visit": "Week 4"})
        for name, summary in (
            ("change", "difference in means"),
            ("response", "difference in proportions"),
            ("death", "hazard ratio"),
        )
    },
    "analyses": {
        "mmrm": {
            "estimand": "change",
            "role": "primary",
            "model": "mmrm",
            "covariates": ["age", "site", "baseline"],
            "by_visit": ["baseline"],
        },
        "kr": {
            "estimand": "change",
            "role": "sensitivity",
            "model": "mmrm",
            "df": "kenward-roger",
            "weighting": "observed",
            "covariates": ["site", "baseline"],
        },
        "responders": {
            "estimand": "response",
            "role": "secondary",
            "model": "proportions",
            "strata": ["site"],
        },
        "carried": {
            "estimand": "response",
            "role": "sensitivity",
            "model": "proportions",
            "missing_as": "last observation",
        },
        "survival": {
            "estimand": "death",
            "role": "secondary",
            "model": "time_to_event",
            "strata": ["site"],
            "covariates": ["age"],
            "rmst_days": 90,
            "landmark_days": [30, 60],
        },
        "unadjusted": {
            "estimand": "death",
            "role": "sensitivity",
            "model": "time_to_event",
            "rmst_days": 60,
            "periods_days": [30],
            "weighted_tests": ["peto_peto", "max_combo"],
        },
        "intercept": {
            "estimand": "change",
            "role": "sensitivity",
            "model": "random_intercept",
        },
    },
    "report": {"confidence_level": 0.95, "smallest_cell": 1},
    "check": "none",
}
ADDS_UP = ("mmrm", "kr", "responders", "carried", "survival", "unadjusted")


def frames(seed: int = 1) -> dict[str, pd.DataFrame]:
    """People, scores with dropout, and times on whole days."""
    rng = np.random.default_rng(seed)
    n = SUBJECTS
    people = pd.DataFrame(
        {
            "id": [f"S{i:04d}" for i in range(n)],
            "arm": np.where(np.arange(n) % 2, "drug", "placebo"),
            "site": [f"site {i}" for i in rng.integers(0, 3, n)],
            "age": rng.integers(20, 70, n).astype(float),
        }
    )
    base = rng.normal(30, 5, n)
    scores = pd.concat(
        [
            pd.DataFrame({"id": people["id"], "visit": visit, "day": day}).assign(
                score=np.round(base - place * (1 + 2 * (people["arm"] == "drug")))
                + (rng.integers(-4, 5, n) if place else 0)
            )[rng.random(n) < (1.0 if place == 0 else 0.9)]
            for place, (visit, day) in enumerate(VISITS.items())
        ],
        ignore_index=True,
    )
    at, until = np.ceil(rng.exponential(60, n)), rng.integers(60, 120, n)
    times = people[["id"]].assign(time=np.minimum(at, until), died=(at <= until).astype(int))
    return {"people": people, "scores": scores, "times": times}


def written(folder: Path, order: int = 0, **of_data: object) -> Path:
    """The plan and its files, their rows in some order."""
    for name, frame in frames().items():
        frame.sample(frac=1, random_state=order).to_parquet(folder / f"{name}.parquet", index=False)
    plan = folder / "plan.yaml"
    plan.write_text(yaml.safe_dump(PLAN | {"data": PLAN["data"] | of_data}, sort_keys=False))
    return plan


@cache
def at_once() -> dict[str, Result]:
    """Every result of all rows, by id."""
    with tempfile.TemporaryDirectory() as folder:
        request = Request(plan=written(Path(folder)))
        done = analyse(request, prepare(request, lambda _: None), lambda _: None)
    return {row.id: row for row in done.results.rows}


def read_by_parts(path: Path, number: int) -> tuple[AnalysisPlan, dict[str, list[Result]]]:
    """The results of each analysis."""
    plan, _ = read_plan(path)
    read = read_in_parts(plan, plan, path.parent, number, None, lambda _: None)
    return plan, {name: list(fit_in_parts(plan, name, read).results) for name in plan.analyses}


def tolerance(name: str, whole: Result) -> dict[str, float]:
    """How far a number may be from that of all rows.

    An estimate near zero, and its limits, are a difference of larger numbers: their rounding is in
    proportion to the standard error. A statistic varies around 1 where there is no effect. The
    logarithm of a p-value changes by z^2, at most -2 log p, times what its z changes relatively.
    """
    match name:
        case "p_value":
            p = whole.p_value or 0.0
            return {"rel": ROUNDING * (1 - 2 * np.log(p)) if p else 0.0, "abs": 0.0}
        case "estimate" | "conf_low" | "conf_high":
            return {"rel": ROUNDING, "abs": ROUNDING * (whole.std_error or 0.01)}
        case _:
            return {"rel": ROUNDING, "abs": 1e-12}


def compare(row: Result, whole: Result) -> None:
    for name in NUMBERS:
        expected, found = getattr(whole, name), getattr(row, name)
        assert (found is None) == (expected is None), (row.id, name)
        if expected is not None:
            close = pytest.approx(expected, **tolerance(name, whole))
            assert found == close, (row.id, name)
    assert row.message == whole.message
    assert row.n == whole.n or whole.n is None


@settings(max_examples=3, deadline=None)
@given(number=st.integers(2, 9), order=st.integers(0, 1000))
def test_any_parts_of_rows_in_any_order_give_the_same(number: int, order: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, results = read_by_parts(written(Path(folder), order), number)
    for name in ADDS_UP:
        assert results[name]
        for row in results[name]:
            compare(row, at_once()[row.id])
    compared = {row.id for name in ADDS_UP for row in results[name]}
    wanted = {
        row.id
        for row in at_once().values()
        if row.analysis in ADDS_UP and row.table not in ("dst01", "mist01", "mmrmt02")
    }
    assert wanted <= compared


def test_a_model_that_needs_all_rows_says_so_and_what_to_do(tmp_path: Path) -> None:
    _, results = read_by_parts(written(tmp_path), 3)
    (row,) = results["intercept"]
    assert row.status == "failed"
    assert "needs all rows at once" in row.message
    assert "`parts: 1`" in row.message


def test_a_command_writes_the_same_numbers_and_says_that_it_was_read_in_parts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = written(tmp_path, parts=4)
    assert main(["run", str(plan), "--out", str(tmp_path / "r"), "--only", *ADDS_UP]) == 0
    assert "4 of 4 parts" in capsys.readouterr().err + capsys.readouterr().out
    page = (tmp_path / "r" / "report.html").read_text()
    assert "The data were read in 4 parts of whole participants" in page
    assert "An unexpected error" not in page
    rows = {row.id: row for row in read_results(tmp_path / "r").rows if row.analysis in ADDS_UP}
    assert {row.analysis for row in rows.values()} == set(ADDS_UP)
    for row in rows.values():
        compare(row, at_once()[row.id])
    again = tmp_path / "again"
    assert main(["run", str(plan), "--out", str(again), "-q", "--only", *ADDS_UP]) == 0
    assert (again / "results.csv").read_bytes() == (tmp_path / "r" / "results.csv").read_bytes()


def test_nothing_of_a_part_is_left_in_the_memory_once_it_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Designs of models refer to themselves: without a search for such they held all their rows."""
    left: list[int] = []

    def looked_at(read, part, **given):
        found = read(part, **given)
        alive = [each for each in gc.get_objects() if isinstance(each, pd.DataFrame)]
        left.append(sum(len(frame) for frame in alive if "change" in frame))
        return found

    for name in ("_read", "_summed"):
        monkeypatch.setattr(reading, name, partial(looked_at, getattr(reading, name)))
    plan, _ = read_plan(written(tmp_path))
    collects = gc.isenabled()
    gc.disable()  # as good as: a command looks for such objects once in a million
    try:
        read_in_parts(plan, plan, tmp_path, 3, None, lambda _: None)
    finally:
        if collects:
            gc.enable()
    assert left == [0] * 6


@given(cuts=st.lists(st.integers(1, SUBJECTS - 1), max_size=12))
def test_counts_added_up_on_the_way_are_those_added_up_at_once(cuts: list[int]) -> None:
    few = pd.DataFrame({"arm": "drug", "time": np.arange(SUBJECTS) % 7.0, "event": True})
    every = TimeToEventData("death", "acute", ("drug",), few, "", "death")
    edges = [0, *sorted(set(cuts)), SUBJECTS]
    held: list[TimeToEventData] = []
    for start, end in pairwise(edges):
        part = replace(every, frame=counted(few.iloc[start:end]), excluded=(("gone", 1),))
        held = fewer_counts([*held, part])
        assert sum(len(one.frame) for one in held[1:]) <= len(held[0].frame)
    found = joined_counts(None, None, held, None)
    pd.testing.assert_frame_equal(found.frame, summed([counted(few)]))
    assert found.excluded == (("gone", len(edges) - 1),)


def test_tables_of_a_duckdb_file_are_read_in_parts(tmp_path: Path) -> None:
    files = {}
    with duckdb.connect(str(tmp_path / "trial.duckdb")) as base:
        for role, (name, frame) in zip(PLAN["data"]["files"], frames().items(), strict=True):
            base.register("given", frame)
            base.table("given").create(name)
            files[role] = {"file": "trial.duckdb", "table": name}
    plan = written(tmp_path, files=files)
    _, results = read_by_parts(plan, 3)
    for row in (*results["mmrm"], *results["survival"]):
        compare(row, at_once()[row.id])


def test_nothing_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    plan, _ = read_plan(written(tmp_path))
    with in_parts(plan, tmp_path, 3) as parts:
        assert len(parts) == 3
        assert list(scratch.iterdir())
    assert not list(scratch.iterdir())
    with pytest.raises(DataError), in_parts(_without("id", plan), tmp_path, 3):
        pass
    assert not list(scratch.iterdir())


def _without(column: str, plan: AnalysisPlan) -> AnalysisPlan:
    columns = plan.data.file_columns.model_copy(update={"subject": (f"no {column}",)})
    return plan.model_copy(update={"data": plan.data.model_copy(update={"columns": columns})})


def test_a_file_without_participants_is_named(tmp_path: Path) -> None:
    plan, _ = read_plan(written(tmp_path))
    with pytest.raises(DataError) as raised, in_parts(_without("id", plan), tmp_path, 3):
        pass
    (problem,) = raised.value.problems
    assert problem.place == "people.parquet"
    assert "`data.columns.subject`" in problem.remedy


def test_the_number_of_parts_follows_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, _ = read_plan(written(tmp_path))
    rows = len(frames()["scores"])
    assert number_of_parts(plan, tmp_path) == 1
    monkeypatch.setattr(parts_module, "MOST_ROWS_AT_ONCE", rows - 1)
    monkeypatch.setattr(parts_module, "ROWS_OF_A_PART", rows // 2)
    assert number_of_parts(plan, tmp_path) == 3 if rows % 2 else 2
    asked = plan.model_copy(update={"data": plan.data.model_copy(update={"parts": 1})})
    assert number_of_parts(asked, tmp_path) == 1


def test_only_parquet_and_duckdb_can_be_cut(tmp_path: Path) -> None:
    for name, frame in frames().items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    files = {role: f"{Path(n).stem}.csv" for role, n in PLAN["data"]["files"].items()}
    plan, _ = read_plan(written(tmp_path, files=files, parts=2))
    with pytest.raises(DataError) as raised:
        number_of_parts(plan, tmp_path)
    (problem,) = raised.value.problems
    assert problem.found == "people.csv, scores.csv, times.csv"


@pytest.mark.parametrize("whole", [1503, 1503.0])
def test_a_number_is_one_participant_however_a_file_writes_it(tmp_path: Path, whole: float) -> None:
    """The people have text, the scores whole numbers or decimals: nobody is cut in two."""
    given = frames()
    codes = {name: str(1000 + place) for place, name in enumerate(given["people"]["id"])}
    plan = written(tmp_path)
    for name, frame in given.items():
        ids = frame["id"].map(codes)
        kind = type(whole) if name == "scores" else str
        frame.assign(id=ids.astype(kind)).to_parquet(tmp_path / f"{name}.parquet", index=False)
    _, results = read_by_parts(plan, 5)
    assert all(row.status != "failed" for row in results["mmrm"])


def test_a_cluster_gives_the_same(tmp_path: Path) -> None:
    """Dask's workers read the parts and derive them; the sums come back."""
    path = written(tmp_path)
    plan, _ = read_plan(path)
    read = read_in_parts(plan, plan, tmp_path, 3, "local", lambda _: None)
    for name in ADDS_UP:
        for row in fit_in_parts(plan, name, read).results:
            compare(row, at_once()[row.id])


def with_screening() -> dict[str, pd.DataFrame]:
    """People of whom every ninth failed screening, for two reasons; some of the others left."""
    data = frames()
    people, place = data["people"], np.arange(SUBJECTS)
    failed = place % 9 == 0
    people["arm"] = people["arm"].where(~failed, "Screen failure")
    left = np.where(place % 5 == 1, "moved away", np.where(place % 97 == 2, "rare", "completed"))
    why = np.where(place % 2, "not eligible", "declined")
    people["why"] = np.where(failed, why, left)
    people["last"] = 28
    entered = set(people.loc[~failed, "id"])
    return data | {name: data[name][data[name]["id"].isin(entered)] for name in ("scores", "times")}


def flow_read(folder: Path, smallest: int, **of_data: object) -> list[tuple[object, ...]]:
    """The id and number of every row of participant flow, as the run folder has them."""
    folder.mkdir()
    for name, frame in with_screening().items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    columns = {**PLAN["data"]["columns"], "reason": "why", "treatment_day": "last"}
    data = PLAN["data"] | {"columns": columns} | of_data
    text = PLAN | {"data": data, "check": "all", "report": {"smallest_cell": smallest}}
    plan = folder / "plan.yaml"
    plan.write_text(yaml.safe_dump(text, sort_keys=False))
    assert main(["run", str(plan), "--out", str(folder / "r"), "-q", "--only", *ADDS_UP]) == 0
    rows = pd.read_csv(folder / "r" / "results.csv", keep_default_na=False)
    flow = rows[rows["table"] == "dst01"]
    return [*flow[["id", "n"]].itertuples(index=False, name=None)]


def test_participant_flow_and_screening_add_up(tmp_path: Path) -> None:
    whole = flow_read(tmp_path / "whole", 1)
    assert flow_read(tmp_path / "parts", 1, parts=4) == whole
    counts = dict(whole)
    place = np.arange(SUBJECTS)
    assert float(counts["dst01/acute/assessed_for_eligibility"]) == SUBJECTS
    declined = int(((place % 9 == 0) & (place % 2 == 0)).sum())
    assert float(counts["dst01/acute/declined/not_enrolled"]) == declined
    drug = int(((place % 9 != 0) & (place % 2 == 1)).sum())
    assert float(counts["dst01/acute/drug/assigned"]) == drug
    assert any("/rare/" in str(name) for name in counts)


def test_reasons_that_few_had_in_all_parts_together_are_not_told(tmp_path: Path) -> None:
    counts = dict(flow_read(tmp_path / "parts", 11, parts=4))
    assert any("moved_away" in str(name) for name in counts)
    assert not any("/rare/" in str(name) for name in counts)


RARE = "emigrated to Andorra"


def censored_alike(folder: Path, smallest: int, **of_data: object) -> Path:
    """A plan in which six participants of several parts were censored for one reason."""
    data = frames()
    times = data["times"]
    times["why"] = np.where(times["died"] == 1, "death", "end of study")
    times.loc[times.index[times["died"] == 0][::9][:6], "why"] = RARE
    folder.mkdir()
    for name, frame in data.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    columns = {**PLAN["data"]["columns"], "reason": "why"}
    of_data = PLAN["data"] | {"columns": columns} | of_data
    plan = folder / "plan.yaml"
    text = PLAN | {"data": of_data, "check": "none", "report": {"smallest_cell": smallest}}
    plan.write_text(yaml.safe_dump(text, sort_keys=False))
    return plan


@pytest.mark.parametrize("parts", [1, 4])
def test_a_reason_that_few_had_stands_neither_in_the_folder_nor_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], parts: int
) -> None:
    """What `run` prints is often kept in a log, so that the rule holds there, too."""
    for smallest in (1, 11):
        plan = censored_alike(tmp_path / f"{smallest}", smallest, parts=parts)
        out = plan.parent / "r"
        assert main(["run", str(plan), "--out", str(out), "--only", "survival"]) == 0
        told = "".join(capsys.readouterr())
        pages = [p.read_text() for p in out.rglob("*") if p.suffix in {".html", ".csv", ".json"}]
        told_in = [RARE in text or RARE.replace(" ", "_") in text for text in (told, *pages)]
        assert any(told_in) is (smallest == 1)
