"""A plan run in Python: the bytes of the command, from files, words or frames."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from ruamel.yaml import YAML

import ketaoutcomes as ko
from folders import contents
from ketaoutcomes.api.study import PooledStudies, Study
from ketaoutcomes.cli.main import main
from ketaoutcomes.families.time_to_event.record import SurvivalRecord
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis
from ketaoutcomes.runs.disk import csv_bytes, safe_csv_bytes
from one_arm_study import write_study

ROOT = Path(__file__).resolve().parents[3]
TRD = ROOT / "analyses" / "trd.yaml"
ONLY = ("response", "relapse")
ROLES = {"subjects": "subjects", "visits": "visits", "times": "times", "adverse_events": "harms"}


@pytest.fixture(scope="module")
def few() -> Iterator[None]:
    """True values from few subjects, the same for the command and for Python."""
    with pytest.MonkeyPatch.context() as patch:
        for bound in ("LEAST_SUBJECTS", "MOST_SUBJECTS"):
            patch.setattr(f"ketaoutcomes.cohorts.counterfactual.{bound}", 300)
        yield


@pytest.fixture(scope="module")
def trd(few: None) -> Study:  # noqa: ARG001 - it is in force
    study = ko.run(TRD, only=ONLY)
    assert isinstance(study, Study)
    return study


@pytest.fixture
def open_study(tmp_path: Path) -> dict[str, pd.DataFrame]:
    return write_study(tmp_path)


def folder_of(path: Path) -> dict[str, bytes]:
    return contents(path)


def frames_of(study: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {role: study[name] for role, name in ROLES.items()}


def open_plan() -> dict[str, Any]:
    """The plan of the open study in Python's words, two of its analyses."""
    from one_arm_study import PLAN  # noqa: PLC0415

    plan: dict[str, Any] = YAML(typ="safe").load(PLAN)
    kept = {name: plan["analyses"][name] for name in ("response", "relapse")}
    return plan | {"analyses": kept}


def test_the_folder_is_that_of_the_command(trd: Study, tmp_path: Path) -> None:
    ours, theirs = trd.save(tmp_path / "python"), tmp_path / "command"
    assert main(["run", str(TRD), "--only", *ONLY, "--out", str(theirs), "-q"]) == 0
    assert folder_of(ours) == folder_of(theirs)
    assert (theirs / "results.csv").read_bytes() == safe_csv_bytes(trd.results)


def test_an_analysis_has_its_numbers_figure_words_and_model(trd: Study) -> None:
    relapse = trd["relapse"]
    assert set(relapse.table["analysis"]) == {"relapse"}
    assert relapse.figure.svg.startswith("<svg")
    assert relapse.figure._repr_svg_() in trd.html
    said = "There was no clear difference in restricted mean time to relapse up to day 168 between "
    assert relapse.words.startswith(said)
    assert isinstance(relapse.fit, SurvivalRecord)
    assert "<table>" in relapse._repr_html_()
    assert relapse.estimate is not None
    assert list(trd) == ["response", "relapse"]
    with pytest.raises(KeyError, match="did you mean `relapse`"):
        trd["relaps"]
    with pytest.raises(ko.CheckError, match="has no figure"):
        _ = trd["response"].figure


def test_an_analysis_of_times_hands_over_lifelines(trd: Study) -> None:
    table = trd["relapse"].table.query("table == 'kmt01' and statistic == 'survival'")
    table = table.set_index(["arm", "group"])["estimate"]
    for arm, fitter in trd["relapse"].lifelines.items():
        survival = table[arm, "day 84"]
        # the same product of the same fractions, in another order
        assert float(fitter.predict(84)) == pytest.approx(float(survival), rel=1e-12)
    with pytest.raises(ko.CheckError, match="has no times"):
        _ = trd["response"].lifelines


def test_a_study_shows_its_answer(trd: Study) -> None:
    shown = trd._repr_html_()
    assert "Simulated data, no real patients" in shown
    assert "Primary outcome" in repr(trd)
    assert "<html" not in shown
    assert trd.failures == ()
    assert set(trd.notes["gravity"]) <= {"note", "warning"}


def test_a_plan_in_words_or_in_python_gives_the_same_numbers(tmp_path: Path) -> None:
    data = write_study(tmp_path)
    plan, text = open_plan(), (tmp_path / "plan.yaml").read_text()
    only = ("response", "relapse")
    by_file = ko.run(tmp_path / "plan.yaml", only=only)
    for other in (
        ko.run(text, tmp_path, only=only),
        ko.run(plan, tmp_path),
        ko.run(ko.read_plan(plan), str(tmp_path)),
        ko.run(plan, frames_of(data)),
        ko.run(plan, {role: pa.Table.from_pandas(f) for role, f in frames_of(data).items()}),
        ko.run(plan, {role: f.set_index("ID") for role, f in frames_of(data).items()}),
    ):
        pd.testing.assert_frame_equal(other.results, by_file.results)


