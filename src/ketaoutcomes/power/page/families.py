"""A family of hypotheses over the grid: power and error of its procedure."""

from collections.abc import Iterator, Mapping

from ketaoutcomes.hypotheses.multiplicity_page import (
    METHOD_WORDS,
    family_label,
    hypothesis_in_words,
)
from ketaoutcomes.power.page.analysis import with_error
from ketaoutcomes.power.page.sizes import size_sentence
from ketaoutcomes.power.rejection import ASSURANCE
from ketaoutcomes.report.blocks import Block, Cell, Prose, Section, Table
from ketaoutcomes.report.cells import table_row
from ketaoutcomes.report.labels import joined
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count, percentage
from ketaoutcomes.results import Result

TABLE = "powt02"
ALL, ANY = "to reject all", "to reject at least one"
FAMILY_WISE = "family-wise error"
OF_ONE = ("power", ASSURANCE, "type I error")
OF_ALL = (
    (f"power {ALL}", f"{ASSURANCE} {ALL}"),
    (f"power {ANY}", f"{ASSURANCE} {ANY}"),
    (FAMILY_WISE,),
)


def family_sentences(material: Material, name: str) -> Iterator[str]:
    """Power to reject all, and the largest of the errors that were simulated."""
    rows = _rows(material, name)
    title = _title(material, name)
    for chance, design, sizes in (
        ("power", ", effect", size_sentence(rows, ALL)),
        (ASSURANCE, "", ""),
    ):
        found = [
            f"{percentage(row.estimate)} with {count(row.n)} participants"
            for row in rows
            if row.statistic == f"{chance} {ALL}" and row.group.endswith(design)
        ]
        if found:
            yield f"{title}: the {chance} {ALL} hypotheses is {joined(found)}.{sizes}"
    errors = [row for row in rows if row.statistic == FAMILY_WISE and row.estimate is not None]
    if errors:
        worst = max(errors, key=lambda row: row.estimate or 0.0)
        several = "" if len(errors) == 1 else f" of {len(errors)} designs, the largest"
        yield (
            f"{title}:{several or ' the'} family-wise error rate is {percentage(worst.estimate)} "
            f"(Monte Carlo error {percentage(worst.std_error)}; participants: "
            f"{worst.group.split(', ', 1)[1]}). The planned level is "
            f"{percentage(material.plan.multiplicity[name].alpha)}."
        )


def family_section(material: Material, name: str) -> Section:
    """One row a design: each hypothesis, all, at least one, and the error."""
    rows = _rows(material, name)
    blocks: list[Block] = [_table(material, name, rows)]
    sizes = (size_sentence(rows, ALL) + size_sentence(rows, ANY)).strip()
    if sizes:
        blocks.append(Prose((sizes,)))
    return Section(f"power-family-{name}", _title(material, name), tuple(blocks))


def _rows(material: Material, name: str) -> tuple[Result, ...]:
    """The results of a family; a name is one word, so that no other begins with it and a space."""
    return tuple(
        row
        for row in material.results.select(table=TABLE)
        if row.group.split(",")[0].split(" ")[0] == name
    )


def _title(material: Material, name: str) -> str:
    return family_label(material.plan.multiplicity[name])


def _first(
    found: Mapping[tuple[str, str], Result], group: str, statistics: tuple[str, ...]
) -> Cell:
    """The one of these statistics that a design has."""
    return with_error(
        next((found[group, s] for s in statistics if (group, s) in found), None), percentage
    )


def _table(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    family = material.plan.multiplicity[name]
    found = {(row.group, row.statistic): row for row in rows}
    designs = dict.fromkeys(row.group.split(", ", 1)[1] for row in rows if ", " in row.group)
    body = []
    for design in designs:
        of_design = f"{name}, {design}"
        cells = [
            *(_first(found, f"{name} {key}, {design}", OF_ONE) for key in family.hypotheses),
            *(_first(found, of_design, statistics) for statistics in OF_ALL),
        ]
        body.append(table_row(design, cells))
    return Table(
        id=f"powt02-{name}",
        caption=f"{_title(material, name)}: proportion of trials that reject",
        columns=(
            "Participants",
            *(hypothesis_in_words(material.plan, one) for one in family.hypotheses.values()),
            "All",
            "At least one",
            "Family-wise error",
        ),
        rows=tuple(body),
        footnotes=(
            "Monte Carlo errors in parentheses. Rejected after adjustment: family-wise "
            f"error rate controlled at {family.alpha:g} by {METHOD_WORDS[family.method]}. "
            "All, at least one: of the false hypotheses. Family-wise error rate: "
            "proportion of trials that reject one or more true hypotheses. Proportions "
            "are of all trials; a hypothesis that could not be tested is not rejected.",
        ),
    )
