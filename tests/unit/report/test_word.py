"""The report in Word: all of it, styled, safe, and the same bytes each time."""

import zipfile
from dataclasses import replace
from io import BytesIO

import docx
import pytest
from docx.shared import Cm
from matplotlib.figure import Figure as Canvas

from ketaoutcomes.report.blocks import Cell, Figure, Section, Table
from ketaoutcomes.report.chapters import numbered_by_chapter
from ketaoutcomes.report.figures import figure_svg
from ketaoutcomes.report.word import render_word
from ketaoutcomes.report.word_grid import STYLE
from sample_report import HOSTILE, sample_report

NAMESPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def opened() -> object:
    return docx.Document(BytesIO(render_word(sample_report())))


def test_every_table_is_there_with_caption_and_footnote() -> None:
    document = opened()
    assert [table.style.name for table in document.tables] == [STYLE, STYLE]
    captions = [p for p in document.paragraphs if p.style.name == "Caption"]
    # the text of a field is no run of its paragraph
    assert "".join(part.text for part in captions[2]._p.iter(f"{NAMESPACE}t")) == (
        "Table 1. LS mean change of the MADRS total from baseline"
    )
    assert captions[0].text.startswith("Figure ")
    assert captions[1].text.startswith("Data for Figure 1. LS mean change")
    assert any("Unstructured covariance." in p.text for p in document.paragraphs)


def test_cells_hold_the_report() -> None:
    table = opened().tables[1]
    texts = [[cell.text for cell in row.cells] for row in table.rows]
    assert texts[0] == ["", "LS mean (SE)", "LS mean (SE)", ""]
    assert texts[1] == ["Visit", "Placebo", "Esketamine", "Difference (95% CI)"]
    assert texts[2] == ["Induction"] * 4
    assert texts[3][3] == "−3.7 (−5.9\u00a0to\u00a0−1.5)"


def test_headers_repeat_on_each_page_and_rows_stay_whole() -> None:
    table = opened().tables[1]
    marks = [{child.tag for child in row._tr.trPr} for row in table.rows]
    assert all(f"{NAMESPACE}tblHeader" in mark for mark in marks[:2])
    assert all(f"{NAMESPACE}cantSplit" in mark for mark in marks[2:])


def test_the_same_report_gives_the_same_bytes() -> None:
    content = render_word(sample_report())
    assert content == render_word(sample_report())
    with zipfile.ZipFile(BytesIO(content)) as parts:
        assert {part.date_time[:3] for part in parts.infolist()} == {(1980, 1, 1)}


def test_data_cannot_write_markup_nor_break_the_file() -> None:
    odd = "=1+1\x00\x0b</w:t><w:t>&amp;" + HOSTILE
    table = Table("t", odd, ("", odd), ((Cell(odd, header=True), Cell(odd)),), (odd,))
    report = replace(sample_report(), title=odd, sections=(Section("s", odd, (table,)),))
    content = render_word(report)
    with zipfile.ZipFile(BytesIO(content)) as parts:
        assert b"<script>" not in parts.read("word/document.xml")
    read = docx.Document(BytesIO(content)).tables[0]
    assert read.rows[1].cells[1].text == odd.replace("\x00", r"\x00").replace("\x0b", r"\x0b")


def test_columns_are_as_wide_as_their_words_ask_for() -> None:
    table = Table(
        id="t",
        caption="Widths",
        columns=("", "Esketamine", "n"),
        rows=(
            (Cell("A reason for which subjects left early", header=True), Cell("1"), Cell("2")),
            (Cell("All the columns are under this", header=True),),
        ),
        spanners=(("", 1), ("Arm", 2)),
    )
    report = replace(sample_report(), sections=(Section("s", "Section", (table,)),))
    (grid,) = docx.Document(BytesIO(render_word(report))).tables
    words, arm, n = (column.width for column in grid.columns)
    assert words > 2 * arm
    assert arm > n
    assert words + arm + n == pytest.approx(Cm(17.4), abs=2000)  # twentieths of a point
    assert grid.rows[3].cells[0].paragraphs[0].alignment is None
    for row in grid.rows:
        assert sum(cell.width for cell in row._tr.tc_lst) == pytest.approx(Cm(17.4), abs=2000)


def test_a_table_of_many_columns_is_laid_on_its_side() -> None:
    row = (Cell("a", header=True), *(Cell("1") for _ in range(9)))
    wide = Table(id="w", caption="Wide", columns=tuple("abcdefghij"), rows=(row,))
    slim = Table(id="s", caption="Slim", columns=("a", "b"), rows=(row[:2],))
    report = replace(sample_report(), sections=(Section("s", "Section", (wide, slim)),))
    document = docx.Document(BytesIO(render_word(report)))
    assert [page.orientation for page in document.sections] == [0, 1, 0]
    lengths = [page.page_width > page.page_height for page in document.sections]
    assert lengths == [False, True, False]
    widths = [sum(column.width for column in grid.columns) for grid in document.tables]
    assert widths == pytest.approx([Cm(26.1), Cm(17.4)], abs=7000)


