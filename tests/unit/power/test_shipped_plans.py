"""Every shipped plan on a synthetic cohort can be tried for power."""

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from displayed import faults_of_words
from ketaoutcomes.cli.main import main
from ketaoutcomes.cohorts.obtain import scenario_of
from ketaoutcomes.errors import PlanError
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.power import setting
from ketaoutcomes.power.design import Cell, Chunk, analyses_of
from ketaoutcomes.power.replicates import Job, run_chunk
from ketaoutcomes.power.run import PowerRequest, run_power
from ketaoutcomes.power.without_effect import alike_arms, without_effect

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"
SYNTHETIC = [
    path.stem
    for path in sorted(ANALYSES.glob("*.yaml"))
    if "\n  synthetic:" in path.read_text() and read_plan(path)[0].compares
]


@pytest.mark.parametrize("name", SYNTHETIC)
def test_trials_of_the_plan_are_estimated(name: str) -> None:
    plan, _ = read_plan(ANALYSES / f"{name}.yaml")
    for effect in set(plan.power.effect) - {"in_turn"}:
        table = run_chunk(Job(plan), Chunk(Cell(120, effect), 0, 2))
        alone = table[table["family"] == ""]
        assert list(alone["analysis"].unique()) == list(analyses_of(plan))
        assert set(table["family"]) == {"", *plan.power.families}
        if effect == "new_trials":  # where everybody has relapsed, a restricted mean is lost
            assert (alone["message"] == "").any()
            continue
        assert (table["message"] == "").all(), table["message"].tolist()
        assert alone["estimate"].nunique() == len(alone)


def test_analyses_of_one_phase_share_their_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, _ = read_plan(ANALYSES / "trd.yaml")
    names = ("primary", "relapse")
    both = plan.model_copy(update={"power": plan.power.model_copy(update={"analyses": names})})
    twice = both.model_copy(
        update={
            "analyses": {**both.analyses, "again": both.analyses["primary"]},
            "power": both.power.model_copy(update={"analyses": (*names, "again")}),
        }
    )
    made = []
    simulate = setting.simulate
    monkeypatch.setattr(setting, "simulate", lambda *words: made.append(words) or simulate(*words))
    chunk = Chunk(Cell(80, "scenario"), 0, 2)
    table = run_chunk(Job(twice), chunk)
    assert len(made) == 2
    numbers = table.set_index("analysis")["estimate"]
    assert numbers["again"].tolist() == numbers["primary"].tolist()


def test_no_effect_of_a_group_nobody_was_allocated_to(tmp_path: Path) -> None:
    text = (ANALYSES / "access.yaml").read_text().replace("effect: [scenario]", "effect: [none]")
    (tmp_path / "access.yaml").write_text(text)
    with pytest.raises(PlanError, match="cannot be simulated"):
        run_power(PowerRequest(tmp_path / "access.yaml", out=tmp_path / "out"), lambda _: None)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("families", "effect", "words"),
    [
        ("[]", "[in_turn]", "no `families`"),
        ("[confirmatory]", "[in_turn]", "in `confirmatory` all are true or none"),
        ("[every]", "[none]", "a family of `multiplicity`"),
        ("[every_visit, every_visit]", "[none]", "every_visit stands twice"),
        ("[every_visit]", "[none, none]", "none stands twice"),
    ],
)
def test_a_grid_that_cannot_be_run_is_refused(
    tmp_path: Path, families: str, effect: str, words: str
) -> None:
    plan = tmp_path / "trd.yaml"
    text = (ANALYSES / "trd.yaml").read_text()
    asked = f"  families: {families}\n  effect: {effect}\n"
    plan.write_text(text.replace("  families: [confirmatory]\n", asked))
    with pytest.raises(PlanError, match=re.escape(words)):
        run_power(PowerRequest(plan, out=tmp_path / "out"), lambda _: None)
    assert not (tmp_path / "out").exists()


def test_the_page_of_hypotheses_that_lose_their_effect_in_turn(tmp_path: Path) -> None:
    """Two phases: one is without an effect while the other keeps its own."""
    plan, run = tmp_path / "trd.yaml", tmp_path / "run"
    family = """  phases:
    method: holm
    hypotheses:
      response: {analysis: response}
      relapse: {analysis: relapse}

report:"""
    text = (ANALYSES / "trd.yaml").read_text().replace("report:", family, 1)
    text = text.replace("[primary, relapse]", "[response]")
    plan.write_text(text.replace("families: [confirmatory]", "families: [phases]"))
    options = ["--replicates", "3", "--subjects", "100", "--workers", "1", "-q"]
    folders = ["--out", str(run), "--work", str(tmp_path / "work")]
    assert main(["power", str(plan), *options, *folders]) == 0
    found = pd.read_csv(run / "results.csv")
    of_family = found[found["table"] == "powt02"].set_index(["group", "statistic"])["id"]
    assert ("phases response, 100, no effect on response", "type I error") in of_family.index
    assert ("phases relapse, 100, no effect on response", "power") in of_family.index
    assert ("phases, 100, no effect on relapse", "family-wise error") in of_family.index
    page = (run / "report.html").read_text()
    assert "of 3 designs, the largest family-wise error rate is" in unescape(page)
    assert "of a family in turn has no effect" in page
    assert not found["statistic"].str.startswith("subjects for").any()


