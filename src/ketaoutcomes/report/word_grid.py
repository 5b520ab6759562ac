"""A table of the report in a Word document: caption, grid, header rows that repeat, footnotes."""

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

from ketaoutcomes.report.blocks import Cell, Table
from ketaoutcomes.report.layout import in_parts, leads, letters_of, numeric_columns, unbroken

STYLE = "Report Table"
INDENT = Cm(0.4)
MARGIN = Cm(1.8)
LETTER = Cm(0.18)
"""Room of a letter of the body of a table, also in a font wider than the document's."""

TABLE_STYLE = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="ReportTable">
  <w:name w:val="{STYLE}"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/>
  <w:pPr><w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/></w:pPr>
  <w:rPr><w:sz w:val="17"/></w:rPr>
  <w:tblPr>
    <w:tblBorders>
      <w:top w:val="single" w:sz="12" w:space="0" w:color="1D2430"/>
      <w:bottom w:val="single" w:sz="12" w:space="0" w:color="1D2430"/>
    </w:tblBorders>
    <w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr></w:tblStylePr>
</w:style>
"""


def add_table(document: Any, title: str, number: str, table: Table) -> None:
    """A caption, the table in parts that fit the page, and its footnotes."""
    room = document.sections[-1].page_width - 2 * MARGIN
    for place, part in enumerate(in_parts(table, room // LETTER)):
        if place:
            document.add_paragraph()
            add_caption(document, f"{title} {number}".strip(), "", f"{table.caption}, continued")
        else:
            add_caption(document, title, number, table.caption)
        _add_grid(document, part, room)
    for note in table.footnotes:
        paragraph = document.add_paragraph()
        paragraph.add_run(unbroken(note)).font.size = Pt(8)
        paragraph.paragraph_format.space_after = Pt(2)
    document.add_paragraph()


def _add_grid(document: Any, table: Table, room: int) -> None:
    """The table in the report's style."""
    heads = 2 if table.spanners else 1
    grid = document.add_table(rows=heads + len(table.rows), cols=len(table.columns))
    grid.style = STYLE
    rows = list(grid.rows)
    _fill_heads(rows[:heads], table)
    for row, cells, lead in zip(rows[heads:], table.rows, leads(table), strict=True):
        _mark(row, "w:cantSplit")
        _fill(row, cells, bold=lead)
    _set_widths(grid, table, room)
    numeric = [place for place, right in enumerate(numeric_columns(table)) if right and place]
    of_many = (row for row, cells in zip(rows[heads:], table.rows, strict=True) if len(cells) > 1)
    for row in (rows[heads - 1], *of_many):
        cells = row.cells
        for place in numeric:
            cells[place].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _set_widths(grid: Any, table: Table, room: int) -> None:
    """Columns have the room that their numbers need, and share what is left by what they ask for.

    Programs that do not measure keep these widths.
    """
    letters = letters_of(table)
    spare = max(room - LETTER * sum(letters.needed), 0)
    asked = [most - least + 1 for least, most in zip(letters.needed, letters.asked, strict=True)]
    shares = [
        LETTER * least + spare * more / sum(asked)
        for least, more in zip(letters.needed, asked, strict=True)
    ]
    widths = [int(room * share / sum(shares)) for share in shares]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for row in grid.rows:
        for cell in row._tr.tc_lst:  # noqa: SLF001 - merged cells once each
            start = cell.grid_offset
            cell.width = sum(widths[start : start + cell.grid_span])


def add_caption(document: Any, title: str, number: str, words: str) -> None:
    """`Table 14.2.1. Words`, whose last number is a field, so that Word can list the tables."""
    caption = document.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next = True
    chapter, dot, last = number.rpartition(".")
    caption.add_run(f"{title} {chapter}{dot}" if number else title)
    if number:
        caption._p.append(_sequence(title, chapter, last))  # noqa: SLF001 - fields have no other door
    caption.add_run(f". {unbroken(words)}")


def _fill_heads(rows: list[Any], table: Table) -> None:
    """Spanners, if any, and column headers; both repeat on each page."""
    if table.spanners:
        _fill_spanners(rows[0], table)
    for cell, text in zip(rows[-1].cells, table.columns, strict=True):
        _write(cell, text, bold=True)
    _underline(rows[-1])
    for row in rows:
        _mark(row, "w:tblHeader")


def _fill_spanners(row: Any, table: Table) -> None:
    start = 0
    for label, width in table.spanners:
        cell = row.cells[start].merge(row.cells[start + width - 1])
        _write(cell, label, bold=True)
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        start += width


def _fill(row: Any, cells: tuple[Cell, ...], *, bold: bool) -> None:
    """A row; one with a single cell runs over all columns."""
    if len(cells) == 1:
        merged = row.cells[0].merge(row.cells[-1])
        _write(merged, cells[0].text, bold=True)
        return
    for place, (cell, found) in enumerate(zip(row.cells, cells, strict=True)):
        _write(cell, found.text, bold=bold and place == 0)
        cell.paragraphs[0].paragraph_format.left_indent = found.indent * INDENT


def _write(cell: Any, text: str, *, bold: bool) -> None:
    cell.paragraphs[0].add_run(unbroken(text)).bold = bold or None


def _underline(row: Any) -> None:
    """A thin line under the column headers."""
    for cell in row.cells:
        line = OxmlElement("w:tcBorders")
        edge = OxmlElement("w:bottom")
        for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "1D2430")):
            edge.set(qn(f"w:{name}"), value)
        line.append(edge)
        cell._tc.get_or_add_tcPr().append(line)  # noqa: SLF001


def _mark(row: Any, name: str) -> None:
    """A property of a row: repeated as header, or not split over pages."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001


def _sequence(title: str, chapter: str, number: str) -> Any:
    """The last number of a caption as a field, counted within its chapter."""
    name = "_".join((title, *filter(None, chapter.split("."))))
    return field(f"SEQ {name} \\* ARABIC", number)


def field(instruction: str, shown: str) -> Any:
    """A field that Word fills in, with what is shown until it does."""
    made = OxmlElement("w:fldSimple")
    made.set(qn("w:instr"), f" {instruction} ")
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = shown
    run.append(text)
    made.append(run)
    return made
