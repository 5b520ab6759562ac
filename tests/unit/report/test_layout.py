"""A table too wide for the page is cut between columns, each part with its stub."""

import pytest

from ketaoutcomes.report.blocks import Cell, Table
from ketaoutcomes.report.layout import in_parts, leads, letters_of, numeric_columns

INTERVAL = "−4.8 (−7.8 to −1.9)"


def grid(n: int, spanners: tuple[tuple[str, int], ...] = ()) -> Table:
    """A table of `n` columns of intervals, under a row that heads them."""
    rows = (
        (Cell("All", header=True),),
        (Cell("Day 8", header=True), *(Cell(INTERVAL) for _ in range(n))),
    )
    columns = ("Visit", *(f"{place}" for place in range(n)))
    return Table(id="g", caption="Grid", columns=columns, rows=rows, spanners=spanners)


def test_a_table_that_fits_stays_whole() -> None:
    table = grid(5)
    assert in_parts(table, sum(letters_of(table).needed)) == (table,)


def test_parts_fit_hold_every_column_once_and_are_about_alike() -> None:
    table = grid(11)
    most = 140
    assert sum(letters_of(table).needed) > most
    parts = in_parts(table, most)
    assert all(sum(letters_of(part).needed) <= most for part in parts)
    assert [part.columns[0] for part in parts] == ["Visit"] * len(parts)
    assert [name for part in parts for name in part.columns[1:]] == list(table.columns[1:])
    assert [len(part.columns) - 1 for part in parts] == [6, 5]
    for part in parts:
        assert part.rows[0] == table.rows[0]
        assert len(part.rows[1]) == len(part.columns)


def test_columns_under_a_spanner_stay_together() -> None:
    arms = (("", 1), ("LS mean", 3), ("b minus a", 2), ("c minus a", 2))
    parts = in_parts(grid(7, arms), 130)
    assert [part.spanners for part in parts] == [
        (("", 1), ("LS mean", 3)),
        (("", 1), ("b minus a", 2), ("c minus a", 2)),
    ]
    wide = in_parts(grid(7, (("", 1), ("All of them", 7))), 130)
    assert [spanner for part in wide for spanner in part.spanners if spanner[0]] == [
        ("All of them", len(part.columns) - 1) for part in wide
    ]


def test_a_number_and_its_interval_need_one_line_and_words_may_break() -> None:
    words = "Left the study for an adverse event"
    table = Table(id="t", caption="", columns=(words, "n"), rows=((Cell(words), Cell(INTERVAL)),))
    letters = letters_of(table)
    stub, number = letters.needed
    assert number >= len(INTERVAL)
    assert stub < len(words)
    assert all(least <= most for least, most in zip(letters.needed, letters.asked, strict=True))


def test_columns_of_numbers_are_flush_right_and_columns_of_words_are_not() -> None:
    columns = {
        "Study": ("SYNAPSE", "Lii 2023"),
        "Control": ("placebo", "midazolam"),
        "Test": ("p = 0.011", "z 1.96"),
        "Effect": (INTERVAL, "not estimated"),
        "Hidden": ("[c]", "–"),
        "Blank": ("", ""),
        "Contrast": ("a minus b, mean of all visits after the first", ""),
    }
    rows = tuple(tuple(map(Cell, row)) for row in zip(*columns.values(), strict=True))
    table = Table(id="t", caption="", columns=tuple(columns), rows=rows)
    flush = dict(zip(columns, numeric_columns(table), strict=True))
    assert [name for name, right in flush.items() if right] == ["Test", "Effect", "Hidden", "Blank"]


def test_rows_head_those_below_and_a_table_may_have_none() -> None:
    assert leads(grid(2)) == [True, False]
    assert leads(Table(id="e", caption="Empty", columns=("Visit", "n"), rows=())) == []


def test_a_row_that_does_not_fit_the_columns_is_refused() -> None:
    row = (Cell("Day 8", header=True), Cell("1"))
    with pytest.raises(ValueError, match="table g: a row"):
        Table(id="g", caption="Grid", columns=("Visit", "a", "b"), rows=(row,))
    with pytest.raises(ValueError, match="spanners"):
        Table(id="g", caption="Grid", columns=("Visit", "a"), rows=(row,), spanners=(("x", 1),))
