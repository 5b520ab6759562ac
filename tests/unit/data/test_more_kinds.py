"""Further kinds of files of newcomers: each is proposed, or what it leaves open is asked."""

from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from ketaoutcomes.data.inspection.inspect import Inspection, inspect_folder
from ketaoutcomes.data.inspection.whose import SAME
from ketaoutcomes.data.inspection.words import plan_words
from ketaoutcomes.pipeline import Request, run
from ketaoutcomes.plan.gaps import gaps_in
from tolerances import EXACT, SAME_OPTIMUM

N = 60


def seen_in(folder: Path, text: str, answers: dict[str, str] | None = None) -> Inspection:
    (folder / "trial.csv").write_text(text, encoding="utf-8")
    return inspect_folder(folder, "made", answers)


def table(columns: str, rows: list[tuple[Any, ...]], sign: str = ",") -> str:
    return "\n".join([columns, *(sign.join(map(str, row)) for row in rows)])


def plan_of(seen: Inspection) -> dict[str, Any]:
    assert seen.chosen is not None
    return seen.chosen.plan


def open_keys(seen: Inspection) -> list[str]:
    assert seen.chosen is not None
    return [question.key for question in seen.chosen.questions if question.is_open]


def main_result(folder: Path, seen: Inspection, ending: str) -> float:
    """The number of the plan as it was proposed, after a run."""
    assert not tuple(gaps_in(plan_of(seen)))
    path = folder / "plan.yaml"
    path.write_text(plan_words(seen) + "report:\n  smallest_cell: 1\n", encoding="utf-8")
    assert run(Request(path, folder, folder / "out"), lambda _: None).failures == ()
    results = pd.read_parquet(folder / "out" / "results.parquet").set_index("id")
    (name,) = [row for row in results.index if row.endswith(ending)]
    return float(results.loc[name, "estimate"])