def test_frames_need_no_names_of_files(open_study: dict[str, pd.DataFrame]) -> None:
    plan = open_plan()
    del plan["data"]["files"]
    study = ko.run(plan, frames_of(open_study))
    assert isinstance(study, Study)
    hashes = dict(study.done.provenance.data_sha256s)
    assert list(hashes) == ["subjects", "visits", "times", "adverse_events"]
    visits = frames_of(open_study)["visits"].to_csv(index=False).encode()
    assert hashes["visits"] == sha256(visits).hexdigest()


@pytest.mark.parametrize("path", sorted((ROOT / "analyses").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_plan_survives_being_written_down(path: Path) -> None:
    if is_synthesis(path):
        pytest.skip("read_plan reads analyses of participants")
    plan = ko.read_plan(path)
    assert ko.read_plan(plan) == plan


def test_faults_of_a_plan_in_python_are_named_by_their_keys() -> None:
    plan = open_plan()
    plan["analyses"]["relapse"]["modle"] = plan["analyses"]["relapse"].pop("model")
    plan["estimands"]["response"]["endpoint"] = "respnse"
    with pytest.raises(ko.PlanError) as caught:
        ko.read_plan(plan)
    places = [problem.place for problem in caught.value.problems]
    assert places == ["the plan, analyses.relapse"]
    plan["analyses"]["relapse"]["model"] = plan["analyses"]["relapse"].pop("modle")
    with pytest.raises(ko.PlanError, match="did you mean `response`") as caught:
        ko.read_plan(plan)
    assert "the plan, estimands.response.endpoint" in str(caught.value)


def test_what_is_no_plan_is_refused() -> None:
    with pytest.raises(ko.PlanError, match="type `int` is not a plan"):
        ko.run(3)  # type: ignore[arg-type]
    with pytest.raises(ko.PlanError, match=r"the plan, analyses\.a") as caught:
        ko.read_plan({"analyses": {"a": object()}})
    assert "a value of type object" in str(caught.value)
    with pytest.raises(ko.PlanError, match=r"cannot read nowhere\.yaml"):
        ko.run("nowhere.yaml")


def test_frames_are_held_to_the_contract_of_files(open_study: dict[str, pd.DataFrame]) -> None:
    plan, frames = open_plan(), frames_of(open_study)
    with pytest.raises(ko.DataError, match="did you mean `visits`"):
        ko.run(plan, {"visit": frames["visits"]})
    with pytest.raises(ko.DataError, match=r"a frame for `data\.files\.times`"):
        ko.run(plan, {role: f for role, f in frames.items() if role != "times"})
    with pytest.raises(ko.DataError, match="frame that the plan asks for"):
        ko.run(plan, frames | {"exposure": frames["visits"]})
    with pytest.raises(ko.DataError, match="at least one row"):
        ko.run(plan, frames | {"visits": frames["visits"].head(0)})
    with pytest.raises(ko.DataError, match="SCORE"):
        ko.run(plan, frames | {"visits": frames["visits"].drop(columns="SCORE")})
    with pytest.raises(ko.DataError, match="one value a cell"):
        ko.run(plan, frames | {"subjects": frames["subjects"].assign(X=[[1]] * 60)})
    twice = pd.concat([frames["subjects"], frames["subjects"][["SEX"]]], axis=1)
    with pytest.raises(ko.DataError, match="each column name once"):
        ko.run(plan, frames | {"subjects": twice})
    with pytest.raises(ko.DataError, match="a value of type list"):
        ko.run(plan, frames | {"subjects": [1, 2]})


def test_frames_with_identifiers_are_refused(open_study: dict[str, pd.DataFrame]) -> None:
    frames = frames_of(open_study)
    mail = [f"anna.{place}@example.org" for place in range(60)]
    frames["subjects"] = frames["subjects"].assign(CONTACT=mail)
    with pytest.raises(ko.DataError, match="may identify a person") as caught:
        ko.run(open_plan(), frames)
    assert "anna" not in str(caught.value)


def test_hidden_counts_stay_hidden(open_study: dict[str, pd.DataFrame]) -> None:
    plan = open_plan()
    plan["report"]["smallest_cell"] = 11
    study = ko.run(plan, frames_of(open_study))
    assert isinstance(study, Study)
    hidden = study.results[study.results["status"] == "suppressed"]
    assert len(hidden)
    with pytest.raises(ko.CheckError, match="hides counts under 11"):
        _ = study["relapse"].lifelines


def test_only_a_folder_of_ours_is_replaced(trd: Study, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ko.CommandError, match="nothing is written"):
        trd.save(tmp_path)
    assert folder_of(tmp_path) == {"mine.txt": b"mine"}


def test_validate_fits_nothing(open_study: dict[str, pd.DataFrame]) -> None:
    found = ko.validate(open_plan(), frames_of(open_study))
    assert [line.split(":")[0] for line in found.agenda] == ["response", "relapse"]
    assert "the plan and its data are valid" in repr(found)


def test_a_synthesis_gives_the_folder_of_the_command(tmp_path: Path) -> None:
    for name in ("ketamine_trials.yaml", "ketamine_trials.csv"):
        shutil.copy(ROOT / "analyses" / name, tmp_path)
    plan, out = tmp_path / "ketamine_trials.yaml", tmp_path / "command"
    pooled = ko.run(plan)
    assert isinstance(pooled, PooledStudies)
    assert main(["run", str(plan), "--out", str(out), "-q"]) == 0
    assert folder_of(pooled.save(tmp_path / "python")) == folder_of(out)
    assert "Abstract" in pooled._repr_html_()
    with pytest.raises(ko.PlanError, match="leave --seed out"):
        ko.run(plan, seed=1)


@pytest.mark.usefixtures("few")
def test_power_gives_the_folder_of_the_command(tmp_path: Path) -> None:
    sizes = ["--replicates", "4", "--subjects", "40"]
    places = ["--out", str(tmp_path / "command"), "--work", str(tmp_path / "work")]
    plan = ROOT / "analyses" / "ptsd.yaml"
    assert main(["power", str(plan), *sizes, *places, "--workers", "1", "-q"]) in (0, 1)
    found = ko.power(plan, replicates=4, subjects=40)
    assert folder_of(found.save(tmp_path / "python")) == folder_of(tmp_path / "command")
    assert set(found.summary().frame["statistic"]) <= {"power", "type I error"}


def test_a_simulated_cohort_is_that_of_the_command(tmp_path: Path) -> None:
    out = tmp_path / "cohorts"
    words = ["simulate", "single_dose", "--seed", "1", "--subjects", "40", "--out", str(out)]
    assert main(words) == 0
    cohort = ko.simulate("single_dose", subjects=40, seed=1)
    for name in cohort:
        assert (out / "single_dose" / f"{name}.csv").read_bytes() == csv_bytes(cohort[name])
    parts = list(ko.simulate_in_parts("single_dose", subjects=40, seed=1))
    both = pd.concat([part["visits"] for part in parts], ignore_index=True)
    pd.testing.assert_frame_equal(both, cohort["visits"])
    with pytest.raises(ko.PlanError, match="a scenario"):
        ko.simulate("single", seed=1)
    with pytest.raises(KeyError, match="did you mean `visits`"):
        cohort["visit"]


def test_the_truth_of_a_cohort(trd: Study) -> None:
    cohort = ko.simulate("trd_short_term", subjects=40, seed=1)
    truth = cohort.truth(trd.plan)
    shown = trd.results[trd.results["table"] == "trut01"]
    assert truth["estimate"].tolist() == shown["estimate"].tolist()
    means = cohort.truth(subjects=200).query("phase == 'induction' and scale == 'MADRS'")
    means = means.set_index(["arm", "visit"])["estimate"]
    # the same subjects at baseline, and the scenario's effect at the end
    assert means["placebo", "Baseline"] == means["esketamine", "Baseline"]
    assert means["esketamine", "Day 22"] < means["placebo", "Day 22"]
    with pytest.raises(ko.PlanError, match="of `single_dose`"):
        ko.simulate("single_dose", subjects=40, seed=1).truth(trd.plan)


def test_inspect_sees_in_frames_what_it_sees_in_files(tmp_path: Path) -> None:
    frames = write_study(tmp_path)
    of_files = ko.inspect(tmp_path)
    of_frames = ko.inspect({f"{name}.csv": frames[name] for name in ROLES.values()})
    columns = ["column", "role"]
    both = [f.columns.sort_values(["file", "column"])[columns] for f in (of_files, of_frames)]
    assert both[0].to_numpy().tolist() == both[1].to_numpy().tolist()
    # a file of scores and one of times: which holds the outcome is asked, not guessed
    assert of_files.plan["data"].startswith("fill this: Which file holds the outcome?")
    assert of_files.identifiers.empty
    with pytest.raises(ko.CommandError, match="no such folder or file"):
        ko.inspect(tmp_path / "nowhere")


def test_the_package_is_light_to_import() -> None:
    """No heavy library is loaded before a name is used."""
    lines = (
        "import sys, ketaoutcomes as ko",
        "heavy = {'numpy', 'pandas', 'matplotlib', 'scipy', 'pydantic', 'lifelines'}",
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)",
        "assert 'kaplan_meier' in dir(ko)",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)


def test_every_name_is_there_and_none_else() -> None:
    for name in ko.__all__:
        assert getattr(ko, name) is not None
    with pytest.raises(AttributeError, match="no attribute `kaplan`"):
        _ = ko.kaplan


def test_power_is_called_though_a_folder_has_its_name() -> None:
    lines = (
        "import ketaoutcomes.power.run, ketaoutcomes as ko",
        "try: ko.power('nowhere.yaml')",
        "except ko.PlanError as error: assert 'nowhere.yaml' in str(error)",
        "else: raise SystemExit(1)",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)
