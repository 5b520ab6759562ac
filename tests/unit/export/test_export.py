"""An export holds every row and says what each column is; it goes only where it may."""

from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from folders import contents
from ketaoutcomes.cli.main import main
from one_arm_study import write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("study")
    write_study(place)
    assert main(["export", str(place / "plan.yaml"), "--to", str(place / "out"), "-q"]) == 0
    return place


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    return {
        path.stem: pd.read_csv(path, keep_default_na=False, na_values=[""])
        for path in sorted((folder / "out").glob("*.csv"))
    }


def test_every_column_is_in_the_dictionary(folder: Path) -> None:
    found = tables(folder)
    dictionary = found.pop("define")
    found.pop("results")
    named = {(row.dataset, row.variable): row for row in dictionary.itertuples()}
    columns = {(name.upper(), column) for name, frame in found.items() for column in frame}
    assert set(named) == columns
    for (dataset, variable), row in named.items():
        values = found[dataset.lower()][variable].dropna()
        numeric = pd.api.types.is_numeric_dtype(values) and len(values) > 0
        assert row.type == "text" or numeric, variable
        assert row.type == "number" or not numeric or variable == "USUBJID", variable
        assert row.label
        assert row.origin


def test_rows_are_those_of_the_data(folder: Path) -> None:
    found = tables(folder)
    subjects = pd.read_csv(folder / "subjects.csv", dtype=str)
    assert set(found["adsl"]["USUBJID"].astype(str)) == set(subjects["ID"])
    times = pd.read_csv(folder / "times.csv")
    one = found["adtte"]
    one = one[one["ANALYSIS"] == one["ANALYSIS"].iloc[0]]
    assert (1 - one["CNSR"]).sum() == times["EVENT"].sum()
    scores = found["adqs"]
    kept = scores["CHG"].notna()
    assert (scores["AVAL"] - scores["BASE"])[kept].to_numpy() == pytest.approx(
        scores["CHG"][kept].to_numpy()
    )


def test_the_same_bytes_again_and_a_former_export_is_replaced(folder: Path) -> None:
    before = contents(folder / "out")
    assert main(["export", str(folder / "plan.yaml"), "--to", str(folder / "out"), "-q"]) == 0
    assert contents(folder / "out") == before


def test_what_the_script_wrote_there_does_not_bar_another_export(folder: Path) -> None:
    out = folder / "out"
    for name in ("numbers.csv", "comparison.csv"):
        (out / name).write_text("id\n", encoding="utf-8")
    assert main(["export", str(folder / "plan.yaml"), "--to", str(out), "-q"]) == 0
    assert not (out / "numbers.csv").exists()


def test_results_are_those_of_the_run(folder: Path) -> None:
    report = folder / "report"
    assert main(["run", str(folder / "plan.yaml"), "--out", str(report), "-q"]) == 0
    exported = (folder / "out" / "results.csv").read_bytes()
    assert exported == (report / "results.csv").read_bytes()
    assert not list(report.glob("ad*.csv"))


def test_what_the_page_prints_is_a_part_of_the_scripts(folder: Path) -> None:
    from ketaoutcomes.families.registry import model_of  # noqa: PLC0415
    from ketaoutcomes.report.material import Material  # noqa: PLC0415
    from ketaoutcomes.runs.run_folder import read_run  # noqa: PLC0415

    report = folder / "page"
    assert main(["run", str(folder / "plan.yaml"), "--out", str(report), "-q"]) == 0
    run, _ = read_run(report)
    material = Material(run.plan, run.results, run.records, run.provenance)
    scripts = {"R": "analysis.R", "SAS": "analysis.sas"}
    for name, analysis in run.plan.analyses.items():
        for language, lines in model_of(analysis).calls(material, name, analysis).items():
            script = (folder / "out" / scripts[language]).read_text()
            for line in lines.splitlines():
                assert line.strip() in script, (name, language, line)


@pytest.mark.parametrize("inside", ["", "deeper", "deeper/still"])
def test_rows_never_go_into_a_report(folder: Path, inside: str, capsys) -> None:
    report = folder / "kept"
    assert main(["run", str(folder / "plan.yaml"), "--out", str(report), "-q"]) == 0
    before = contents(report)
    assert main(["export", str(folder / "plan.yaml"), "--to", str(report / inside), "-q"]) == 2
    assert "give another folder with --to" in capsys.readouterr().err
    assert contents(report) == before


def test_a_folder_of_somebody_else_stays(folder: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    code = main(["export", str(folder / "plan.yaml"), "--to", str(tmp_path / "mine"), "-q"])
    assert code == 2
    told = capsys.readouterr().err
    assert "a new folder, or that of a former export" in told
    assert "(--to)" in told
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_texts_run_in_no_spreadsheet(folder: Path) -> None:
    for path in (folder / "out").glob("ad*.csv"):
        frame = pd.read_csv(BytesIO(path.read_bytes()), dtype=str, keep_default_na=False)
        for name in frame:
            texts = frame[name][pd.to_numeric(frame[name], errors="coerce").isna()]
            assert not texts.str.match(r"[=+@\t\r-]").any(), (path.name, name)
