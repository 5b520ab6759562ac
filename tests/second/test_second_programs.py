"""Second programs stand alone, hide what is hidden, and a disagreement is a failure of the run."""

import ast
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import ketaoutcomes as ko
import ketaoutcomes.second
from faulty_engines import binary_trial
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.report.appendix import python_call
from ketaoutcomes.results import Result, ResultTable, results_from_frame
from ketaoutcomes.second.check import SAME_SUM, Second, checks_of
from ketaoutcomes.second.files import checks_bytes, read_checks
from ketaoutcomes.second.multiplicity import closed_testing
from ketaoutcomes.second.run import second_checks, shown_checks, with_checks
from one_arm_study import write_study

ROW = Result(table="rspt01", statistic="risk difference", analysis="a", arm="x", estimate=0.25)
FOLDER = Path(ketaoutcomes.second.__path__[0])
FAMILIES = FOLDER.parent / "families"
PROGRAMS = (*sorted(FOLDER.glob("*.py")), *sorted(FAMILIES.glob("*/second*.py")))
NOUNS = (
    "ketaoutcomes.second",
    "ketaoutcomes.plan",
    "ketaoutcomes.endpoints.data",
    "ketaoutcomes.cohort",
    "ketaoutcomes.results",
    "ketaoutcomes.clock",
    "ketaoutcomes.vocabulary",
    "ketaoutcomes.errors",
    "ketaoutcomes.remarks",
    "ketaoutcomes.report",
    "ketaoutcomes.families.registry",
)
"""What both programs may share: the plan, the derived data, the results and the page."""


def second(estimate):
    return Second(program="p 1.0, r", tolerance=SAME_SUM, estimate=estimate)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_second_program_imports_no_engine(path):
    """Nouns and other second programs, and its own family's plan for the type alone."""
    own = f"ketaoutcomes.families.{path.parent.name}."
    allowed = (*NOUNS, f"{own}second", f"{own}plan")
    found = {
        node.module or ""
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
    }
    ours = {module for module in found if module.startswith("ketaoutcomes")}
    assert {module for module in ours if not module.startswith(allowed)} == set()


def test_a_number_outside_its_tolerance_is_a_failure():
    (check,) = checks_of(ROW, second(0.26))
    assert not check.agrees
    (row,) = with_checks((ROW,), (check,))
    assert row.doubted
    assert ResultTable((row,)).failures == (
        "rspt01/a/x/risk_difference: differs from p 1.0, r in estimate",
    )


def test_a_number_that_agrees_names_its_program():
    (row,) = with_checks((ROW,), checks_of(ROW, second(0.25)))
    assert (row.checked_by, row.doubted) == ("p 1.0, r", False)


def test_a_second_value_that_is_no_number_does_not_agree():
    (check,) = checks_of(ROW, second(float("nan")))
    assert not check.agrees
    assert not read_checks(checks_bytes((check,)))[0].agrees


def test_what_is_suppressed_is_not_shown_by_its_check():
    checks = checks_of(ROW, second(0.25))
    hidden = replace(ROW, estimate=None, suppressed="estimate")
    assert shown_checks(checks, (ROW,)) == checks
    assert shown_checks(checks, (hidden,)) == ()
    assert shown_checks(checks, ()) == ()


def test_checks_read_back_the_same():
    trial = binary_trial(model="proportions")
    checks = trial.checks(trial.fitted())
    assert read_checks(checks_bytes(checks)) == checks


def test_closed_testing_of_bonferroni_is_holm():
    """Holm 1979: the shortcut of closed testing with Bonferroni's local test."""
    p = (0.01, 0.04, 0.03)
    found = closed_testing(3, lambda members: len(members) * min(p[k] for k in members))
    assert found == pytest.approx([0.03, 0.06, 0.06])


def test_the_standard_error_of_a_ratio_is_that_of_its_logarithm():
    ratio = replace(ROW, statistic="odds ratio", std_error=0.1)
    assert ratio.std_error_scale == "log"
    assert replace(ROW, std_error=0.1).std_error_scale == ""
    frame = ResultTable((ratio,)).to_frame()
    assert list(frame["std_error_scale"]) == ["log"]


def test_the_p_value_of_a_ratio_says_so_too_and_is_read_back():
    tested = replace(ROW, table="multt01", statistic="adjusted p", std_error=0.1, of_ratio=True)
    table = ResultTable((tested, replace(tested, statistic="unadjusted p", of_ratio=False)))
    frame = table.to_frame()
    assert list(frame["std_error_scale"]) == ["log", ""]
    assert results_from_frame(frame) == table


def test_the_lines_in_python_run_the_second_program_of_the_page(tmp_path, monkeypatch):
    """What the page shows, typed in where the plan lies, gives the checks of the run."""
    write_study(tmp_path)
    study = ko.run(tmp_path / "plan.yaml")
    name = next(iter(study))
    lines = python_call(study.material, name, study.plan.analyses[name])
    monkeypatch.chdir(tmp_path)
    *before, last = lines.splitlines()
    scope = {}
    exec("\n".join(before), scope)  # noqa: S102 - the lines that a reader would type
    found = eval(last, scope)  # noqa: S307
    assert found
    assert set(found) <= set(study.done.checks)


def test_a_trial_with_too_many_rows_is_said_not_to_be_checked(monkeypatch):
    """Never in silence: the remark names the analysis and the limit."""
    trial = binary_trial(model="gee", covariates=["baseline"])
    name = next(iter(trial.plan.analyses))
    row = replace(ROW, analysis=name, table="geet01")
    second = model_of(trial.plan.analyses[name]).second
    few = SimpleNamespace(second=second, second_rows=len(trial.endpoint.frame) - 1)
    monkeypatch.setattr("ketaoutcomes.second.run.model_of", lambda _: few)
    plan = trial.plan.model_copy(update={"check": "headline"})  # this check asks for no cohort
    found = second_checks(plan, None, {name: trial.endpoint}, (row,))
    assert not found.checks
    (told,) = found.remarks
    assert told.analyses == (name,)
    assert f"more than {few.second_rows} rows" in told.sentence()
