"""The tables as rich text: read back by the rules of the format, safe, and the same bytes."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.report.blocks import Cell, Section, Table
from ketaoutcomes.report.layout import unbroken
from ketaoutcomes.report.rtf import escaped, render_rtf
from ketaoutcomes.visible import visible
from sample_report import HOSTILE, sample_report

TOKEN = re.compile(r"\\u(-?\d+)\?|\\([\\{}])|\\([a-z]+)(-?\d+)? ?|([{}])|([^\\{}]+)", re.DOTALL)
"""Letters by number, escaped letters, control words, groups and plain text (RTF 1.9.1)."""


def read(text: str) -> str:
    """What a reader of the format shows: control words that stand for letters as these."""
    units = bytearray()
    shown = {"line": "\n", "tab": "\t"}
    for number, letter, word, _, _, plain in TOKEN.findall(text):
        if number:
            units += (int(number) % 0x10000).to_bytes(2, "little")
        else:
            units += (letter or plain.replace("\n", "") or shown.get(word, "")).encode("utf-16-le")
    return units.decode("utf-16-le", "surrogatepass")


def rows_of(text: str) -> list[tuple[list[int], list[str]]]:
    """The right edges and the cells of each row."""
    found = []
    for row in text.split(r"\trowd")[1:]:
        body = row.partition(r"\row")[0]
        edges = [int(edge) for edge in re.findall(r"\\cellx(\d+)", body)]
        _, *cells = body.split(r"\pard\intbl")
        found.append((edges, [read(cell.replace(r"\cell", "")) for cell in cells]))
    return found


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_ascii_and_reads_back(text: str) -> None:
    words = visible(text, "\n\t")
    assert escaped(words).isascii()
    assert read(escaped(words)) == words


def test_the_cells_are_those_of_the_report() -> None:
    rows = rows_of(render_rtf(sample_report()).decode("ascii"))
    assert all(len(edges) == len(cells) for edges, cells in rows)
    assert all(edges == sorted(set(edges)) for edges, _ in rows)
    assert {edges[-1] for edges, _ in rows} == {16838 - 2 * 1134}, "A4 on its side, in twips"
    texts = [cells for _, cells in rows]
    assert texts[0] == ["", "LS mean (SE)", ""]
    assert texts[1] == ["Visit", "Placebo", "Esketamine", "Difference (95% CI)"]
    assert texts[2] == ["Induction"]
    assert texts[3][3] == unbroken("−3.7 (−5.9 to −1.5)")
    assert texts[4][0] == HOSTILE


def test_groups_close_and_header_rows_repeat() -> None:
    text = render_rtf(sample_report()).decode("ascii")
    plain = re.sub(r"\\[\\{}]", "", text)
    depth = 0
    for brace in re.findall("[{}]", plain):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert text.count(r"\trhdr") == 2 * 2, "spanners and columns of two tables"
    assert text.startswith(r"{\rtf1\ansi")


def test_every_page_says_what_it_is() -> None:
    text = render_rtf(sample_report()).decode("ascii")
    assert r"Page {\field{\*\fldinst PAGE}} of {\field{\*\fldinst NUMPAGES}}" in text
    assert "Simulated data, no real patients" in text
    real = replace(sample_report(), synthetic=False)
    assert "Simulated data, no real patients" not in render_rtf(real).decode("ascii")


def test_data_cannot_write_control_words() -> None:
    odd = r"\par}{\field{\*\fldinst INCLUDETEXT x}}"
    table = Table("t", odd, ("", odd), ((Cell(odd, header=True), Cell(odd)),), (odd,))
    report = replace(sample_report(), sections=(Section("s", odd, (table,)),))
    text = render_rtf(report).decode("ascii")
    assert r"{\*\fldinst INCLUDETEXT" not in text
    assert rows_of(text)[-1][1] == [odd, odd]


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_rtf(sample_report()) == render_rtf(sample_report())
