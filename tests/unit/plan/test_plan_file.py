"""Every fault of a plan is told in one pass, with its line, column and a remedy."""

from pathlib import Path

import pytest

from ketaoutcomes.errors import ExitCode, PlanError
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis, read_synthesis

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"
TRD = (ANALYSES / "trd.yaml").read_text()


def fault(tmp_path: Path, *changes: tuple[str, str]) -> PlanError:
    """The error of the short-term plan with some text replaced."""
    text = TRD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    return caught.value


def line_of(text: str) -> int:
    return next(i for i, line in enumerate(TRD.splitlines(), 1) if text in line)


@pytest.mark.parametrize("plan", sorted(ANALYSES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_plan_of_the_project_is_read(plan: Path) -> None:
    if is_synthesis(plan):
        of_studies, text = read_synthesis(plan)
        name = of_studies.synthesis.id
    else:
        read, text = read_plan(plan)
        name = read.study.id
    assert name == plan.stem
    assert text == plan.read_text()


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "found", "remedy"),
    [
        ("question: >-", "questio: >-", "question:", 3, "`questio`", "did you mean `question`?"),
        (
            "at_least: 22",
            "at_leest: 22",
            "at_least: 22",
            24,
            "`at_leest`",
            "did you mean `at_least`?",
        ),
        ("model: mmrm", "model: mrm", "model: mmrm", 5, "`mrm`", "did you mean `mmrm`?"),
        (
            "    endpoint: madrs_change",
            "    endpoint: madrs_chang",
            "    endpoint: madrs_change",
            5,
            "`madrs_chang`",
            "did you mean `madrs_change`?",
        ),
        (
            "visit: Day 28",
            "visit: day_28",
            "visit: Day 28",
            5,
            "`day_28`",
            "did you mean `Day 28`?",
        ),
        (
            "covariance: [us,",
            "covariance: [uss,",
            "covariance: [us,",
            18,
            "analyses.primary.covariance.0 = 'uss'",
            "did you mean `us`?",
        ),
        (
            "by_visit: [baseline]",
            "by_visit: [age]",
            "by_visit:",
            16,
            "`age`",
            "use one of: baseline, region",
        ),
    ],
)
def test_a_misspelling_is_placed_and_corrected(
    tmp_path: Path, old: str, new: str, line: str, column: int, found: str, remedy: str
) -> None:
    (problem,) = fault(tmp_path, (old, new)).problems
    assert problem.place == f"{tmp_path / 'plan.yaml'}:{line_of(line)}:{column}"
    assert problem.found == found
    assert problem.remedy == remedy


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    label = "    label: Double-blind induction, four weeks\n"
    (problem,) = fault(tmp_path, (label, "")).problems
    assert problem.expected == "`label` in phases.induction"
    assert problem.remedy.startswith("add `label:`, for example `label: ")


def test_a_phase_of_several_arms_names_the_reference(tmp_path: Path) -> None:
    (problem,) = fault(tmp_path, ("    reference: placebo\n", "")).problems
    assert problem.place.endswith(f":{line_of('  induction:')}:3")
    assert problem.expected == "`reference`, the arm that others are compared with"
    assert problem.remedy == "use one of: placebo, esketamine"


def test_a_key_written_twice_is_refused(tmp_path: Path) -> None:
    twice = "    reference: placebo\n    reference: esketamine\n"
    (problem,) = fault(tmp_path, ("    reference: placebo\n", twice)).problems
    assert problem.expected == "the key `reference` once in its block"


def test_all_faults_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    error = fault(
        tmp_path, ("model: mmrm", "model: mrm"), ("{day: 8}", "{dy: 8}"), ("title:", "titel:")
    )
    assert [problem.found for problem in error.problems] == ["`titel`", "`dy`", "`mrm`"]
    assert error.exit_code is ExitCode.PLAN


def test_text_that_is_not_yaml_is_placed(tmp_path: Path) -> None:
    (problem,) = fault(tmp_path, ("  id: trd", "  id: [trd")).problems
    assert problem.expected == "YAML"
    assert problem.place == f"{tmp_path / 'plan.yaml'}:{line_of('id: trd')}:7"


def test_the_data_block_takes_one_source(tmp_path: Path) -> None:
    (problem,) = fault(
        tmp_path, ("  synthetic: {scenario", "  files: {visits: a.csv}\n  synthetic: {scenario")
    ).problems
    assert "exactly one of `synthetic` and `files`" in problem.expected


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "an empty file"), (b"study: \xff", "the byte 0xff at offset 7")],
)
def test_a_file_that_is_no_plan(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes(content)
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    assert caught.value.problems[0].found == found


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="an analysis plan that can be read"):
        read_plan(tmp_path / "none.yaml")


def test_words_of_yaml_1_1_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(TRD.replace("placebo: Placebo +", "placebo: No"))
    plan, _ = read_plan(path)
    assert plan.phases["induction"].arms["placebo"].startswith("No")


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)),
        "study: &study {id: [*study]}\n",
    ],
)
def test_aliases_that_grow_without_bound_are_refused(tmp_path: Path, text: str) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(text)
    with pytest.raises(PlanError) as caught:
        read_plan(plan)
    assert "aliases" in caught.value.problems[0].found
