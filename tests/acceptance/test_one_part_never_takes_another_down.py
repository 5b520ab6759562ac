"""Whatever a part of a run raises is that part's failure: the rest stands, to the byte."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hollow_trials import HOLLOW, REMITTED, SCORED, trial, write
from ketaoutcomes import pipeline
from ketaoutcomes.cli.main import main
from ketaoutcomes.describe.describe import DESCRIPTIONS
from ketaoutcomes.describe.main_result import is_main
from ketaoutcomes.families import fitting
from ketaoutcomes.families.registry import model_of, models
from ketaoutcomes.pipeline import Request, run
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report import compose as page
from ketaoutcomes.report.figures import NotDrawn, figure_svg
from ketaoutcomes.results import results_from_frame

ANALYSES = ("mmrm", "cm", "prop")
ANALYSES_FOLDER = Path(__file__).parents[2] / "analyses"


def broken(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError("a fault of the program")


def rows(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "results.csv", dtype=str, keep_default_na=False).set_index("id")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("whole"), trial(), ANALYSES)


@pytest.fixture(scope="module")
def whole(plan: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    out = tmp_path_factory.mktemp("out") / "run"
    assert run(Request(plan=plan, out=out), lambda _: None).failures == ()
    return rows(out)


def only_for(name: str, real: Callable[..., Any], place: int) -> Callable[..., Any]:
    """The function, broken for one analysis."""
    return lambda *given: broken() if given[place] == name else real(*given)


@pytest.mark.parametrize("stage", ["derive_endpoint", "prepare", "fit_analysis"])
def test_an_analysis_that_breaks_is_a_failed_row(
    stage: str, plan: Path, whole: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stage == "prepare":
        breaks = replace(models()["conditional_mean"], prepare=broken)
        monkeypatch.setattr(
            fitting, "model_of", lambda a: breaks if a.model == breaks.name else model_of(a)
        )
    else:
        monkeypatch.setattr(pipeline, stage, only_for("cm", getattr(pipeline, stage), 1))
    assert main(["run", str(plan), "--out", str(tmp_path / "run"), "-q"]) == 1
    found = rows(tmp_path / "run")
    failed = found[found["status"] == "failed"]
    assert failed["analysis"].tolist() == ["cm"]
    assert failed["statistic"].tolist() == ["difference in LS means"]
    assert "ZeroDivisionError: a fault of the program" in failed["message"].iloc[0]
    others = whole[~whole["analysis"].isin(["cm"])]
    pd.testing.assert_frame_equal(found.loc[others.index], others)


@pytest.mark.parametrize("table", [*DESCRIPTIONS, "multt01", "nint01", "trut01"])
def test_a_table_that_breaks_is_a_failed_row(
    table: str, plan: Path, whole: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = {
        "multt01": "multiplicity_results",
        "nint01": "non_inferiority_results",
        "trut01": "_true_values",
    }
    if table in DESCRIPTIONS:
        monkeypatch.setitem(DESCRIPTIONS, table, broken)
    else:
        monkeypatch.setattr(pipeline, functions[table], broken)
    outcome = run(Request(plan=plan, out=tmp_path / "run"), lambda _: None)
    (failure,) = outcome.failures
    assert failure.startswith(f"{table}/table: an unexpected error stopped this table")
    found = rows(tmp_path / "run")
    kept = found.index.intersection(whole.index)
    pd.testing.assert_frame_equal(found.loc[kept], whole.loc[kept])
    assert set(whole.loc[whole.index.difference(kept), "table"]) <= {table}


def test_a_section_that_breaks_is_a_box_on_the_page(
    plan: Path, whole: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [(part, section.__name__) for part, section in page.sections()]

    def failing(name: str) -> Callable[[Any], Any]:
        def fails(_material: Any) -> Any:
            return broken()

        fails.__name__ = name
        return fails

    monkeypatch.setattr(
        page, "sections", lambda: tuple((part, failing(name)) for part, name in parts)
    )
    outcome = run(Request(plan=plan, out=tmp_path / "run"), lambda _: None)
    assert len(outcome.failures) == len(parts)
    assert "An unexpected error stopped this section" in (tmp_path / "run/report.html").read_text()
    pd.testing.assert_frame_equal(rows(tmp_path / "run"), whole)


def test_a_figure_that_breaks_is_a_box_in_its_section(
    plan: Path, whole: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ketaoutcomes.families.repeated_measures.page._draw", broken)
    outcome = run(Request(plan=plan, out=tmp_path / "run"), lambda _: None)
    (failure,) = outcome.failures
    assert failure.startswith("Figure mmrmg02-mmrm: an unexpected error stopped the drawing")
    text = (tmp_path / "run/report.html").read_text()
    assert "mmrmg02-mmrm-numbers" in text, "the numbers of the figure stay"
    pd.testing.assert_frame_equal(rows(tmp_path / "run"), whole)
    assert isinstance(figure_svg("x", broken), NotDrawn)


def test_tables_for_word_that_break_cost_their_file_alone(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ketaoutcomes.runs.run_folder.word_report", broken)
    outcome = run(Request(plan=plan, out=tmp_path / "run", word=True), lambda _: None)
    (failure,) = outcome.failures
    assert failure.startswith("report.docx: an unexpected error stopped this file")
    assert not (tmp_path / "run/report.docx").exists()
    assert (tmp_path / "run/report.html").exists()


REFUSED_BY_THE_LOADER = {"no score after baseline", "none in drug"}


@pytest.mark.parametrize("lack", HOLLOW)
def test_a_comparison_that_cannot_be_had_fails(
    lack: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, HOLLOW[lack](trial()))
    code = main(["run", str(path), "--out", str(tmp_path / "run"), "-q"])
    told = capfd.readouterr().err
    assert "Traceback" not in told
    if lack in REFUSED_BY_THE_LOADER or not (tmp_path / "run").exists():
        assert code == 3
        return
    assert code == 1
    plan, _ = read_plan(path)
    results = results_from_frame(pd.read_parquet(tmp_path / "run/results.parquet"))
    for name in (*SCORED, *REMITTED):
        if (lack, name) == ("one in each arm", "prop"):
            continue  # Newcombe's interval of 0 or 1 of 1 exists
        main_rows = [row for row in results.rows if is_main(plan, name, row)]
        assert main_rows, name
        assert all(row.status == "failed" and row.message for row in main_rows), name
        assert "unexpected error" not in main_rows[0].message
    assert "What could not be estimated" in (tmp_path / "run/report.html").read_text()


def test_the_reason_is_in_the_readers_words(tmp_path: Path) -> None:
    path = write(tmp_path, HOLLOW["no baseline in drug"](trial()), ("mmrm",))
    told: list[str] = []
    outcome = run(Request(plan=path, out=tmp_path / "run"), told.append)
    (failure,) = outcome.failures
    assert failure.endswith(": No participant in Drug has a baseline score")
    # and before anything is fitted
    checked: list[str] = []
    run(Request(plan=path, dry_run=True), checked.append)
    assert "warning: No participant in Drug has a baseline score." in checked


def test_an_empty_cell_is_said_before_anything_is_fitted(tmp_path: Path) -> None:
    path = write(tmp_path, HOLLOW["no drug at Week 4"](trial()), ("mmrm",))
    told: list[str] = []
    run(Request(plan=path, dry_run=True), told.append)
    assert "warning: No participant in Drug has a score at Week 4." in told


def test_visits_that_lack_the_same_arm_are_said_once(tmp_path: Path) -> None:
    """An arm and a visit each had a warning of their own: four of a kind on one page."""
    frame = trial()
    lost = (frame["arm"] == "drug") & frame["visit"].isin(["Week 1", "Week 4"])
    path = write(tmp_path, frame[~lost].reset_index(drop=True), ("mmrm",))
    told: list[str] = []
    run(Request(plan=path, dry_run=True), told.append)
    found = [words for words in told if "has a score at" in words]
    assert found == ["warning: No participant in Drug has a score at Week 1 or Week 4."]


def test_a_visit_at_which_a_scale_was_not_due_is_a_note(tmp_path: Path) -> None:
    plan = (ANALYSES_FOLDER / "safety.yaml").read_text(encoding="utf-8")
    small = plan.replace("seed: 20261125}", "seed: 20261125, subjects: 40, truth: false}")
    assert small != plan
    (tmp_path / "plan.yaml").write_text(small, encoding="utf-8")
    told: list[str] = []
    run(Request(plan=tmp_path / "plan.yaml", dry_run=True), told.append)
    found = [words for words in told if "has a score at" in words]
    assert found == ["note: No participant has a score at 40 minutes or 90 minutes."]
