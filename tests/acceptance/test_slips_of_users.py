"""Slips that people make in plans, files and on the command line: one clear error, or a caution."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cli.main import main

PLAN = """\
study: {id: slip, title: A trial, question: Does it work, condition: major depression}
data:
  files: {visits: scores.csv}
  columns:
    subject: id
    arm: arm
    visit: visit
    day: day
    value: madrs
    covariates: {age: age, site: site}
  labels: {arm: {KET: ketamine, PBO: placebo}}
phases:
  acute:
    label: Two weeks
    arms: {placebo: Placebo, ketamine: Ketamine}
    reference: placebo
    visits: {Baseline: {day: 1}, Day 8: {day: 8}, Day 15: {day: 15}}
endpoints:
  change: {kind: change, phase: acute, scale: MADRS}
  response: {kind: response, phase: acute, scale: MADRS, improvement_at_least_percent: 50}
  remission: {kind: remission, phase: acute, scale: MADRS, at_most: 12}
estimands:
  primary:
    population: All randomised
    treatment: {active: ketamine, reference: placebo}
    endpoint: change
    visit: Day 15
    intercurrent_events: {treatment discontinuation: hypothetical}
    summary: difference_in_means
analyses:
  primary: {estimand: primary, role: primary, model: mmrm, covariates: [baseline, age]}
"""
Change = Callable[[pd.DataFrame], pd.DataFrame]


def trial() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = [
        (f"S{i:03d}", "KET" if i % 2 else "PBO", visit, day, score, 25 + i, "north")
        for i in range(1, 33)
        for base in (int(rng.integers(28, 42)),)
        for visit, day, score in (
            ("Baseline", 1, base),
            ("Day 8", 8, base - int(rng.integers(2, 10))),
            ("Day 15", 15, base - int(rng.integers(4, 18))),
        )
    ]
    columns = ["id", "arm", "visit", "day", "madrs", "age", "site"]
    frame = pd.DataFrame(rows, columns=columns)
    frame.loc[frame["id"] > "S016", "site"] = "south"
    return frame


def of(subject: str, column: str, value: object) -> Change:
    """The trial with one subject's value changed on every row."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        changed = frame.astype({column: object})
        changed.loc[changed["id"] == subject, column] = value
        return changed

    return change


