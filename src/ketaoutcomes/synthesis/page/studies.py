"""Which results were pooled, what the studies were, and how they were judged."""

import re
from collections.abc import Iterator, Mapping

from ketaoutcomes.plan.derived import Derivation, Recoded
from ketaoutcomes.report.blocks import Block, Callout, Cell, Section, Table
from ketaoutcomes.report.cells import table_row
from ketaoutcomes.report.numbers import count
from ketaoutcomes.studies import StudyResult
from ketaoutcomes.synthesis.page.material import SynthesisMaterial

MANY_DIGITS = re.compile(r"\d+\.\d{3,}")

UNKNOWN = (
    "The program pools the results provided. Search, selection of studies and data "
    "extraction (PRISMA 2020) are to be reported by the authors. Counts of published "
    "results are public and are not suppressed."
)


def studies_section(material: SynthesisMaterial) -> Section:
    """The rows used of the file, the studies and their risk of bias."""
    search = material.plan.synthesis.search
    words = (search.strip(), UNKNOWN) if search else (UNKNOWN,)
    blocks: list[Block] = [Callout("Sources of the studies", words), _flow(material)]
    if material.plan.data.columns.characteristics:
        blocks.append(_characteristics(material))
    if material.plan.data.columns.risk_of_bias:
        blocks.append(_risk_of_bias(material))
    return Section("studies", "Studies", tuple(blocks))


def _flow(material: SynthesisMaterial) -> Table:
    """Rows of the file, those left out by reason, and those pooled, by outcome."""
    rows: list[tuple[Cell, ...]] = []
    for data in material.data:
        rows.append((Cell(material.outcome(data.outcome).label, header=True),))
        rows.append(table_row("Results in the file", [count(data.rows)], indent=1))
        rows += [table_row(f"not used: {why}", [count(n)], indent=2) for why, n in data.left_out]
        rows.append(
            table_row("Results pooled, one per study", [count(len(data.studies))], indent=1)
        )
    return Table(
        id="synt00",
        caption="Results used",
        columns=("", "Number"),
        rows=tuple(rows),
        footnotes=(
            (
                "Reasons were applied in this order; each result is counted once, under the "
                "first that applies."
            ),
            *_derived(material.plan.data.derive),
            *_not_used(material),
        ),
    )


def _derived(columns: Mapping[str, Derivation]) -> Iterator[str]:
    """How the plan made each column that the file does not hold."""
    for name, how in columns.items():
        made = f"column “{how.column}”, recoded" if isinstance(how, Recoded) else how
        yield f"Calculated from the file: “{name}” is {made}."


def _not_used(material: SynthesisMaterial) -> Iterator[str]:
    """The studies of the file that an outcome has nothing of, by reason."""
    for data in material.data:
        by_reason: dict[str, list[str]] = {}
        for study, why in data.not_used:
            by_reason.setdefault(why, []).append(study)
        if by_reason:
            told = "; ".join(f"{', '.join(names)} ({why})" for why, names in by_reason.items())
            yield f"{material.outcome(data.outcome).label} has no usable result from: {told}."


def _each(material: SynthesisMaterial) -> dict[str, StudyResult]:
    """Every study once, as the first outcome that has it tells."""
    found: dict[str, StudyResult] = {}
    for data in material.data:
        for study in data.studies:
            found.setdefault(study.study, study)
    return dict(sorted(found.items()))


def _characteristics(material: SynthesisMaterial) -> Table:
    labels = tuple(material.plan.data.columns.characteristics)
    return Table(
        id="synt06",
        caption="Characteristics of the studies",
        columns=("Study", "Active", "Control", *labels),
        rows=tuple(
            table_row(
                name,
                [
                    study.active,
                    study.control,
                    *(_written(study.characteristic(label)) for label in labels),
                ],
            )
            for name, study in _each(material).items()
        ),
    )


def _written(text: str) -> str:
    """A characteristic as the file writes it; a mean with many digits to four of them."""
    return f"{float(text):.4g}" if MANY_DIGITS.fullmatch(text) else text


def _risk_of_bias(material: SynthesisMaterial) -> Table:
    labels = tuple(material.plan.data.columns.risk_of_bias)
    return Table(
        id="synt07",
        caption="Risk of bias, as judged by the authors of the file",
        columns=("Study", *labels),
        rows=tuple(
            table_row(name, [dict(study.risk_of_bias)[label] or "not judged" for label in labels])
            for name, study in _each(material).items()
        ),
    )
