"""Small plans with data that went wrong, beside the project: what is right for each.

The expectations are those of the EXPECTED.md of each case: R, a closed form, or counted by hand.
The folder does not travel with the project; each kind has tests that stand without it.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from statsmodels.formula.api import ols

from ketaoutcomes.__main__ import main

DONE, FAILED, PLAN, DATA = 0, 1, 2, 3
R_DIGITS = 2e-5
"""R's numbers are given to five or six digits."""
CHANGE, DIFFERENCE = "impt01", "difference_in_ls_means"


@dataclass(frozen=True)
class Case:
    """A plan of a case: how the run ends, numbers of results, and words on the terminal.

    `numbers` are (id, field, value); `words` stand on standard error; `without` do not.
    """

    code: int = DONE
    numbers: tuple[tuple[str, str, float], ...] = ()
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    plan: str = "plan.yaml"
    command: str = "run"
    rel: float = R_DIGITS


def responders(**counts: float) -> tuple[tuple[str, str, float], ...]:
    return tuple(
        (f"rspt01/primary/week_4/{arm}/responders", "estimate", n) for arm, n in counts.items()
    )


def times(name: str, **numbers: float) -> tuple[tuple[str, str, float], ...]:
    return tuple((f"ttet01/{name}", key, value) for key, value in numbers.items())


