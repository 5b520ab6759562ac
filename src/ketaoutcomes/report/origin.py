"""What the report was made of: hashes, versions and the plan itself."""

from ketaoutcomes.report.blocks import Block, Code, Prose, Section, Table
from ketaoutcomes.report.cells import table_row
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.provenance import Provenance


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
        caption="SHA-256 of what went in",
        columns=("What", "SHA-256"),
        rows=(
            table_row(f"plan {provenance.plan_file}", [f"sha256 {provenance.plan_sha256}"]),
            *(table_row(name, [f"sha256 {digest}"]) for name, digest in provenance.data_sha256s),
        ),
    )
    versions = Table(
        id="versions",
        caption="Software",
        columns=("Package", "Version"),
        rows=tuple(table_row(name, [version]) for name, version in provenance.versions),
    )
    words = Prose((data, f"To make this page again: {provenance.command}"))
    plan = Code("YAML", provenance.plan_text.rstrip(), "The plan")
    blocks: tuple[Block, ...] = (words, hashes, versions, plan)
    return Section("provenance", "Provenance", blocks)
