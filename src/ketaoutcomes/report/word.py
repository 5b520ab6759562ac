"""The tables of a report as a Word document; the same report gives the same bytes."""

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

from ketaoutcomes.report.blocks import Cell, Figure, Report, Section, Table
from ketaoutcomes.report.layout import (
    in_parts,
    leads,
    letters_of,
    numbered,
    numeric_columns,
    unbroken,
)
from ketaoutcomes.visible import all_visible

STYLE = "Report Table"
INDENT = Cm(0.4)
SIDES = (Cm(21), Cm(29.7))
MARGIN = Cm(1.8)
MOST_COLUMNS = 9
"""A table with more of them is laid on its side."""

LETTER = Cm(0.18)
"""Room of a letter of the body of a table, also in a font wider than the document's."""

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
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


def render_word(report: Report) -> bytes:
    """Render the tables, with captions, footnotes and header rows that repeat on each page.

    Parameters
    ----------
    report : Report

    Returns
    -------
    bytes
        A .docx file.
    """
    report = all_visible(report)
    document = docx.Document()
    _set_up(document, report)
    numbers = numbered(report)
    document.add_heading(unbroken(report.title), level=0)
    document.add_paragraph(unbroken(report.subtitle), style="Subtitle")
    if report.synthetic:
        document.add_paragraph("Synthetic data. No person stands behind any number.")
    for note in report.notes:
        document.add_paragraph(unbroken(note))
    for section in report.sections:
        for place, (title, number, table) in enumerate(_tables(section, numbers)):
            _lay(document, on_side=len(table.columns) > MOST_COLUMNS)
            if place == 0:
                document.add_heading(unbroken(section.title), level=1)
            _add_table(document, title, number, table)
    return _same_bytes(document)


def _tables(section: Section, numbers: dict[str, str]) -> Iterator[tuple[str, str, Table]]:
    """Words before the number, the number, and the table; those of figures have their figure's."""
    for block in section.blocks:
        if isinstance(block, Table):
            yield "Table", numbers[block.id].removeprefix("Table "), block
        elif isinstance(block, Figure) and block.data is not None:
            yield f"The numbers of {numbers[block.id]}", "", block.data


def _set_up(document: Any, report: Report) -> None:
    """Page, fonts, the style of tables, and properties without a date of today."""
    page = document.sections[0]
    page.page_width, page.page_height = SIDES
    page.left_margin = page.right_margin = MARGIN
    page.top_margin = page.bottom_margin = Cm(2)
    document.styles["Normal"].font.name = "Calibri"
    document.styles["Normal"].font.size = Pt(10)
    document.styles["Caption"].font.size = Pt(10)
    document.styles.element.append(parse_xml(TABLE_STYLE))
    properties = document.core_properties
    properties.title = unbroken(report.title)
    properties.author = properties.last_modified_by = "ketaoutcomes"
    properties.created = properties.modified = EPOCH
    properties.revision = 1
    properties.language = "en-GB"
    properties.comments = ""


def _add_table(document: Any, title: str, number: str, table: Table) -> None:
    """A caption, the table in parts that fit the page, and its footnotes."""
    room = document.sections[-1].page_width - 2 * MARGIN
    for place, part in enumerate(in_parts(table, room // LETTER)):
        if place:
            document.add_paragraph()
            _add_caption(document, f"{title} {number}".strip(), "", f"{table.caption}, continued")
        else:
            _add_caption(document, title, number, table.caption)
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


def _lay(document: Any, *, on_side: bool) -> None:
    """A new page laid the other way, unless the page lies so already."""
    before = document.sections[-1]
    if on_side is (before.page_width > before.page_height):
        return
    page = document.add_section(WD_SECTION.NEW_PAGE)
    page.page_width, page.page_height = before.page_height, before.page_width
    page.orientation = WD_ORIENT.LANDSCAPE if on_side else WD_ORIENT.PORTRAIT


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


def _add_caption(document: Any, title: str, number: str, words: str) -> None:
    caption = document.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next = True
    caption.add_run(f"{title} " if number else title)
    if number:
        caption._p.append(_sequence(number))  # noqa: SLF001 - fields have no other door
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
        _write(cell, found.words, bold=bold and place == 0)
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


def _sequence(number: str) -> Any:
    """The number of a caption as a field, so that Word can list the tables."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), " SEQ Table \\* ARABIC ")
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = number
    run.append(text)
    field.append(run)
    return field


def _same_bytes(document: Any) -> bytes:
    """The file with the same time on each of its parts."""
    saved, packed = BytesIO(), BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(packed, "w") as out:
        for name in parts.namelist():
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            out.writestr(info, parts.read(name))
    return packed.getvalue()