CASES: dict[str, tuple[Case, ...]] = {
    "A00-same-day-visit-dropped": (
        Case(
            numbers=(
                ("ttet01/a/ctl/events", "estimate", 4),
                ("ttet01/a/act/events", "estimate", 6),
                ("ttet01/a/act/ctl/hazard_ratio", "estimate", 1.6345),
                ("kmt01/a/ctl/median", "estimate", 1),
                ("kmt01/a/act/median", "estimate", 0.16667),
                ("kmt01/a/ctl/day_0.2/survival", "estimate", 0.6),
                ("kmt01/a/act/day_0.2/survival", "estimate", 0.2857),
            ),
            words=("planned hour", "12 scores"),
            rel=1e-4,
        ),
    ),
    "A01-event-name-unmatched": (
        Case(DATA, words=("`hospitalisation`", "did you mean `Hospitalisation`?")),
    ),
    "A01-ice-name-unmatched": (
        Case(DATA, words=("`rescue medication`", "did you mean `Rescue med`?")),
    ),
    "A02-event-before-start-crash": (Case(words=("history", "1 event")),),
    "A03-sqlite-wal": (
        Case(
            numbers=(
                ("dst01/a/ctl/analysed", "n", 6),
                ("dst01/a/act/analysed", "n", 6),
            )
        ),
    ),
    "A05-none-is-missing": (Case(numbers=times("a/act/ctl/hazard_ratio", n=36)),),
    "A06-near-ties": (
        Case(
            numbers=(
                ("ttet01/a/act/ctl/log-rank_test", "test_statistic", 0.2636),
                ("ttet01/a/act/ctl/hazard_ratio", "estimate", 1.2273),
                ("kmt01/a/act/day_120/survival", "estimate", 0.4308),
            ),
            rel=2e-4,
        ),
    ),
    "A07-years-ticks": (
        Case(
            numbers=(
                *(
                    (f"kmt01/a/{arm}/day_{day}/survival", "n", n)
                    for arm, at_risk in (("ctl", (8, 7, 5, 3)), ("act", (8, 6, 5, 4)))
                    for day, n in zip((28, 56, 84, 112), at_risk, strict=True)
                ),
                ("kmt01/a/ctl/day_112/survival", "estimate", 0.3),
                ("kmt01/a/act/day_112/survival", "estimate", 0.4375),
                ("ttet01/a/act/ctl/difference_in_restricted_means", "estimate", 3.15),
                ("ttet01/a/act/ctl/difference_in_restricted_means", "std_error", 15.286),
            ),
            rel=1e-4,
        ),
    ),
    "A08-recurrent-day1-dropped": (
        Case(
            numbers=(
                ("rect01/a/ctl/events", "estimate", 10),
                ("rect01/a/act/events", "estimate", 5),
            ),
            words=("dosing day",),
        ),
    ),
    "A09-adam-follow-up-is-treatment": (
        Case(
            numbers=(
                ("rect01/a/ctl/events", "estimate", 5),
                ("rect01/a/act/events", "estimate", 4),
            )
        ),
    ),
    "A10-adtte-months": (
        # AVALU is MONTHS: as days, the times would end before half a day
        Case(
            numbers=(("kmt01/a/ctl/median", "estimate", 9), ("kmt01/a/act/median", "estimate", 12))
        ),
    ),
    "A11-thousands-dot": (Case(DATA, words=("1.012", 'grouping: "."')),),
    "B01-skewed-times-crash": (Case(),),
    "B02-xpt-latin1": (Case(),),
    "B04-decimal-event": (Case(),),
    "B05-sav-labels": (Case(DATA, words=("labels", "occurred")),),
    "B07-xpt-truncated": (Case(DATA, words=("its end is missing",)),),
    "a1-few-us": (Case(FAILED, words=("too few participants",), without=("gradient",)),),
    "a12b-leading-zeros": (Case(DATA, words=("00001", "1")),),
    "a14-weight-neg": (Case(DATA, words=("`w`", "row")),),
    "a17c-site-eq-arm": (Case(FAILED, words=("site", "arm"), without=("rank",)),),
    "a7-constant-change": (Case(FAILED, words=("Week 2",), without=("gradient",)),),
    "a9b-no-base-drug": (Case(FAILED, words=("baseline",)),),
    "y0-mm": (Case(FAILED, words=("after baseline",)),),
    "b2-all-drop-drug": (Case(FAILED),),
    "b21-delta-per-visit": (
        Case(
            numbers=(
                (f"{CHANGE}/d0/week_4/drug/placebo/{DIFFERENCE}", "estimate", -3.271875),
                (f"{CHANGE}/dv/week_4/drug/placebo/{DIFFERENCE}", "estimate", -2.663356),
            ),
            rel=1e-6,
        ),
    ),
    "b5-tip-higher-better": (Case(words=("in favour of",)),),
    "c3-baseline-zero": (
        Case(
            numbers=responders(drug=0, placebo=0),
            words=("so that no percentage of it can be calculated",),
        ),
    ),
    "c3b-negative-baseline": (Case(numbers=responders(drug=0)),),
    "c3d-exact-threshold-30": (Case(numbers=responders(drug=6, placebo=6)),),
    "c4-remission-higher-better": (Case(PLAN, words=("at_least",)),),
    "c5-floor-panss": (Case(words=("percent_of: above_lowest",)),),
    "covariate-named-center": (
        Case(
            numbers=(
                (
                    "mmrmt01/primary/week_6/drug/placebo/difference_in_ls_means",
                    "estimate",
                    -4.918291403283998,
                ),
                (
                    "mmrmt01/primary/week_6/drug/placebo/difference_in_ls_means",
                    "std_error",
                    1.337083107052701,
                ),
                ("mmrmt01/primary/week_6/drug/placebo/difference_in_ls_means", "df", 36.182),
            ),
            rel=1e-5,
        ),
    ),
    "e2-3x3": (Case(),),
    "g13-same-day-spexp": (Case(FAILED, words=("one day",)),),
    "keep": (
        *(
            Case(
                numbers=(
                    ("rspt01/r/week_2/ketamine/midazolam/risk_difference", "estimate", difference),
                    ("rspt01/r/week_2/ketamine/midazolam/risk_difference", "n", 40),
                ),
                plan=f"{name}.yaml",
            )
            for name, difference in (("fixed", 0.0), ("flexible", 0.05))
        ),
    ),
    "kr-small": (
        Case(
            numbers=tuple(
                (f"mmrmt01/{name}/week_4/drug/placebo/difference_in_ls_means", key, value)
                for name in ("primary", "lin")
                for key, value in (("std_error", 1.597609), ("p_value", 0.000790))
            ),
            rel=6e-4,
        ),
    ),
    "rerand": (
        Case(DATA, words=("cross over",), plan="x_synapse_crossover.yaml", command="validate"),
    ),
    "s15-site-numeric": (Case(words=("site", "factors")),),
    "s22-glmm-one-visit": (Case(PLAN, words=("random",)),),
    "smd-no-overlap": (Case(),),
    "subset-arms": (Case(), Case(plan="plan_r.yaml")),
    "visit-empty-in-one-arm": (
        Case(
            numbers=tuple(
                (f"mmrmt01/primary/{visit}/drug/placebo/difference_in_ls_means", key, value)
                for visit, *found in (
                    ("week_2", -5.486534, 1.179614),
                    ("week_6", -4.900559, 1.349105),
                )
                for key, value in zip(("estimate", "std_error"), found, strict=True)
            ),
            words=("not estimable: no placebo score at Week 4",),
        ),
    ),
    "visits17": (Case(),),
    "zero-cell-gee": (Case(words=("not estimable on the odds scale",)),),
}

