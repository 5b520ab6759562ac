"""Slips of YAML and of values, in the words of a writer."""

from pathlib import Path

import pytest

from ketaoutcomes.cohorts.obtain import scenario_of
from ketaoutcomes.errors import CheckError, PlanError
from ketaoutcomes.plan.reading.placed import placed
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.reading.source import read_yaml
from unit.plan.test_plan_file import fault, line_of


@pytest.mark.parametrize(
    ("text", "place", "found", "remedy"),
    [
        ("a:\n\tb: 1\n", "2:1", "a tab", "indent with spaces"),
        ("a: b: c\n", "1:5", "a colon that begins no value here", "quotes"),
        ("a:1\nb: 2\n", "2:2", "a colon that begins no value here", "colon of the line above"),
        ("b: 2\na:1\n", "2:1", "a line without `: `", "a space after the colon"),
        ("a: {b: 1\nd: 3\n", "1:4", "a `{` without its `}`", "close the bracket"),
        ("a: [1, 2\nd: 3\n", "1:4", "a `[` without its `]`", "close the bracket"),
        ('a: "b\nc: 1\n', "1:4", "a quote that is not closed", "close it"),
        ("a: 'it's'\n", "1:8", "text after a closing quote", "double quotes"),
        ("a:\n  b: 1\n c: 2\n", "3:2", "a line that is indented otherwise", "alike"),
        ("a: >= 12\n", "1:5", "begins with `>`", "write the number alone"),
        ("a: - b\n", "1:4", "a `- ` after a key", "new line"),
        ("a: %x\n", "1:4", "begins with a sign", "in quotes"),
        ("a: *b\n", "1:4", "a `*name` without its `&name`", "in its place"),
        ("a: 1\n---\nb: 2\n", "2:1", "a second document", "one plan in a file"),
    ],
)
def test_a_slip_of_yaml_is_told_in_plain_words(
    text: str, place: str, found: str, remedy: str
) -> None:
    with pytest.raises(PlanError) as caught:
        read_yaml(text, "plan.yaml")
    (problem,) = caught.value.problems
    assert problem.place == f"plan.yaml:{place}"
    assert found in problem.found
    assert remedy in problem.remedy


def test_a_character_that_no_text_holds_is_a_fault_of_the_plan() -> None:
    with pytest.raises(PlanError) as caught:
        read_yaml("a: \x07\n", "plan.yaml")
    assert "#x0007" in caught.value.problems[0].found


@pytest.mark.parametrize(
    ("old", "new", "expected", "found", "remedy"),
    [
        ("{day: 28}", '{day: "28"}', "a whole number", "day = '28'", "`day: 28`, the number alone"),
        ("{day: 28}", "{day: 2024-01-28}", "a whole number", "day = 2024-01-28", "or date"),
        ("percent: 50", "percent: 50%", "a number", "percent = '50%'", "percent: 50`"),
        ("percent: 50", "percent: 150", "less than or equal to 100", "150", "in this range"),
        ("covariance: [us, toeph, ar1h]", "covariance: {a: us}", "a list", "us", "[first, second]"),
    ],
)
def test_a_wrong_value_is_told_with_what_to_write(
    tmp_path: Path, old: str, new: str, expected: str, found: str, remedy: str
) -> None:
    (problem,) = fault(tmp_path, (old, new)).problems
    assert problem.expected == expected
    assert found in problem.found
    assert remedy in problem.remedy


def test_visits_stand_in_the_order_of_time(tmp_path: Path) -> None:
    (problem,) = fault(tmp_path, ("Day 8: {day: 8}", "Day 8: {day: 80}")).problems
    assert problem.place == f"{tmp_path / 'plan.yaml'}:{line_of('  induction:')}:3"
    assert "`Day 15` is earlier than `Day 8`" in problem.expected


def test_what_data_find_wrong_with_a_plan_is_placed_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    trd = Path(__file__).resolve().parents[3] / "analyses" / "trd.yaml"
    path.write_text(trd.read_text("utf-8").replace("trd_short_term", "trd_short"))
    plan, text = read_plan(path)
    with pytest.raises(PlanError) as caught:
        scenario_of(plan)
    (problem,) = placed(caught.value, path, text).problems
    assert problem.place == f"{path}:{line_of('  synthetic:')}:15"
    assert problem.remedy == "did you mean `trd_short_term`?"


def test_an_error_without_places_in_the_plan_is_the_same() -> None:
    error = CheckError("no")
    assert str(placed(error, Path("plan.yaml"), "a: 1")) == "no"


@pytest.mark.parametrize(
    ("safety", "remedy"), [("safety: {}\n", "`model: incidence`"), ("", "name at least one")]
)
def test_a_plan_without_analyses_is_told_what_it_needs(tmp_path: Path, safety, remedy):
    path = tmp_path / "plan.yaml"
    path.write_text(
        f"""
study: {{id: x, title: X, question: Is it?, condition: depression}}
data: {{files: {{subjects: s.csv}}, columns: {{subject: id, arm: arm}}}}
phases: {{p: {{label: P, arms: {{a: A, b: B}}, reference: a}}}}
endpoints: {{}}
estimands: {{}}
analyses: {{}}
{safety}""",
        "utf-8",
    )
    with pytest.raises(PlanError) as error:
        read_plan(path)
    assert [p.expected for p in error.value.problems] == ["one entry or more"] * 3
    assert all(remedy in p.remedy for p in error.value.problems)
