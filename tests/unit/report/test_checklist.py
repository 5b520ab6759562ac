"""The reporting checklist: right guidelines, links that exist, keys that the plan has."""

from pathlib import Path

import pytest

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.conduct import Allocation, Conduct, Screening
from ketaoutcomes.plan.parts import PlanPart
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.blocks import Section, Table
from ketaoutcomes.report.checklist_page import NOT_SAID, checklist_section, checklists_of
from ketaoutcomes.report.checklists import (
    CONSORT_2025,
    CROSSOVER_2019,
    HARMS_2022,
    PILOT_2016,
    STROBE,
    TARGET_2025,
)
from ketaoutcomes.report.conduct import IN_WORDS, PLACE, conduct_block

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"
ALL = (CONSORT_2025, HARMS_2022, CROSSOVER_2019, PILOT_2016, STROBE, TARGET_2025)
PAGE = tuple(
    Section(name, name.capitalize(), ()) for name in ("answer", "flow", "baseline", "methods")
)


def plan_of(name: str, **said: object) -> AnalysisPlan:
    """A plan that ships, whose `study:` says this besides."""
    plan = read_plan(ANALYSES / f"{name}.yaml")[0]
    return plan.model_copy(update={"study": plan.study.model_copy(update=said)})


@pytest.mark.parametrize(
    ("plan", "said", "expected"),
    [
        ("trd", {}, ["consort", "harms"]),
        ("bipolar", {}, ["consort", "harms", "crossover"]),
        ("btheb", {"design": "pilot"}, ["consort", "pilot"]),
        ("access", {}, ["strobe"]),
        ("open_label", {}, ["strobe"]),
        ("cocaine_relapse", {}, ["strobe"]),
        ("cocaine_relapse", {"design": "target trial"}, ["target"]),
    ],
)
def test_the_guidelines_are_those_of_the_design(
    plan: str, said: dict[str, object], expected: list[str]
) -> None:
    assert [each.id for each in checklists_of(plan_of(plan, **said))] == expected


def test_consort_has_its_thirty_items() -> None:
    numbers = [item.number for _, items in CONSORT_2025.parts for item in items]
    assert {int(number.rstrip("abcd")) for number in numbers} == set(range(1, 31))
    assert len(numbers) == len(set(numbers)) == 42
    assert {i.number for _, items in STROBE.parts for i in items} >= {str(n) for n in range(2, 23)}


@pytest.mark.parametrize("checklist", ALL, ids=lambda each: each.id)
def test_every_key_is_one_of_the_plan(checklist: object) -> None:
    assert isinstance(checklist, type(STROBE))
    for _, items in checklist.parts:
        for item in items:
            assert item.places or item.keys, item
            for key in item.keys:
                assert key == "title" or _is_key(key), key


def _is_key(key: str) -> bool:
    part: type[PlanPart] = Conduct
    for name in key.split("."):
        field = part.model_fields[name]
        inner = [t for t in getattr(field.annotation, "__args__", ()) if isinstance(t, type)]
        part = next((t for t in inner if issubclass(t, PlanPart)), part)
    return True


def test_every_key_of_the_block_is_shown_or_drawn() -> None:
    assert {key for key, _ in IN_WORDS} | {"screening"} == set(Conduct.model_fields)


def test_links_lead_to_sections_of_the_page_and_only_there() -> None:
    section = checklist_section(plan_of("trd"), PAGE, ["flow"])
    known = {each.id for each in PAGE} | {PLACE, "content"}
    rows = [row for block in section.blocks if isinstance(block, Table) for row in block.rows]
    links = [place for row in rows for cell in row for place, _ in cell.links]
    assert links
    assert set(links) <= known


def test_what_the_plan_says_is_linked_and_what_it_does_not_say_is_named() -> None:
    told = Allocation(sequence="by computer")
    section = checklist_section(plan_of("trd", allocation=told, funding="None"), PAGE, [])
    table = section.blocks[1]
    assert isinstance(table, Table)
    by_number = {row[0].text: row for row in table.rows if len(row) > 1}
    assert by_number["17a"][2].links == ((PLACE, "Methods: the study"),)
    assert by_number["5a"][2].links == ((PLACE, "Methods: the study"),)
    assert by_number["18"][2].text == NOT_SAID
    assert by_number["18"][3].text == "study.allocation.concealment"


def test_the_block_is_shown_in_words() -> None:
    plan = plan_of(
        "trd",
        allocation=Allocation(ratio="1:1", restriction="blocks of 4"),
        changes=("one visit was added", "one site was closed"),
        screening=Screening(assessed=9),
    )
    block = conduct_block(plan)
    assert block is not None
    items = dict(block.items)
    assert block.id == PLACE
    assert items["Allocation"] == "Ratio: 1:1. Restriction: Blocks of 4."
    assert items["Changes after the start"] == "One visit was added; one site was closed."
    assert items["Registration"].startswith("Not registered")


def test_a_plan_that_says_nothing_has_no_block() -> None:
    plan = plan_of("trd", registration=None, setting=None, ethics=None, data_sharing=None)
    assert conduct_block(plan) is None