def at(row: int, column: str, value: object) -> Change:
    """The trial with one value changed; rows are counted as in the file."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        changed = frame.astype({column: object})
        changed.loc[row - 2, column] = value
        return changed

    return change


NO_EVENTS = "warning: The data have no file that records the event `treatment discontinuation`"
"""The trial has no events file; its strategy for discontinuation then changes nothing."""


def told(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    change: Change = lambda frame: frame,
    plan: tuple[str, str] = ("", ""),
) -> tuple[int, str]:
    """Exit code and words of `validate` on the trial with a slip."""
    old, new = plan
    assert old in PLAN
    (folder / "plan.yaml").write_text(PLAN.replace(old, new, 1) if old else PLAN, "utf-8")
    change(trial()).to_csv(folder / "scores.csv", index=False)
    code = main(["validate", str(folder / "plan.yaml")])
    lines = capsys.readouterr().err.splitlines(keepends=True)
    return code, "".join(line for line in lines if not line.startswith(NO_EVENTS))


def test_the_trial_itself_is_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(tmp_path, capsys) == (0, "")


@pytest.mark.parametrize(
    ("change", "place", "found", "remedy"),
    [
        (of("S002", "arm", "PB0"), "column `arm`, rows 5, 6, 7", "`PB0`", "`data.labels.arm`"),
        (of("S002", "arm", ""), "column `arm`, rows 5, 6, 7", "no value", "fill it in"),
        (
            at(6, "arm", "KET"),
            "column `arm`, row 6",
            "participants in two arms: `S002`",
            "correct the arm",
        ),
        (at(6, "madrs", -3), "column `madrs`, row 6", "`-3`", "correct the score"),
        (at(6, "madrs", 999), "column `madrs`, row 6", "`999`", "correct the score"),
        (at(6, "madrs", "23*"), "column `madrs`, row 6", "`23*`", "correct the score"),
        (at(6, "madrs", "n/a"), "column `madrs`, row 6", "`n/a`", "leave it empty"),
        (at(6, "madrs", "#DIV/0!"), "column `madrs`, row 6", "`#DIV/0!`", "leave it empty"),
        (at(6, "visit", "Day8"), "column `visit`, row 6", "`Day8`", "did you mean `Day 8`?"),
        (at(6, "day", 0), "column `day`, row 6", "`0`", "`data.first_dose_day: 0`"),
        (at(6, "id", ""), "column `id`, row 6", "no value", "fill in the participant"),
        (of("S002", "age", "unknown"), "column `age`, rows 5, 6, 7", "`unknown`", "`data.factors`"),
        (of("S002", "site", "North "), "column `site`, rows 5, 6, 7", "`North`", "write `north`"),
        (
            lambda frame: pd.concat([frame, frame.iloc[[4]]]),
            "column `visit`, row 98",
            "`participant S002 at Day 8 again`",
            "say which is right with `data.where.visits`",
        ),
        (
            lambda frame: frame.assign(age=frame["age"].map("1,{:03d}".format)),
            "column `age`, rows 2, 3, 4",
            "`1,026`",
            "if the commas mark thousands",
        ),
        (
            lambda frame: frame[frame["visit"] != "Baseline"],
            "column `visit`",
            "no score in any participant",
            "`data.columns.baseline`",
        ),
        (
            lambda frame: frame[frame["arm"] == "KET"],
            "column `arm`",
            "none in `placebo`",
            "check the export",
        ),
        (lambda frame: frame.iloc[:0], "scores.csv", "no row", "export the data again"),
        (
            lambda frame: frame.assign(day=[f"2024-01-{day:02d}" for day in frame["day"]]),
            "column `day`",
            "96 rows that look like it",
            "give study days",
        ),
        (
            lambda frame: frame.assign(name="John Smith"),
            "column `name`",
            "96 rows that look like it",
            "take the column out",
        ),
    ],
)
def test_a_slip_in_a_file_is_one_error_with_its_place(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Change,
    place: str,
    found: str,
    remedy: str,
) -> None:
    code, words = told(tmp_path, capsys, change)
    assert code == 3
    assert "1 error\n" in words
    assert place in words
    assert found in words
    assert remedy in words


@pytest.mark.parametrize("number", [-99, 999, -5])
def test_a_code_for_a_missing_covariate_is_cautioned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    code, words = told(tmp_path, capsys, of("S002", "age", number))
    assert code == 0
    assert "note: The covariate `age` has values far from all others" in words


@pytest.mark.parametrize(("days", "when"), [(80, "after the next"), (2, "before the visit before")])
def test_visits_far_from_their_planned_day_are_cautioned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], days: int, when: str
) -> None:
    def moved(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(day=frame["day"].where(frame["visit"] != "Day 15", days))

    code, words = told(tmp_path, capsys, moved)
    assert code == 0
    assert words.startswith(
        f"note: Visit `Day 15` of phase `acute` took place, in the median, {when}"
    )


def test_a_caution_stands_in_the_report_without_a_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(tmp_path, capsys, of("S002", "age", -99))
    out = tmp_path / "out"
    assert main(["run", str(tmp_path / "plan.yaml"), "--out", str(out), "-q"]) == 0
    page = (out / "report.html").read_text("utf-8")
    assert "has values far from all others" in page
    assert "-99" not in page
    assert "S002" not in page


def test_columns_named_like_visits_are_told_to_be_wide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def wide(frame: pd.DataFrame) -> pd.DataFrame:
        keys = ["id", "arm", "age", "site"]
        return frame.pivot(index=keys, columns="visit", values="madrs").reset_index()

    code, words = told(tmp_path, capsys, wide)
    assert code == 3
    assert "each visit has a column of its own" in words
    assert "name them under `scores`" in words


@pytest.mark.parametrize(
    ("old", "new", "found", "remedy"),
    [
        ("scale: MADRS}", "scale: madrs}", "`madrs`", "did you mean `MADRS`?"),
        ("model: mmrm", "model: MRM", "`MRM`", "did you mean `mmrm`?"),
        ("reference: placebo\n", "referrence: placebo\n", "`referrence`", "did you mean `refer"),
        ("visit: Day 15\n", "visit: Day 14\n", "`Day 14`", "use one of: Day 8, Day 15"),
        ("percent: 50", "percent: 0.5", "percent = 0.5", "improvement_at_least_percent: 50`"),
        ("at_most: 12", "at_most: 100", "100", "correct the cut-off, or the scale"),
        ("id: slip", "id: my trial", "'my trial'", "letters, digits and `_`"),
        ("title: A trial", "title: A trial: of ketamine", "a `{` without", "a colon in quotes"),
        ("model: mmrm", "model: mmrm, covariance: [uss]", "'uss'", "did you mean `us`?"),
        ("{day: 8}", "8", "Day 8 = 8", "for example `Day 8: {day: 28}`"),
        ("data:\n", "data:\n  first_dose_day: 2\n", "first_dose_day = 2", "write 0 or 1"),
        ("reference: placebo}", "reference: ketamine}", "'reference': 'ketamine'", "change"),
    ],
)
def test_a_slip_in_a_plan_is_one_error_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, found: str, remedy: str
) -> None:
    code, words = told(tmp_path, capsys, plan=(old, new))
    assert code == 2
    assert words.count("expected:") == 1
    assert "plan.yaml:" in words
    assert found in words
    assert remedy in words


def test_a_covariate_that_is_the_same_for_all_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, words = told(tmp_path, capsys, lambda frame: frame.assign(age=40))
    assert code == 0
    assert "The covariate `age` has the same value for every participant" in words
    assert "take the covariate out of the plan" in words


def test_an_unexpected_error_is_one_sentence_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a column")

    told(tmp_path, capsys)
    monkeypatch.setattr("ketaoutcomes.plan.reading.plan_text.read_text", broken)
    assert main(["run", str(tmp_path / "plan.yaml")]) == 1
    words = capsys.readouterr().err
    assert "an unexpected error stopped the command (KeyError: 'a column')" in words
    assert "KETAOUTCOMES_TRACEBACK=1" in words
    monkeypatch.setenv("KETAOUTCOMES_TRACEBACK", "1")
    with pytest.raises(KeyError):
        main(["run", str(tmp_path / "plan.yaml")])


def test_a_file_of_data_given_as_plan_shows_none_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(tmp_path, capsys)
    assert main(["run", str(tmp_path / "scores.csv")]) == 2
    words = capsys.readouterr().err
    assert "is this a file of data?" in words
    assert "S001" not in words


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("nowhere", "nowhere` does not exist"),
        ("plan.yaml", "plan.yaml` is a file"),
        (".", "did you mean `scores.csv`?"),
    ],
)
def test_a_wrong_folder_of_data_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str, words: str
) -> None:
    told(tmp_path, capsys, plan=("scores.csv", "Scores.CSV"))
    plan = str(tmp_path / "plan.yaml")
    assert main(["validate", plan, "--data", str(tmp_path / place)]) == 3
    assert words in capsys.readouterr().err


def test_an_address_of_the_network_is_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, words = told(tmp_path, capsys, plan=("scores.csv", "https://example.org/scores.csv"))
    assert code == 3
    assert "nothing is fetched from the network" in words


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["run", "plan.yaml", "--seed", "-1"], "`-1` is not a whole number of 0 or more"),
        (["run", "plan.yaml", "--seed", "two"], "`two` is not a whole number of 0 or more"),
        (["simulate", "ocd", "--subjects", "0"], "`0` is not a whole number of 4 or more"),
        (["simulate", "ocd", "--seed", "-1"], "`-1` is not a whole number of 0 or more"),
        (["power", "plan.yaml", "--replicates", "0"], "`0` is not a whole number of 2 or more"),
        (["power", "plan.yaml", "--subjects", "3"], "`3` is not a whole number of 4 or more"),
        (["power", "plan.yaml", "--workers", "0"], "`0` is not a whole number of 1 or more"),
        (["diff", "a", "b", "--rel", "tiny"], "`tiny` is not a number of 0 or more"),
        (["runn", "plan.yaml"], "invalid choice: 'runn'"),
        (["run", "plan.yaml", "--ouput", "x"], "unrecognized arguments: --ouput x"),
    ],
)
def test_a_slip_on_the_command_line_is_told_before_anything_runs(
    capsys: pytest.CaptureFixture[str], command: list[str], words: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(command)
    assert caught.value.code == 2
    assert words in capsys.readouterr().err
