"""What `simulate` wrote is read back for the plan that would simulate it, to the same numbers."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ketaoutcomes.cohorts.obtain import obtain_cohort
from ketaoutcomes.cohorts.publish import publish_cohorts
from ketaoutcomes.data.frames import Frames
from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.errors import DataError, PlanError
from ketaoutcomes.pipeline import Request, run
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"
SEED, SUBJECTS = 71, 60
ORDER = ("subject", "phase", "day", "visit", "scale", "term", "item", "event")
DAY = 1e-5
"""Days: files hold visits of some minutes to the sixth decimal of a day."""


def of_synthetic_plans():
    for path in sorted(ANALYSES.glob("*.yaml")):
        if not is_synthesis(path, path.read_text()):
            plan = read_plan(path)[0]
            if plan.data.synthetic is not None:
                yield pytest.param(plan, id=path.stem)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "cohorts"
    return publish_cohorts((), folder, SEED, SUBJECTS)


def as_written(plan):
    """The plan, for the cohort that was written."""
    synthetic = plan.data.synthetic.model_copy(update={"seed": SEED, "subjects": SUBJECTS})
    return plan.model_copy(update={"data": plan.data.model_copy(update={"synthetic": synthetic})})


@pytest.mark.parametrize("plan", list(of_synthetic_plans()))
def test_every_shipped_plan_reads_the_cohort_of_its_scenario(plan, written):
    """The same people, arms, scores, events, doses and costs as the plan simulates."""
    plan = as_written(plan)
    simulated, _ = obtain_cohort(plan, None)
    read, hashes = obtain_cohort(plan, written / plan.data.synthetic.scenario)
    assert read.source.kind == "synthetic"
    assert read.source.seed == SEED
    assert {name for name, _ in hashes} >= {"subjects.csv", "visits.csv", "follow_up.csv"}
    if plan.study.id == "open_label":  # its arm has all the subjects where it is simulated
        assert set(read.assignments["arm"]) == {"esketamine"}
        return
    for name, expected in simulated.frames().items():
        found = read.frames()[name]
        assert list(found) == list(expected)
        order = [column for column in ORDER if column in expected]
        assert_frame_equal(_plain(found, order), _plain(expected, order), atol=DAY, rtol=0)


def _plain(frame, order):
    """Rows in one order, words as objects."""
    plain = frame.sort_values(order, kind="stable", ignore_index=True)
    words = [c for c in plain if not pd.api.types.is_numeric_dtype(plain[c])]
    return plain.astype(dict.fromkeys(words, str))


def test_a_whole_run_gives_the_numbers_of_the_synthetic_one(written, tmp_path):
    text = (ANALYSES / "frequency.yaml").read_text()
    line = "synthetic: {scenario: frequency, seed: 20261125}"
    assert line in text
    ours = f"synthetic: {{scenario: frequency, seed: {SEED}, subjects: {SUBJECTS}, truth: false}}"
    plan = tmp_path / "frequency.yaml"
    plan.write_text(text.replace(line, ours))
    folders = []
    for name, data in (("simulated", None), ("read", written / "frequency")):
        out = tmp_path / name
        run(Request(plan=plan, data_folder=data, out=out), lambda _: None)
        folders.append(out)
    results = [(folder / "results.csv").read_bytes() for folder in folders]
    assert results[0] == results[1]
    assert len(results[0]) > 10_000


def test_another_seed_than_the_plans_is_said(written):
    plan = read_plan(ANALYSES / "anxiety.yaml")[0]
    cohort, _ = obtain_cohort(plan, written / "anxiety")
    assert any(f"seed {SEED}" in remark.what for remark in cohort.source.remarks)


def test_phases_and_visits_that_the_plan_lacks_are_said(written):
    plan = as_written(read_plan(ANALYSES / "open_label.yaml")[0])
    cohort, _ = obtain_cohort(plan, written / "trd_short_term")
    assert any("phase `maintenance`" in remark.what for remark in cohort.source.remarks)


def _changed(folder):
    path = folder / "anxiety" / "visits.csv"
    path.write_text(path.read_text().replace(",31.0\n", ",32.0\n", 1))
    return path.parent


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda folder: folder / "nowhere" / "anxiety", "without a `MANIFEST.json`"),
        (lambda folder: folder, "without a `MANIFEST.json`"),
        (lambda folder: folder / "pain", "a cohort of scenario `pain`"),
        (_changed, "changed since they were written: anxiety/visits.csv"),
    ],
)
def test_a_folder_that_is_no_such_cohort_is_refused(written, tmp_path, spoil, found):
    """Nothing but a cohort of `simulate` may pass as synthetic, real data least of all."""
    copy = shutil.copytree(written, tmp_path / "cohorts")
    plan = read_plan(ANALYSES / "anxiety.yaml")[0]
    with pytest.raises(DataError) as error:
        obtain_cohort(plan, spoil(copy))
    (problem,) = error.value.problems
    assert found in problem.found
    assert problem.place.startswith("--data ")


def test_frames_are_no_cohort_of_a_synthetic_plan(written):
    plan = read_plan(ANALYSES / "anxiety.yaml")[0]
    frames = Frames.of({"visits": pd.read_csv(written / "anxiety" / "visits.csv")})
    with pytest.raises((DataError, PlanError)):
        obtain_cohort(plan, frames)


def test_every_file_ends_with_the_last_day_of_its_phase(written):
    """No dose, visit, event, adverse event or cost lies after a subject's last day."""
    for folder in sorted(path for path in written.iterdir() if path.is_dir()):
        ends = pd.read_csv(folder / "follow_up.csv").set_index(["subject", "phase"])["last_day"]
        for name in ("visits", "events", "exposure", "adverse_events", "costs"):
            if (folder / f"{name}.csv").exists():
                rows = pd.read_csv(folder / f"{name}.csv")
                keys = pd.MultiIndex.from_frame(rows[["subject", "phase"]])
                assert (rows["day"].to_numpy() <= ends.reindex(keys).to_numpy()).all(), folder.name


def test_the_primary_visit_of_the_depression_trial_is_there(written):
    visits = pd.read_csv(written / "trd_short_term" / "visits.csv")
    induction = visits[visits["phase"] == "induction"]
    assert induction.loc[induction["visit"] == "Day 28", "day"].unique().tolist() == [27.0]


def test_inspect_names_the_scenario_whose_plans_read_the_folder(written, tmp_path):
    (proposal,) = inspect_folder(written / "pain").proposals
    assert any("scenario `pain`" in remark and "`--data`" in remark for remark in proposal.remarks)
    alone = shutil.copytree(written / "pain", tmp_path / "elsewhere")
    (proposal,) = inspect_folder(alone).proposals
    assert not any("scenario" in remark for remark in proposal.remarks)