def test_codes_that_begin_anew_in_each_centre_are_joined(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = []
    for centre in "ABC":
        for code in range(1, 21):
            arm = ("placebo", "active")[int(rng.integers(2))]
            rows += [(centre, code, arm, visit, int(30 - 3 * visit + rng.integers(9)))
                     for visit in range(3)]  # fmt: skip
    seen = seen_in(tmp_path, table("center,id,treatment,visit,score", rows))
    assert plan_of(seen)["data"]["columns"]["subject"] == ["center", "id"]
    assert seen.chosen is not None
    assert any("begins anew in each" in remark for remark in seen.chosen.remarks)


def test_codes_that_are_one_person_in_all_centres_are_left(tmp_path: Path) -> None:
    """A patient who visits several sites is one participant."""
    rows = [(f"site {visit % 2}", f"P{k}", ("placebo", "drug")[k % 2], visit, 20 - visit + k % 5)
            for k in range(N) for visit in range(3)]  # fmt: skip
    seen = seen_in(tmp_path, table("site,id,arm,visit,score", rows))
    assert plan_of(seen)["data"]["columns"]["subject"] == "id"


def ends(n: int = 120) -> list[tuple[Any, ...]]:
    rng = np.random.default_rng(2)
    kinds = ("censored", "death", "relapse")
    return [(k, ("placebo", "drug")[k % 2], round(float(rng.uniform(1, 20)), 1), kinds[k % 3])
            for k in range(n)]  # fmt: skip


def test_of_several_kinds_of_event_one_is_asked_and_the_others_compete(tmp_path: Path) -> None:
    text = table("id,arm,months,status", ends())
    seen = seen_in(tmp_path, text)
    assert open_keys(seen) == ["event"]
    chosen = plan_of(seen_in(tmp_path, text, {"event": "relapse"}))
    meaning = {"censored": False, "death": False, "relapse": True}
    assert chosen["data"]["labels"]["occurred"] == meaning
    assert chosen["analyses"]["time_to_event"]["competing"] == ["death"]
    both = plan_of(seen_in(tmp_path, text, {"event": "any of them"}))
    assert both["data"]["labels"]["occurred"] == meaning | {"death": True}
    assert "competing" not in both["analyses"]["time_to_event"]


def test_codes_from_1_leave_open_which_is_censoring(tmp_path: Path) -> None:
    """In one file 2 is alive, in another 1 is: nothing but its author says so."""
    code = {"censored": 2, "death": 3, "relapse": 1}
    rows = [(*row[:3], code[row[3]]) for row in ends()]
    text = table("id,arm,months,status", rows)
    assert open_keys(seen_in(tmp_path, text)) == ["censored"]
    zero = [(*row[:3], row[3] - 1) for row in rows]
    assert open_keys(seen_in(tmp_path, table("id,arm,months,status", zero))) == ["event"]


def test_of_several_rows_with_a_time_it_is_asked_which_are_analysed(tmp_path: Path) -> None:
    rows = [(k, ("placebo", "drug")[k % 2], kind, 5 + k + 3 * kind, (k + kind) % 2)
            for k in range(N) for kind in (1, 2)]  # fmt: skip
    text = table("id,arm,etype,time,status", rows)
    assert open_keys(seen_in(tmp_path, text))[0] == "rows"
    answered = seen_in(tmp_path, text, {"rows": "etype 2", "event": "1"})
    assert plan_of(answered)["data"]["where"] == {"times": {"etype": ["2"]}}


def test_a_time_on_every_row_of_a_participant_is_read_once(tmp_path: Path) -> None:
    rows = [(k, ("placebo", "drug")[k % 2], 10 + k, int(k < 30), day, 5 + day % 7)
            for k in range(N) for day in (0, 3 + k, 90 + k)]  # fmt: skip
    seen = seen_in(tmp_path, table("id,arm,futime,status,day,bili", rows))
    assert plan_of(seen)["data"]["files"] == {"times": "trial.csv"}
    assert plan_of(seen)["data"]["columns"]["time"] == "futime"


@pytest.mark.parametrize(
    ("before", "after"),
    [("pain_pre", "pain_post"), ("Prewt", "Postwt"), ("vorher", "nachher"), ("avant", "apres")],
)
def test_before_and_after_in_one_arm_are_pairs(tmp_path: Path, before: str, after: str) -> None:
    rng = np.random.default_rng(3)
    first = rng.integers(4, 10, N)
    second = first - rng.integers(0, 4, N)
    rows = list(zip(range(N), first, second, strict=True))
    seen = seen_in(tmp_path, table(f"id,{before},{after}", rows), {"better": "lower"} if
                   before != "pain_pre" else None)  # fmt: skip
    assert plan_of(seen)["analyses"]["primary"]["model"] == "paired"
    found = main_result(tmp_path, seen, "paired_difference")
    assert found == pytest.approx((second - first).mean(), rel=EXACT)


def test_codes_of_missing_values_are_said_and_not_averaged(tmp_path: Path) -> None:
    rows = [(k, 5 + k % 5, 999 if k % 7 == 0 else 4 + k % 4) for k in range(N)]
    seen = seen_in(tmp_path, table("id,pain_pre,pain_post", rows))
    assert plan_of(seen)["data"]["missing"] == ["999"]
    assert seen.chosen is not None
    assert any("taken to mean missing: 999" in r.told for r in seen.chosen.readings)
    both = [post - pre for _, pre, post in rows if post != 999]
    assert main_result(tmp_path, seen, "paired_difference") == pytest.approx(np.mean(both))


def test_numbers_that_fit_the_others_are_no_codes(tmp_path: Path) -> None:
    rows = [(k, 60 + k % 50, 55 + k % 48) for k in range(N)]  # 99 is a weight like others
    assert "missing" not in plan_of(seen_in(tmp_path, table("id,pre_kg,post_kg", rows)))["data"]


def conditions(tmp_path: Path, answers: dict[str, str] | None = None) -> Inspection:
    rows = [(f"p{k}", c, 300 + k % 9 + 20 * (c == "noise") + k % 4 * (c == "noise"))
            for k in range(20) for c in ("noise", "quiet")]  # fmt: skip
    return seen_in(tmp_path, table("id,condition,reaction", rows), answers)


def test_conditions_of_everyone_ask_for_their_order(tmp_path: Path) -> None:
    """First whose the rows are: codes that count may begin anew under each condition."""
    assert open_keys(conditions(tmp_path)) == ["whose"]
    assert open_keys(conditions(tmp_path, {"whose": SAME})) == ["order", "better"]
    answers = {"whose": SAME, "order": "quiet, then noise", "better": "lower"}
    seen = conditions(tmp_path, answers)
    mean = np.mean([20 + k % 4 for k in range(20)])
    found = main_result(tmp_path, seen, "noise/treated/paired_difference")
    assert found == pytest.approx(mean, rel=EXACT)


def test_an_order_that_varied_is_in_the_plan(tmp_path: Path) -> None:
    seen = conditions(tmp_path, {"whose": SAME, "order": "varied", "better": "lower"})
    assert plan_of(seen)["analyses"]["primary"]["order"] == "varied"


def test_a_diary_becomes_weeks(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    rows = [(f"p{k}", ("placebo", "drug")[k % 2], day, int(rng.integers(3, 8)) - (day > 0))
            for k in range(N) for day in (*range(-7, 0), *range(1, 29))
            if rng.random() < 0.9]  # fmt: skip
    plan = plan_of(seen_in(tmp_path, table("id,group,day,pain", rows)))
    assert plan["data"]["diary"] == {"days": 7, "needed": 4}
    assert "visit" not in plan["data"]["columns"]
    visits = plan["phases"]["treatment"]["visits"]
    assert list(visits) == ["Baseline", "Week 1", "Week 2", "Week 3", "Week 4"]
    late = [row for row in rows if row[2] > 0]
    asked = seen_in(tmp_path, table("id,group,day,pain", late))
    assert open_keys(asked) == ["baseline"]
    first = seen_in(tmp_path, table("id,group,day,pain", late), {"baseline": "first week"})
    assert next(iter(plan_of(first)["phases"]["treatment"]["visits"])) == "Week 1"


def test_a_crossover_with_one_row_for_each_period(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    rows = []
    for k in range(40):
        order = ("AB", "BA")[k % 2]
        own = rng.normal(10, 2)
        rows += [(k, p, order[p - 1], round(own + (order[p - 1] == "B") + rng.normal(), 2))
                 for p in (1, 2)]  # fmt: skip
    text = table("subject,period,treatment,fev", rows)
    assert open_keys(seen_in(tmp_path, text)) == ["reference", "better"]
    seen = seen_in(tmp_path, text, {"reference": "A", "better": "higher"})
    wide = pd.DataFrame(rows, columns=["s", "p", "t", "y"]).pivot(index="s", columns="p")
    d = wide["y"][1] - wide["y"][2]
    ba = wide["t"][1] == "B"
    known = (d[ba].mean() - d[~ba].mean()) / 2  # Jones & Kenward 2014, section 2.10
    found = main_result(tmp_path, seen, "end/b/a/difference_in_ls_means")
    assert found == pytest.approx(known, rel=SAME_OPTIMUM)


def test_german_columns_with_decimal_commas(tmp_path: Path) -> None:
    rows = [(k, ("Kontrolle", "Verum")[k % 2], f"{24 + k % 7},5", f"{20 + k % 5},2",
             f"{17 + k % 6},1") for k in range(N)]  # fmt: skip
    head = "Patientennummer;Gruppe;HAMD_Vorher;HAMD_Woche4;HAMD_Woche8"
    plan = plan_of(seen_in(tmp_path, table(head, rows, ";")))
    assert plan["data"]["decimal"] == ","
    assert plan["phases"]["treatment"]["reference"] == "kontrolle"
    (columns,) = plan["data"]["columns"]["scores"].values()
    assert list(columns) == ["Baseline", "Week 4", "Week 8"]


def test_a_first_visit_without_a_unit_is_the_baseline(tmp_path: Path) -> None:
    rows = [(k, ("placebo", "drug")[k % 2], 24 + k % 7, 20 + k % 5, 17 + k % 6) for k in range(N)]
    plan = plan_of(seen_in(tmp_path, table("id,arm,hamd_0,hamd_w2,hamd_w8", rows)))
    (columns,) = plan["data"]["columns"]["scores"].values()
    assert columns["Baseline"] == "hamd_0"


def test_a_baseline_beside_later_visits_is_asked(tmp_path: Path) -> None:
    rows = [(k, ("placebo", "drug")[k % 2], 30 + k % 9, 28 - k % 5, 25 - k % 7) for k in range(N)]
    text = table("id,treatment,baseline,number3m,number12m", rows)
    assert "baseline" in open_keys(seen_in(tmp_path, text))
    seen = seen_in(tmp_path, text, {"baseline": "baseline", "better": "lower"})
    (columns,) = plan_of(seen)["data"]["columns"]["scores"].values()
    assert columns["Baseline"] == "baseline"


def test_a_title_above_the_table_of_a_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "Study 17, export of 3 May"
    for place, name in enumerate(("ID", "Group", "madrs_0", "madrs_4"), 1):
        sheet.cell(3, place, name)
    for k in range(N):
        sheet.append([k, ("Control", "Treatment")[k % 2], 30 + k % 5, 25 - k % 6])
    book.save(tmp_path / "trial.xlsx")
    seen = inspect_folder(tmp_path, "made")
    assert plan_of(seen)["data"]["header_row"]["visits"] > 1
    k = np.arange(N)
    drug, first = k % 2, 30 + k % 5
    X = np.column_stack([np.ones(N), drug, first])
    known = np.linalg.lstsq(X, 25 - k % 6 - first, rcond=None)[0][1]
    found = main_result(tmp_path, seen, "treatment/control/difference_in_ls_means")
    assert found == pytest.approx(known, rel=SAME_OPTIMUM)


def test_arms_of_few_rows_are_asked_and_not_shown(tmp_path: Path) -> None:
    rows = [(k, "ctrl" if k % 3 else "secret", 20 + k % 7) for k in range(18)]
    seen = seen_in(tmp_path, table("id,group,score", rows))
    words = plan_words(seen)
    assert "fewer than 11 rows" in words
    assert "secret" not in words
