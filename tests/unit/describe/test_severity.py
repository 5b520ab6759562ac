"""Adverse events by severity and relation, counted by hand."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.describe.safety.population import SafetyPopulation
from ketaoutcomes.describe.safety.severity import severity_tables

COLUMNS = ["subject", "arm", "soc", "term", "severity", "serious", "related"]


def people_of(events: list[tuple[object, ...]], sizes: dict[str, int]) -> SafetyPopulation:
    """So many participants of each arm, named by arm and number, with these events."""
    rows = [(f"{arm}{number}", arm) for arm, size in sizes.items() for number in range(size)]
    return SafetyPopulation(
        phase="p",
        arms=tuple(sizes),
        subjects=pd.DataFrame(rows, columns=["subject", "arm"]),
        events=pd.DataFrame(events, columns=COLUMNS),
    )


def counts(people: SafetyPopulation, table: str) -> dict[tuple[str, str], float | None]:
    rows = severity_tables(people)
    return {(row.group, row.arm): row.estimate for row in rows if row.table == table}


def test_a_participant_counts_once_at_the_greatest_severity() -> None:
    """a0: mild and severe headache, moderate nausea. a1: mild nausea. b0: severity not stated."""
    people = people_of(
        [
            ("a0", "a", "Nervous", "Headache", "mild", False, False),
            ("a0", "a", "Nervous", "Headache", "SEVERE", False, True),
            ("a0", "a", "Gut", "Nausea", "moderate", False, None),
            ("a1", "a", "Gut", "Nausea", "Mild ", False, False),
            ("b0", "b", "Gut", "Nausea", None, False, None),
        ],
        {"a": 3, "b": 2},
    )
    severity = counts(people, "aet05")
    assert severity["any adverse event: severe", "a"] == 1
    assert severity["any adverse event: mild", "a"] == 1
    assert severity["any adverse event: moderate", "a"] == 0
    assert severity["any adverse event: not stated", "b"] == 1
    assert severity["Gut: moderate", "a"] == 1
    assert severity["Nervous: severe", "a"] == 1
    assert severity["Nervous: mild", "a"] == 0
    relation = counts(people, "aet06")
    assert relation["any adverse event: related", "a"] == 1
    assert relation["any adverse event: not related", "a"] == 1
    assert relation["Gut: not stated", "a"] == 1
    assert relation["Gut: not related", "a"] == 1
    assert relation["Gut: not stated", "b"] == 1


def test_where_nothing_is_told_there_is_no_table() -> None:
    people = people_of([("a0", "a", "Gut", "Nausea", None, False, None)], {"a": 1})
    assert severity_tables(people) == ()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from(("Gut", "Nervous")),
            st.sampled_from(("mild", "moderate", "severe", None)),
            st.sampled_from((True, False, None)),
        ),
        max_size=40,
    )
)
def test_levels_add_up_to_those_with_any_event(
    events: list[tuple[int, str, object, object]],
) -> None:
    rows = [(f"a{s}", "a", soc, "x", grade, False, rel) for s, soc, grade, rel in events]
    found = severity_tables(people_of(rows, {"a": 6}))
    for table in {row.table for row in found}:
        for group in ("any adverse event", "Gut", "Nervous"):
            own = [r for r in found if r.table == table and r.group.startswith(f"{group}: ")]
            who = {s for s, soc, _, _ in events if group in {soc, "any adverse event"}}
            assert sum(r.estimate or 0 for r in own) == (len(who) if own else 0)
