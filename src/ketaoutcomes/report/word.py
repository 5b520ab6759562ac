"""The whole report as a Word document; the same report gives the same bytes."""

import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from ketaoutcomes.report.blocks import (
    Abstract,
    Block,
    Callout,
    Code,
    Definitions,
    Elsewhere,
    Figure,
    KeyFigures,
    Prose,
    References,
    Report,
    Section,
    Table,
)
from ketaoutcomes.report.chapters import numbered_by_chapter
from ketaoutcomes.report.drawn import Drawn
from ketaoutcomes.report.layout import unbroken
from ketaoutcomes.report.word_grid import MARGIN, TABLE_STYLE, add_caption, add_table, field
from ketaoutcomes.visible import all_visible

SIDES = (Cm(21), Cm(29.7))
MOST_COLUMNS = 9
"""A table with more of them is laid on its side."""

PICTURE_WIDTH = Cm(15)
PICTURE_HEIGHT = Cm(21)
"""The most, so that the caption has room under it."""
SYNTHETIC: Final = "Simulated data, no real patients, not for clinical decisions."
PART_TITLES: Final[Mapping[str, str]] = {
    "methods": "Estimands and methods",
    "appendix": "Appendices",
}

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def render_word(report: Report) -> bytes:
    """Render the report: answer, figures, tables and methods, with headers and page numbers.

    Tables and figures are numbered as section 14 of ICH E3 asks where the report has parts.

    Parameters
    ----------
    report : Report

    Returns
    -------
    bytes
        A .docx file.
    """
    pictures = {
        block.id: block.svg.png()
        for section in report.sections
        for block in section.blocks
        if isinstance(block, Figure) and isinstance(block.svg, Drawn)
    }
    report = all_visible(report)
    document = docx.Document()
    _set_up(document, report)
    _add_running_lines(document, report)
    numbers = numbered_by_chapter(report)
    document.add_heading(unbroken(report.title), level=0)
    document.add_paragraph(unbroken(report.subtitle), style="Subtitle")
    if report.synthetic:
        document.add_paragraph(SYNTHETIC)
    for note in report.notes:
        document.add_paragraph(unbroken(note))
    part = ""
    for section in report.sections:
        title = PART_TITLES.get(section.part, "") if section.part != part else ""
        part = section.part
        _add_section(document, section, title, numbers, pictures)
    return _same_bytes(document)


def _add_section(
    document: Any,
    section: Section,
    part: str,
    numbers: Mapping[str, str],
    pictures: Mapping[str, bytes],
) -> None:
    """A heading on the page of its first block, and the blocks."""
    for place, block in enumerate(section.blocks):
        _lay(document, on_side=_is_wide(block))
        if place == 0 and part:
            document.add_paragraph(part, style="Subtitle")
        if place == 0:
            document.add_heading(unbroken(section.title), level=1)
        if isinstance(block, Figure):
            _add_figure(document, block, numbers[block.id], pictures.get(block.id))
        elif isinstance(block, Table):
            add_table(document, "Table", numbers[block.id].removeprefix("Table "), block)
        elif isinstance(block, Elsewhere):
            where = numbers.get(block.id, "there")
            document.add_paragraph(f"{unbroken(block.words).rstrip('.')}. See {where}.")
        else:
            WORDS[type(block)](document, block)


def _is_wide(block: Block) -> bool:
    table = block.data if isinstance(block, Figure) else block
    return isinstance(table, Table) and len(table.columns) > MOST_COLUMNS


def _add_figure(document: Any, figure: Figure, name: str, picture: bytes | None) -> None:
    """The drawing with its words for who cannot see it, its caption, and its numbers."""
    if picture is not None:
        shape = document.add_picture(BytesIO(picture), width=PICTURE_WIDTH)
        shrink = min(1.0, PICTURE_HEIGHT / shape.height)
        shape.width, shape.height = int(shape.width * shrink), int(shape.height * shrink)
        shape._inline.docPr.set("descr", figure.alternative)  # noqa: SLF001 - no other door
        shape._inline.docPr.set("title", figure.caption)  # noqa: SLF001
        document.paragraphs[-1].paragraph_format.keep_with_next = True
    add_caption(document, "Figure", name.removeprefix("Figure "), figure.caption)
    if figure.data is not None:
        add_table(document, f"Data for {name}", "", figure.data)


