"""What stands in place of numbers, figures and sections that could not be had."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from ketaoutcomes.errors import unexpected
from ketaoutcomes.report.blocks import Block, Callout, Figure, Section
from ketaoutcomes.report.figures import NotDrawn
from ketaoutcomes.report.material import Material
from ketaoutcomes.results import NOT_ESTIMATED, Result

NOT_MADE = "Not available"

Sections = tuple[Section, ...]


def not_estimated(rows: Iterable[Result]) -> Callout | None:
    """Why some of these results could not be had; nothing where all were."""
    failed = dict.fromkeys(row.message for row in rows if row.status in NOT_ESTIMATED)
    messages = tuple(map(_sentence, failed))
    return Callout("Not estimated", messages, "warning") if messages else None


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def any_estimated(rows: Iterable[Result]) -> bool:
    """Whether some of these results could be had, so that there is a table to show."""
    return any(row.estimate is not None or row.status == "suppressed" for row in rows)


def composed_section(
    compose: Callable[[Material], Section | None], material: Material
) -> Section | None:
    """A section, or a box in its place that says why it could not be made."""
    try:
        return compose(material)
    except Exception as error:  # noqa: BLE001 - one section never takes the page down
        return _not_made(compose.__name__, error)


def taken_section(
    take: Callable[[Material, Sections], tuple[Section | None, Sections]],
    material: Material,
    behind: Sections,
) -> tuple[Section | None, Sections]:
    """A section for the front and those behind it as they are then, or a box in its place."""
    try:
        return take(material, behind)
    except Exception as error:  # noqa: BLE001 - one section never takes the page down
        return _not_made(take.__name__, error), behind


def _not_made(function: str, error: Exception) -> Section:
    name = function.removesuffix("_section")
    box = Callout(NOT_MADE, (_sentence(unexpected(error, "this section")),), "warning")
    return Section(name.replace("_", "-"), name.replace("_", " ").capitalize(), (box,))


def with_what_was_drawn(section: Section) -> tuple[Section, tuple[str, ...]]:
    """The section with a box for each figure that was not drawn, and what is not available."""
    blocks: list[Block] = []
    failures = []
    for block in section.blocks:
        if isinstance(block, Figure) and isinstance(block.svg, NotDrawn):
            words = f"Figure {block.id}: {block.svg}."
            blocks.append(Callout(NOT_MADE, (words,), "warning"))
            blocks += [block.data] if block.data is not None else []
            failures.append(words.rstrip("."))
            continue
        if isinstance(block, Callout) and block.title == NOT_MADE:
            failures.append(f"section {section.id}: {block.paragraphs[0].rstrip('.')}")
        blocks.append(block)
    return replace(section, blocks=tuple(blocks)), tuple(failures)