ELSEWHERE = {"A12-inspect-adtte-alone", "A14-dates-not-seen", "i5-eot"}
"""Cases that are not a plan to be run; each has a test of its own below."""


def copied(cases_dir: Path, name: str, tmp_path: Path) -> Path:
    """The case where it may be written to, as the files came without the right to write."""
    folder = tmp_path / name
    shutil.copytree(cases_dir / name, folder, copy_function=shutil.copyfile)
    return folder


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(name, case, id=f"{name}-{case.plan.removesuffix('.yaml')}")
        for name, cases in CASES.items()
        for case in cases
    ],
)
def test_a_case_gives_what_is_right(name, case, cases_dir, tmp_path, monkeypatch, capsys):
    folder = copied(cases_dir, name, tmp_path)
    monkeypatch.chdir(folder)
    out = ["--out", "out"] if case.command == "run" else []
    code = main([case.command, case.plan, *out])
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert code == case.code, told
    for words in case.words:
        assert words in told
    for words in case.without:
        assert words not in told
    if case.numbers:
        rows = pd.read_csv(folder / "out" / "results.csv").set_index("id")
        for one, key, value in case.numbers:
            assert rows.loc[one, key] == pytest.approx(value, rel=case.rel, abs=1e-12), (one, key)


def test_every_case_that_lies_there_is_tried(cases_dir):
    there = {path.name for path in cases_dir.iterdir() if path.is_dir()}
    assert there <= CASES.keys() | ELSEWHERE


def test_the_page_of_groups_without_overlap_says_so(cases_dir, tmp_path, monkeypatch):
    monkeypatch.chdir(copied(cases_dir, "smd-no-overlap", tmp_path))
    assert main(["run", "plan.yaml", "--out", "out", "-q"]) == DONE
    assert "no overlap" in Path("out/report.html").read_text(encoding="utf-8")


def test_every_way_of_writing_a_date_is_seen(cases_dir, tmp_path, monkeypatch, capsys):
    folder = copied(cases_dir, "A14-dates-not-seen", tmp_path)
    for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
        monkeypatch.chdir(kind)
        assert main(["validate", "plan.yaml"]) == DATA, kind.name
        assert "dates finer than a year" in capsys.readouterr().err, kind.name


def test_times_that_stand_alone_are_proposed_as_times(cases_dir, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(copied(cases_dir, "A12-inspect-adtte-alone", tmp_path))
    assert main(["inspect", "adtte.xpt", "--plan"]) == DONE
    proposed = capsys.readouterr().out
    assert "kind: time_to_event" in proposed
    assert "model: mmrm" not in proposed


def test_week_2_is_study_day_15_and_the_end_of_treatment_is_no_visit(
    cases_dir, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(copied(cases_dir, "i5-eot", tmp_path))
    main(["inspect", "data.csv", "--plan"])
    proposed = capsys.readouterr().out
    assert "day: 15" in proposed
    assert "day: 8" not in proposed
    assert "hours: 0}\n    EOT" not in proposed


def test_one_visit_a_period_has_the_first_period_of_a_t_test(cases_dir, tmp_path, monkeypatch):
    """Pooled variance over the arms of the first period, by statsmodels.

    Of one participant, who left after it, the sequence is not known.
    """
    monkeypatch.chdir(copied(cases_dir, "e2-3x3", tmp_path))
    assert main(["run", "plan.yaml", "--out", "out", "-q"]) == DONE
    rows = pd.read_csv("out/results.csv").set_index("id")
    row = rows.loc["crot01/primary/day_2/b/a/difference_in_the_first_period"]
    seen = pd.read_csv("data.csv")
    first = seen[seen["period"] == 1].pivot(index="id", columns="visit", values="y")
    arm = seen[seen["period"] == 1].drop_duplicates("id").set_index("id")["arm"]
    data = pd.DataFrame({"change": first["Day 2"] - first["Baseline"], "arm": arm})
    later = data.index.isin(seen.loc[seen["period"] == 2, "id"])
    fit = ols("change ~ arm", data[later]).fit()
    assert row["estimate"] == pytest.approx(fit.params["arm[T.B]"], rel=1e-9)
    assert row["p_value"] == pytest.approx(fit.pvalues["arm[T.B]"], rel=1e-9)