def _add_prose(document: Any, block: Prose) -> None:
    for paragraph in block.paragraphs:
        document.add_paragraph(unbroken(paragraph))


def _add_callout(document: Any, block: Callout) -> None:
    document.add_heading(unbroken(block.title), level=2)
    _add_prose(document, Prose(block.paragraphs))


def _add_abstract(document: Any, block: Abstract) -> None:
    document.add_heading(unbroken(block.title), level=2)
    for heading, statements in block.parts:
        paragraph = document.add_paragraph()
        if heading:
            paragraph.add_run(f"{unbroken(heading)}: ").bold = True
        paragraph.add_run(unbroken(" ".join(said.words for said in statements)))


def _add_key_figures(document: Any, block: KeyFigures) -> None:
    for figure in block.figures:
        paragraph = document.add_paragraph(style="List Bullet")
        paragraph.add_run(f"{unbroken(figure.label)}: ")
        paragraph.add_run(figure.number).bold = True
        paragraph.add_run(f". {unbroken(figure.detail)}")


def _add_definitions(document: Any, block: Definitions) -> None:
    if block.title:
        document.add_heading(unbroken(block.title), level=2)
    for term, meaning in block.items:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{unbroken(term)}: ").bold = True
        paragraph.add_run(unbroken(meaning))


def _add_references(document: Any, block: References) -> None:
    document.add_heading("References", level=2)
    for item in block.items:
        document.add_paragraph(item, style="List Bullet")


def _add_code(document: Any, block: Code) -> None:
    document.add_heading(unbroken(block.caption), level=2)
    for line in block.text.splitlines():
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(line)
        run.font.name, run.font.size = "Consolas", Pt(7.5)


WORDS: Final[Mapping[type, Callable[[Any, Any], None]]] = {
    Prose: _add_prose,
    Callout: _add_callout,
    Abstract: _add_abstract,
    KeyFigures: _add_key_figures,
    Definitions: _add_definitions,
    References: _add_references,
    Code: _add_code,
}
"""How each kind of block that has no number is written."""


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


def _add_running_lines(document: Any, report: Report) -> None:
    """On every page its title, that data are synthetic, what made it, and its number."""
    page = document.sections[0]
    top, foot = page.header.paragraphs[0], page.footer.paragraphs[0]
    top.add_run(unbroken(report.title))
    if report.synthetic:
        _go_right(top)
        top.add_run(SYNTHETIC).bold = True
    foot.add_run(report.footer[0] if report.footer else "")
    _go_right(foot)
    foot.add_run("Page ")
    foot._p.append(field("PAGE", "1"))  # noqa: SLF001 - fields have no other door
    foot.add_run(" of ")
    foot._p.append(field("NUMPAGES", "1"))  # noqa: SLF001
    for paragraph in (top, foot):
        for run in paragraph.runs:
            run.font.size = Pt(7.5)


def _go_right(paragraph: Any) -> None:
    """What follows ends at the right margin, however the page is laid."""
    tab = OxmlElement("w:ptab")
    for name, value in (("relativeTo", "margin"), ("alignment", "right"), ("leader", "none")):
        tab.set(qn(f"w:{name}"), value)
    paragraph.add_run()._r.append(tab)  # noqa: SLF001


def _lay(document: Any, *, on_side: bool) -> None:
    """A new page laid the other way, unless the page lies so already."""
    before = document.sections[-1]
    if on_side is (before.page_width > before.page_height):
        return
    page = document.add_section(WD_SECTION.NEW_PAGE)
    page.page_width, page.page_height = before.page_height, before.page_width
    page.orientation = WD_ORIENT.LANDSCAPE if on_side else WD_ORIENT.PORTRAIT


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
