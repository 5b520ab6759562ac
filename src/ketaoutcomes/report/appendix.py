"""The end of the page: terms, calls in R, SAS and Python, and what the report was made of."""

from collections.abc import Iterator

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.report.blocks import Block, Code, Prose, Section, Table
from ketaoutcomes.report.cells import table_row
from ketaoutcomes.report.labels import analysis_label
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.provenance import Provenance


def equivalents_section(material: Material) -> Section:
    """The part of the exported scripts that belongs to each analysis."""
    calls = tuple(
        call
        for name, analysis in material.plan.analyses.items()
        for call in _calls(material, name, analysis)
    )
    words = (
        "Each is a part of the scripts that `python -m ketaoutcomes export` writes with "
        "the analysed data sets.",
        "There, `functions.R` provides functions that R lacks; the end of each script "
        "reports which numbers of this report agree.",
        "The Python code runs the second program of this report on the analysed data sets.",
    )
    return Section("equivalents", "Equivalent code in R, SAS and Python", (Prose(words), *calls))


def _calls(material: Material, name: str, analysis: Analysis) -> Iterator[Code]:
    for language, lines in model_of(analysis).calls(material, name, analysis).items():
        yield Code(language, lines, f"{analysis_label(material.plan, name)}, {language}")
    python = python_call(material, name, analysis)
    if python:
        yield Code("Python", python, f"{analysis_label(material.plan, name)}, Python")


def python_call(material: Material, name: str, analysis: Analysis) -> str:
    """The lines that run its second program on the derived rows; "" where it has none."""
    second = model_of(analysis).second
    if second is None:
        return ""
    return "\n".join(
        (
            "import ketaoutcomes as ko",
            f"from {second.__module__} import {second.__name__}",
            "",
            f"analysis = ko.run({material.provenance.plan_file!r})[{name!r}]",
            "d = analysis.rows",
            f"{second.__name__}(*analysis.asked(d))",
        )
    )


def origin_section(material: Material) -> Section:
    """Everything that is needed to make the page again and to see that it is the same."""
    return origin_of(material.provenance)


def origin_of(provenance: Provenance) -> Section:
    """What the report was made of."""
    data = f"Data: {provenance.data_description}."
    if provenance.seed is not None:
        data += f" Seed {provenance.seed}."
    if provenance.citation and provenance.citation != provenance.data_description:
        data += f" {provenance.citation.strip()}."
    hashes = Table(
        id="hashes",
        caption="SHA-256 checksums of the input files",
        columns=("What", "SHA-256"),
        rows=(
            table_row(f"plan `{provenance.plan_file}`", [f"sha256 {provenance.plan_sha256}"]),
            *(
                table_row(f"`{name}`", [f"sha256 {digest}"])
                for name, digest in provenance.data_sha256s
            ),
        ),
    )
    versions = Table(
        id="versions",
        caption="Software",
        columns=("Package", "Version"),
        rows=tuple(table_row(name, [version]) for name, version in provenance.versions),
    )
    words = Prose((data, f"To reproduce this report: `{provenance.command}`"))
    plan = Code("YAML", provenance.plan_text.rstrip(), "The plan")
    blocks: tuple[Block, ...] = (words, hashes, versions, plan)
    return Section("provenance", "Reproducibility", blocks)
