"""A short front, then estimands and methods, then appendices; nothing stands twice."""

from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.report.blocks import Cell, Elsewhere, Figure, Section, Table
from ketaoutcomes.report.front import divided_flow
from ketaoutcomes.report.once import each_once, look_of
from ketaoutcomes.report.order import FRONT, sections

SVG = (
    '<svg><defs><clipPath id="{0}-p1"/><path id="{0}-m"/></defs>'
    '<g clip-path="url(#{0}-p1)"><use xlink:href="#{0}-m" x="{1}"/></g></svg>'
)


def figure(identifier: str, x: int) -> Figure:
    return Figure(identifier, f"Caption of {identifier}", SVG.format(identifier, x), "a line")


def table(identifier: str, number: int) -> Table:
    cells = (Cell("Day 8", header=True), Cell(str(number)))
    return Table(identifier, f"Caption of {identifier}", ("", "n"), (cells,))


def test_parts_stand_in_their_order() -> None:
    parts = [part for part, _ in groupby(part for part, _ in sections())]
    assert parts == ["front", "methods", "appendix"]
    assert [compose for part, compose in sections() if part == "front"] == list(FRONT)


def test_ids_do_not_hide_that_a_figure_is_the_same() -> None:
    assert look_of(figure("a", 1)) == look_of(figure("b", 1))
    assert look_of(figure("a", 1)) != look_of(figure("a", 2))
    assert look_of(table("a", 1)) == look_of(table("b", 1))
    assert look_of(table("a", 1)) != look_of(table("a", 2))


BLOCKS = st.lists(st.tuples(st.sampled_from([figure, table]), st.integers(0, 3)), max_size=12)


@given(st.lists(BLOCKS, max_size=4))
def test_each_look_stands_once_and_every_other_leads_to_it(drawn: list) -> None:
    made = tuple(
        Section(
            f"s{k}", f"S{k}", tuple(make(f"x-{k}-{n}", x) for n, (make, x) in enumerate(blocks))
        )
        for k, blocks in enumerate(drawn)
    )
    found = each_once(made)
    blocks = [block for section in found for block in section.blocks]
    before = [block for section in made for block in section.blocks]
    kept = {block.id: look_of(block) for block in blocks if isinstance(block, Figure | Table)}
    assert len(set(kept.values())) == len(kept)
    assert set(kept.values()) == {look_of(block) for block in before}
    for was, now in zip(before, blocks, strict=True):
        if isinstance(now, Elsewhere):
            assert kept[now.id] == look_of(was)
            assert now.words == was.caption


def test_numbers_under_a_figure_stand_once() -> None:
    """Two drawings that differ and show the same numbers, then the numbers as a table."""
    first = replace(figure("a", 1), data=table("a-data", 7))
    second = replace(figure("b", 2), data=table("b-data", 7))
    other = replace(figure("c", 3), data=table("c-data", 8))
    (found,) = each_once((Section("s", "S", (first, second, other, table("d", 7))),))
    assert found.blocks == (
        first,
        replace(second, data=None),
        Elsewhere("Caption of b-data", "a"),
        other,
        Elsewhere("Caption of d", "a"),
    )


@pytest.mark.parametrize("drawn", [True, False])
def test_a_diagram_stays_in_front_and_its_counts_go_behind(drawn: bool) -> None:
    tables = (table("dst01-a", 1), table("dst01-b", 2))
    flow = Section(
        "flow", "Flow", ((figure("flow-diagram", 1),) if drawn else ()) + tables, "front"
    )
    methods = Section("methods", "Methods", (), "methods")
    behind = Section("missing", "Missing", (), "appendix")
    found = divided_flow((flow, methods, behind))
    if not drawn:
        assert found == (flow, methods, behind)
        return
    assert [section.id for section in found] == ["flow", "methods", "flow-tables", "missing"]
    assert found[0] == replace(flow, blocks=flow.blocks[:1])
    assert found[2].blocks == tables