def test_a_heading_lies_on_the_page_of_its_table_and_wide_tables_follow_one_another() -> None:
    row = (Cell("a", header=True), *(Cell("1") for _ in range(9)))
    wide = [
        Table(id=f"w{n}", caption="Wide", columns=tuple("abcdefghij"), rows=(row,)) for n in "12"
    ]
    report = replace(sample_report(), sections=(Section("s", "Wide tables", tuple(wide)),))
    document = docx.Document(BytesIO(render_word(report)))
    assert [page.orientation for page in document.sections] == [0, 1]
    texts = [(p.text, bool(p._p.xpath("./w:pPr/w:sectPr"))) for p in document.paragraphs]
    (end_of_upright,) = (place for place, (_, ends) in enumerate(texts) if ends)
    assert [text for text, _ in texts].index("Wide tables") > end_of_upright


def test_a_table_wider_than_the_page_goes_on_below_itself() -> None:
    interval = "−4.8 (−7.8 to −1.9)"
    row = (Cell("+2", header=True), *(Cell(interval) for _ in range(11)))
    table = Table("g", "Grid", ("", *map(str, range(11))), (row,), ("Note.",))
    report = replace(sample_report(), sections=(Section("s", "Section", (table,)),))
    document = docx.Document(BytesIO(render_word(report)))
    assert [len(grid.columns) for grid in document.tables] == [7, 6]
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    assert captions[1] == "Table 1. Grid, continued"
    assert [p.text for p in document.paragraphs].count("Note.") == 1
    for grid in document.tables:
        # a digit of 8.5 points takes less than 0.18 cm, in wide fonts too
        assert all(column.width > Cm(0.18) * len(interval) for column in list(grid.columns)[1:])


def test_the_whole_report_is_there_in_its_order() -> None:
    document = opened()
    texts = [paragraph.text for paragraph in document.paragraphs]
    wanted = ("Esketamine lowered the total", "Plain words.", "mmrm(change ~ arm * visit)")
    places = [next(k for k, text in enumerate(texts) if words in text) for words in wanted]
    assert places == sorted(places)
    assert any("Hazard ratio of relapse: 0.34" in text for text in texts)


def words_and_fields(story: object) -> str:
    """The text of a header or footer, its fields by what fills them."""
    parts = []
    for element in story._element.iter():
        if element.tag == f"{NAMESPACE}t" and element.getparent().getparent().tag != (
            f"{NAMESPACE}fldSimple"
        ):
            parts.append(element.text)
        elif element.tag == f"{NAMESPACE}fldSimple":
            parts.append(f"[{element.get(f'{NAMESPACE}instr').strip()}]")
    return "".join(parts)


def test_every_page_says_what_it_is() -> None:
    (page, *_) = opened().sections
    assert "Esketamine in treatment-resistant depression" in words_and_fields(page.header)
    assert "Simulated data" in words_and_fields(page.header)
    assert words_and_fields(page.footer).endswith("Page [PAGE] of [NUMPAGES]")


def test_tables_are_numbered_as_section_14_of_ich_e3() -> None:
    """14.1 demographic data, 14.2 efficacy, 14.3.1 adverse events (ICH E3, section 14)."""
    row = (Cell("a", header=True), Cell("1"))
    sections = tuple(
        Section(name, name, (Table(f"{name}-1", name, ("", "n"), (row,)),), "front")
        for name in ("baseline", "primary-results", "harms", "safety", "subgroups")
    )
    report = replace(sample_report(), sections=sections)
    assert [numbered_by_chapter(report)[f"{section.id}-1"] for section in sections] == [
        "Table 14.1.1",
        "Table 14.2.1",
        "Table 14.3.1.1",
        "Table 14.3.1.2",
        "Table 14.2.2",
    ]
    document = docx.Document(BytesIO(render_word(report)))
    captions = [p._p for p in document.paragraphs if p.style.name == "Caption"]
    texts = ["".join(part.text for part in caption.iter(f"{NAMESPACE}t")) for caption in captions]
    assert texts[0] == "Table 14.1.1. baseline"
    assert texts[3] == "Table 14.3.1.2. safety"


def test_tables_of_safety_stand_in_the_chapters_of_what_they_show() -> None:
    """14.3.2 lists serious events, 14.3.4 holds laboratory values; vital signs follow."""
    row = (Cell("a", header=True), Cell("1"))
    names = ("aet01-p", "aelt01-p", "lbt01-p-alt", "lbt03-p", "vst03-p-sbp")
    tables = tuple(Table(name, name, ("", "n"), (row,)) for name in names)
    section = Section("safety", "Safety", tables, "appendix")
    numbers = numbered_by_chapter(replace(sample_report(), sections=(section,)))
    assert [numbers[name].removeprefix("Table ") for name in names] == [
        "14.3.1.1",
        "14.3.2.1",
        "14.3.4.1",
        "14.3.4.2",
        "14.3.5.1",
    ]


def test_a_figure_is_a_picture_with_words() -> None:
    def draw() -> Canvas:
        canvas = Canvas(figsize=(2, 1))
        canvas.add_axes((0.1, 0.1, 0.8, 0.8)).plot([0, 1], [0, 1])
        return canvas

    figure = Figure("f", "A line", figure_svg("f", draw), "It rises from 0 to 1")
    report = replace(sample_report(), sections=(Section("s", "Section", (figure,)),))
    content = render_word(report)
    assert content == render_word(report)
    (shape,) = docx.Document(BytesIO(content)).inline_shapes
    assert shape._inline.docPr.get("descr") == "It rises from 0 to 1"
    with zipfile.ZipFile(BytesIO(content)) as parts:
        (name,) = (part for part in parts.namelist() if part.endswith(".png"))
        assert parts.read(name).startswith(b"\x89PNG")
