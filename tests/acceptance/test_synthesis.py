"""A synthesis from its plan to its page, on a made file and on the public one."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from displayed import PARTS_OF_A_SYNTHESIS, faults_of_words, parts_of_summary, unexplained
from ketaoutcomes.cli.main import main
from ketaoutcomes.data.studies import load_studies
from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts, Means, cohens_d, log_risk_ratio
from ketaoutcomes.plan.reading.synthesis_file import read_synthesis
from tolerances import EXACT

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"
FOLDER = "metapsy_psilocybin_depression_studylevel"
PLAN = """\
synthesis: {id: made, title: "Made <b>studies</b>", question: Does it help?, condition: depression}
data:
  file: studies.csv
  columns:
    study: study
    counts: {active: {events: ev1, n: n1}, control: {events: ev2, n: n2}}
    characteristics: {Design: design, Year: year}
    risk_of_bias: {Overall: bias}
outcomes:
  response:
    {label: Response, role: primary, measure: risk_ratio, better: higher, results: [counts],
     groups: [Design], regress_on: [Year]}
"""
ROWS = [
    ("<script>Ash</script>", 12, 30, 5, 30, "parallel", "low", 2019),
    ("Birch", 9, 20, 6, 21, "crossover", "high", 2020),
    ("Cedar", 0, 15, 2, 16, "parallel", "low", 2021),
    ("Dogwood", 0, 10, 0, 11, "parallel", "low", 2022),
]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / "plan.yaml").write_text(PLAN)
    columns = ["study", "ev1", "n1", "ev2", "n2", "design", "bias", "year"]
    pd.DataFrame(ROWS, columns=columns).to_csv(tmp_path / "studies.csv", index=False)
    assert main(["run", str(tmp_path / "plan.yaml"), "--out", str(tmp_path / "run"), "-q"]) == 0
    return tmp_path


def test_the_page_says_what_was_found_and_what_tells_nothing(made):
    page = (made / "run" / "report.html").read_text()
    assert "<script>Ash" not in page
    assert "&lt;script&gt;Ash" in page
    assert "no events, or events in all participants, in both arms" in page
    assert page.count("Values above 1 favour the active arm") == 2
    assert "95% prediction interval" in page
    results = pd.read_csv(made / "run" / "results.csv").set_index("id")
    assert results.loc["synt02/response/studies", "estimate"] == 3
    assert results["status"].eq("failed").sum() == 0


def test_few_studies_for_a_characteristic_are_told(made):
    results = pd.read_csv(made / "run" / "results.csv").set_index("id")
    slope = results.loc["synt08/response/year/slope"]
    assert slope["status"] == "warning"
    assert slope["message"] == "3 studies; at least 10 are recommended"
    page = (made / "run" / "report.html").read_text()
    assert "Year: 3 studies; at least 10 are recommended." in page
    assert 'id="syng03-response-' in page


def test_other_commands_say_in_one_word_that_they_are_not_for_a_synthesis(made, capsys):
    assert main(["power", str(made / "plan.yaml")]) == 2
    told = capsys.readouterr().err
    assert "the plan of a synthesis" in told
    assert "plan.yaml:1:1" in told
    assert "1 error" in told


def test_the_same_page_again_from_results_alone(made, capsys):
    run = made / "run"
    page = (run / "report.html").read_bytes()
    (run / "report.html").unlink()  # were it changed, it would be somebody's own and stay
    (made / "studies.csv").rename(made / "elsewhere.csv")
    assert main(["report", str(run)]) == 0
    assert (run / "report.html").read_bytes() == page
    (made / "elsewhere.csv").rename(made / "studies.csv")
    assert main(["verify", str(run), "--data", str(made)]) == 0
    assert "the same bytes again" in capsys.readouterr().out


def test_verify_and_diff_name_what_changed(made, capsys):
    shutil.copytree(made / "run", made / "before")
    text = (made / "studies.csv").read_text().replace("Birch,9", "Birch,10")
    (made / "studies.csv").write_text(text)
    assert main(["verify", str(made / "run"), "--data", str(made)]) == 1
    assert "first difference: data studies.csv" in capsys.readouterr().out
    main(["run", str(made / "plan.yaml"), "--out", str(made / "run"), "-q"])
    assert main(["diff", str(made / "before"), str(made / "run")]) == 1
    assert "synt02/response/pooled_effect" in capsys.readouterr().out


def test_each_number_can_be_explained(made, capsys):
    for name in pd.read_csv(made / "run" / "results.csv")["id"]:
        assert main(["explain", name, str(made / "run")]) == 0
        told = capsys.readouterr().out
        assert "Formula" in told
        assert "measure: risk_ratio" in told


@pytest.mark.parametrize("option", [["--only", "response"], ["--seed", "3"]])
def test_options_of_another_kind_of_plan_are_refused(made, option, capsys):
    assert main(["run", str(made / "plan.yaml"), *option]) == 2
    assert f"leave {option[0]} out" in capsys.readouterr().err


def test_faults_of_the_plan_are_told_with_their_lines(made, capsys):
    broken = PLAN.replace("measure: risk_ratio", "measure: risk_ration").replace(
        "role: primary", "rule: primary"
    )
    (made / "plan.yaml").write_text(broken)
    assert main(["validate", str(made / "plan.yaml")]) == 2
    told = capsys.readouterr().err
    assert "has 2 errors" in told
    assert "plan.yaml:11" in told


def test_the_shipped_synthesis_runs_verifies_and_explains(tmp_path, capsys):
    out = str(tmp_path / "run")
    plan = str(ANALYSES / "ketamine_trials.yaml")
    assert main(["run", plan, "--out", out, "--word"]) == 0
    assert main(["verify", out, "--data", str(ANALYSES)]) == 0
    capsys.readouterr()
    assert main(["explain", "synt02/four_weeks/pooled_effect", out]) == 0
    told = capsys.readouterr().out
    assert "d$yi <- d$effect" in told
    assert "escalc" not in told
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Effect and standard error as reported by the study: TRANSFORM-1 (Fedgchin 2019)" in page
    assert faults_of_words(page) == []
    assert unexplained(page) == []
    assert parts_of_summary(page) == PARTS_OF_A_SYNTHESIS


def test_the_public_file_runs_and_verifies(real_data_dir, tmp_path):
    folder, out = str(real_data_dir / FOLDER), str(tmp_path / "run")
    assert main(["run", str(ANALYSES / "psilocybin.yaml"), "--data", folder, "--out", out]) == 0
    assert main(["verify", out, "--data", folder]) == 0
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert faults_of_words(page) == []
    assert unexplained(page, own=(Path(folder) / "data.csv").read_text("utf-8")) == []


def test_what_start_writes_is_a_plan_that_reads_the_file(real_data_dir, tmp_path, capsys):
    """It asks which direction is better and which arms are compared; it takes one row a study."""
    folder = real_data_dir / FOLDER
    answers = tmp_path / "answers.yaml"
    answers.write_text("better: lower")
    words = ["--answers", str(answers), "--to", str(tmp_path / "plan.yaml")]
    assert main(["start", str(folder), *words]) == 2
    told = capsys.readouterr().out
    assert "The plan has 1 gap, marked `fill this:`. Still to decide: comparison." in told
    answers.write_text("better: lower\ncomparison: first named")
    (tmp_path / "plan.yaml").unlink()
    assert main(["start", str(folder), *words]) == 0
    plan, _ = read_synthesis(tmp_path / "plan.yaml")
    assert (plan.data.columns.active, plan.data.columns.control) == ("drug_arm1", "drug_arm2")
    (read, *_), *_ = load_studies(plan, folder)
    rows = {study.study: study.row for study in read.studies}
    assert len(rows) == len(read.studies)
    # read in the file: 25 mg against 1 mg, and 16 mg against placebo, scores of the main instrument
    assert (rows["Goodwin 2022"], rows["Krempien 2023"]) == (97, 133)


def test_effects_are_those_that_its_authors_computed(real_data_dir):
    """Every row with numbers, against metapsyTools.

    It corrects d by 1 - 3 / (4 df - 1) where we have the exact factor, and takes d itself for the
    variance; so d is worked back from its g, and its error from d.
    """
    frame = pd.read_csv(real_data_dir / FOLDER / "data.csv", sep=";", decimal=",")
    seen = 0
    for prefix in ("", "change_"):
        kinds = ["change"] if prefix else ["msd", "imsd"]
        rows = frame[frame["outcome_type"].isin(kinds)]
        for _, row in rows[rows[f"n_{prefix}arm1"].notna() & rows[".g"].notna()].iterrows():
            n, m = int(row[f"n_{prefix}arm1"]), int(row[f"n_{prefix}arm2"])
            arms = [
                Means(k, row[f"mean_{prefix}arm{i}"], row[f"sd_{prefix}arm{i}"])
                for i, k in ((1, n), (2, m))
            ]
            d = cohens_d(*arms)
            assert row[".g"] == pytest.approx(d * (1 - 3 / (4 * (n + m - 2) - 1)), rel=1e-9)
            assert row[".g_se"] == pytest.approx(
                np.sqrt((n + m) / (n * m) + d**2 / (2 * (n + m))), rel=1e-9
            )
            seen += 1
    counted = frame[frame["event_arm1"].notna()]
    for _, row in counted.iterrows():
        a, n, c, m = (
            int(row[x]) for x in ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
        )
        if 0 < a < n and 0 < c < m:
            effect = log_risk_ratio(Counts(a, n), Counts(c, m))
            assert row[".log_rr"] == pytest.approx(effect.estimate, rel=EXACT)
            assert row[".log_rr_se"] == pytest.approx(np.sqrt(effect.variance), rel=EXACT)
            seen += 1
    assert seen > 150
