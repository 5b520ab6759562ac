"""The flow diagram shows the numbers of the flow rows, hides what they hide, and is text."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flow_cohorts import cohort_of, plan_of
from ketaoutcomes.cohort import EXPOSURE_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.describe.flow import participant_flow
from ketaoutcomes.describe.flow_diagram import flow_diagram
from ketaoutcomes.describe.sequences import sequence_flow
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.conduct import Screening
from ketaoutcomes.privacy.suppress import suppress
from ketaoutcomes.report.blocks import Figure
from ketaoutcomes.report.material import Material
from ketaoutcomes.results import ResultTable

SVG = "{http://www.w3.org/2000/svg}"
REASONS = ("completed", "withdrew consent", "adverse event", "lost to follow-up")


def drawn(plan: AnalysisPlan, results: ResultTable) -> Figure:
    figure = flow_diagram(Material(plan, results, (), None))  # type: ignore[arg-type]
    assert figure is not None
    return figure


def texts(figure: Figure) -> list[str]:
    """Every line of the diagram, with its indent lost and spaces plain."""
    root = ET.fromstring(figure.svg)  # noqa: S314 - our own drawing
    return ["".join(t.itertext()).replace("\xa0", " ") for t in root.iter(f"{SVG}text")]


def words_of(figure: Figure) -> str:
    return figure.alternative.replace("\xa0", " ")


people = st.lists(
    st.tuples(
        st.sampled_from(("placebo", "esketamine")),
        st.sampled_from(REASONS),
        st.sampled_from(("", "withdraw", "continue")),
    ),
    min_size=1,
    max_size=60,
)


@given(people)
def test_numbers_of_the_diagram_are_those_of_the_people(
    who: list[tuple[str, str, str]],
) -> None:
    """Counted by hand from the list, not by the program."""
    plan = plan_of("trd")
    results = ResultTable(participant_flow(plan, cohort_of(who), {}))
    said = words_of(drawn(plan, results))
    assert f"Randomised (n = {len(who)})" in said
    for arm, label in plan.phases["induction"].arms.items():
        here = [person for person in who if person[0] == arm]
        assert f"{label} (n = {len(here)})" in said
    for reason in REASONS[1:]:
        for arm in ("placebo", "esketamine"):
            left = sum(person[:2] == (arm, reason) for person in who)
            if left:
                assert f"{reason.capitalize()} (n = {left})" in said
    later = [person for person in who if person[2]]
    if later:
        out = len(who) - len(later)
        stayed = sum(person[1] == "completed" and not person[2] for person in who)
        assert f"Did not enter the next phase (n = {out})" in said
        assert f"Completed the phase, did not enter (n = {stayed})" in said
        assert f"Discontinued during the phase (n = {out - stayed})" in said


@given(people)
def test_every_number_shown_names_rows_that_give_it(who: list[tuple[str, str, str]]) -> None:
    plan = plan_of("trd")
    results = ResultTable(participant_flow(plan, cohort_of(who), {}))
    by_id = {row.id: row.n for row in results.rows}
    root = ET.fromstring(drawn(plan, results).svg)  # noqa: S314 - our own drawing
    told = 0
    for text in root.iter(f"{SVG}text"):
        title = text.find(f"{SVG}title")
        number = re.search(r"n\xa0=\xa0([\d,]+)\)$", "".join(text.itertext()))
        if title is None or number is None:
            continue
        counts = [by_id[name] for name in (title.text or "").split()]
        told += 1
        shown = int(number[1].replace(",", ""))
        assert shown == sum(c or 0 for c in counts) or _a_difference(shown, counts)
    assert told


def _a_difference(shown: int, counts: list[int | None]) -> bool:
    """Those who did not go on: two arms, less the others named."""
    known = [c or 0 for c in counts]
    return shown == sum(known[:2]) - sum(known[2:])


@given(people, st.integers(2, 15))
def test_what_the_rows_hide_no_line_shows(who: list[tuple[str, str, str]], least: int) -> None:
    plan, cohort = plan_of("trd"), cohort_of(who)
    hidden = suppress(cohort, ResultTable(participant_flow(plan, cohort, {})), (), least).results
    figure = drawn(plan, hidden)
    shown = [int(n) for n in re.findall(r"n = (\d+)\)", " ".join(texts(figure)))]
    assert not [n for n in shown if 0 < n < least]
    if any(row.suppressed and row.n is None for row in hidden.rows):
        lost = [row for row in hidden.rows if row.suppressed and row.statistic == "assigned"]
        assert not lost or "(n = [c])" in words_of(figure)


def test_screening_comes_first_and_adds_up() -> None:
    plan = plan_of("trd")
    told = Screening(assessed=10, excluded={"not eligible": 3, "declined": 2})
    study = plan.study.model_copy(update={"screening": told})
    plan = plan.model_copy(update={"study": study})
    who = [("placebo", "completed", "")] * 5
    said = words_of(drawn(plan, ResultTable(participant_flow(plan, cohort_of(who), {}))))
    assert said.index("Assessed for eligibility (n = 10)") < said.index("Randomised (n = 5)")
    for line in ("Excluded (n = 5)", "Not eligible (n = 3)", "Declined (n = 2)"):
        assert line in said


def test_an_excluded_few_are_hidden_with_what_would_tell_them() -> None:
    """Of 30 assessed 27 entered: the 3 left out must not be had by subtraction."""
    plan = plan_of("trd")
    study = plan.study.model_copy(
        update={"screening": Screening(assessed=30, excluded={"declined": 3})}
    )
    plan = plan.model_copy(update={"study": study})
    cohort = cohort_of([("placebo", "completed", "")] * 13 + [("esketamine", "completed", "")] * 14)
    hidden = suppress(cohort, ResultTable(participant_flow(plan, cohort, {})), (), 11).results
    told = {row.statistic: row for row in hidden.rows if not row.arm}
    assert told["not enrolled"].n is None
    # the whole is then told in round numbers, from which 27 cannot be taken to leave 3
    assert told["assessed for eligibility"].suppressed
    said = words_of(drawn(plan, hidden))
    assert "Excluded (n = [c])" in said
    assert "(n = 30)" not in said


def test_a_crossover_is_drawn_by_sequence_and_period() -> None:
    """Three began with ketamine and one of them left; two began with saline."""
    plan = plan_of("bipolar")
    first = {"a": "ketamine", "b": "ketamine", "c": "ketamine", "d": "placebo", "e": "placebo"}
    other = {"ketamine": "placebo", "placebo": "ketamine"}
    rows = [(s, "period_1", arm) for s, arm in first.items()]
    rows += [(s, "period_2", other[arm]) for s, arm in first.items() if s != "c"]
    ends = [
        (s, p, 14.0, "withdrew" if (s, p) == ("c", "period_1") else "completed") for s, p, _ in rows
    ]
    cohort = Cohort(
        subjects=pd.DataFrame({"subject": list(first)}),
        assignments=pd.DataFrame(rows, columns=["subject", "phase", "arm"]),
        visits=empty_frame(("subject", "phase", "visit", "day", "scale", "score")),
        events=empty_frame(("subject", "phase", "day", "event")),
        follow_up=pd.DataFrame(ends, columns=["subject", "phase", "last_day", "reason"]),
        times=empty_frame(("subject", "phase", "time", "event", "reason", "entry")),
        source=Source("real", "made by hand"),
    )
    flow = (*participant_flow(plan, cohort, {}), *sequence_flow(plan, cohort, {}))
    counts = {(r.phase, r.group, r.statistic): r.n for r in flow if r.table == "dst02"}
    assert counts["period_1", "ketamine - placebo", "assigned"] == 3
    assert counts["period_2", "ketamine - placebo", "assigned"] == 2
    assert counts["period_1", "ketamine - placebo: withdrew", "left"] == 1
    assert counts["period_2", "placebo - ketamine", "completed"] == 2
    said = words_of(drawn(plan, ResultTable(flow)))
    assert "Randomised to a sequence (n = 5)" in said
    assert "Ketamine 0.5 mg/kg, then Saline (n = 3)" in said


@pytest.mark.parametrize("hostile", ["<script>x</script>", "a & b < c"])
def test_words_of_the_data_are_text(hostile: str) -> None:
    plan = plan_of("trd")
    who = [("placebo", hostile, ""), ("esketamine", "completed", "")]
    figure = drawn(plan, ResultTable(participant_flow(plan, cohort_of(who), {})))
    root = ET.fromstring(figure.svg)  # noqa: S314 - our own drawing
    assert not list(root.iter(f"{SVG}script"))
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    assert not list(root.iter(f"{SVG}path"))
    assert "#" not in re.sub(r"&#?\w+;", "", figure.svg), "every line has the colour of the page"


def test_an_arm_without_a_recorded_dose_is_not_said_to_be_untreated() -> None:
    """Two of three on esketamine have a dose; the file of doses does not cover the other arm."""
    who = [("placebo", "completed", "")] * 4 + [("esketamine", "completed", "")] * 3
    doses = pd.DataFrame(
        [(s, "induction", 0.0, 56.0, "mg", "nasal") for s in ("s004", "s005", "s005")],
        columns=list(EXPOSURE_COLUMNS),
    )
    cohort = replace(cohort_of(who), exposure=doses)
    words = words_of(
        drawn(plan_of("trd"), ResultTable(participant_flow(plan_of("trd"), cohort, {})))
    )
    assert "Received treatment (n = 2). Did not receive treatment (n = 1)." in words
    assert "(n = 4). No doses recorded for this arm." in words
    assert "(n = 0)" not in words.partition("Completed")[0]