def test_one_arm_has_no_power(tmp_path: Path) -> None:
    request = PowerRequest(ANALYSES / "open_label.yaml", out=tmp_path / "out")
    with pytest.raises(PlanError, match="cannot be simulated") as caught:
        run_power(request, lambda _: None)
    (problem,) = caught.value.problems
    assert problem.expected == "analyses that compare arms, as power is that of a comparison"
    assert problem.found == "`primary`, of one arm"
    assert not (tmp_path / "out").exists()


def test_the_commands_on_a_run_take_the_folder_of_a_simulation(tmp_path: Path, capsys) -> None:
    run, work = str(tmp_path / "run"), str(tmp_path / "work")
    plan = str(ANALYSES / "trd.yaml")
    options = ["--replicates", "3", "--subjects", "60", "80", "--work", work, "-q"]
    assert main(["power", plan, "--out", run, *options]) == 0
    page = (tmp_path / "run" / "report.html").read_bytes()
    assert faults_of_words(page.decode()) == []
    (tmp_path / "run" / "report.html").unlink()
    assert main(["report", run]) == 0
    assert (tmp_path / "run" / "report.html").read_bytes() == page
    capsys.readouterr()
    assert main(["verify", run]) == 0
    assert "the same bytes again" in capsys.readouterr().out
    names = pd.read_csv(tmp_path / "run" / "results.csv")["id"]
    for name in names:
        assert main(["explain", name, run]) == 0
        assert "3 of each design" in capsys.readouterr().out
    other = str(tmp_path / "other")
    options[1] = "4"
    assert main(["power", plan, "--out", other, *options]) == 0
    assert main(["diff", run, other]) == 1
    assert f"{names[0].rsplit('/', 1)[0]}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "analysis", "subjects"),
    [
        ("maintenance", "severe_episodes", 480),
        ("quality_of_life", "value", 80),
        ("suicidality", "response_24_hours", 80),
        ("safety", "memory", 80),
    ],
)
def test_a_trial_of_the_simulation_is_the_trial_alone(
    name: str, analysis: str, subjects: int
) -> None:
    """Its estimate is that of the report's code on the trial's own subjects, every table cut."""
    plan, _ = read_plan(ANALYSES / f"{name}.yaml")
    plan = plan.model_copy(
        update={"power": plan.power.model_copy(update={"analyses": (analysis,)})}
    )
    cell = Cell(subjects, "scenario")
    first = run_chunk(Job(plan), Chunk(cell, 0, 1))
    two = run_chunk(Job(plan), Chunk(cell, 0, 2))
    assert (two["message"] == "").all(), two["message"].tolist()
    numbers = ["estimate", "std_error"]
    # a batched fit of one trial and of two ends its Newton steps at other roundings
    assert two[numbers].iloc[0].tolist() == pytest.approx(
        first[numbers].iloc[0].tolist(), rel=1e-6, nan_ok=True
    )
    assert two["estimate"].nunique() == 2


def test_without_an_effect_those_who_enter_a_phase_are_alike_too() -> None:
    """Where subjects keep their arm, the phase that they came through has no effect either."""
    plan, _ = read_plan(ANALYSES / "psychotherapy.yaml")
    alike = alike_arms(plan, scenario_of(plan), Hypothesis(analysis="relapse"))
    assert [phase for phase, _, _ in alike] == ["induction", plan.analysis_phase("relapse")]
    trd, _ = read_plan(ANALYSES / "trd.yaml")
    alike = alike_arms(trd, scenario_of(trd), Hypothesis(analysis="relapse"))
    assert [phase for phase, _, _ in alike] == ["maintenance"]


def test_a_dose_response_without_an_effect_is_flat() -> None:
    plan, _ = read_plan(ANALYSES / "dose.yaml")
    scenario = scenario_of(plan)
    for phase, arm, reference in alike_arms(plan, scenario, Hypothesis(analysis="doses")):
        scenario = without_effect(scenario, phase, arm, reference)
    arms = scenario.phases[plan.analysis_phase("doses")].arms.values()
    assert len({arm.model_copy(update={"share": 1}).model_dump_json() for arm in arms}) == 1


def test_the_page_says_why_there_is_no_bias_and_what_a_margin_rejects(tmp_path: Path) -> None:
    pages = {}
    # of the year of `safety` a quarter are left at its end, as in SUSTAIN-2: 60 are too few
    for name, subjects in (("access", "60"), ("safety", "180")):
        run = tmp_path / name
        options = ["--replicates", "2", "--subjects", subjects, "--workers", "1", "-q"]
        work = ["--out", str(run), "--work", str(tmp_path / "work")]
        assert main(["power", str(ANALYSES / f"{name}.yaml"), *options, *work]) == 0
        pages[name] = (run / "report.html").read_text()
        assert faults_of_words(pages[name]) == []
    assert "No participant is allocated to the groups compared" in pages["access"]
    assert "the power to show non-inferiority is" in pages["safety"]
    assert "better than the margin of 1" in pages["safety"]
    assert "Type I error" not in pages["safety"]
