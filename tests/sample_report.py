"""A small report with every kind of block, some of it hostile."""

from ketaoutcomes.report.blocks import (
    Callout,
    Cell,
    Code,
    Definitions,
    Figure,
    KeyFigure,
    KeyFigures,
    Prose,
    References,
    Report,
    Section,
    Table,
)

HOSTILE = "<script>alert('x')</script>"

SVG = (
    '<svg viewBox="0 0 300 90" xmlns="http://www.w3.org/2000/svg">'
    '<path d="M20 10H80V30H160V55H280" fill="none" stroke="#0b5a82" stroke-width="2"/></svg>'
)


def sample_table(identifier: str) -> Table:
    """Two arms and a hostile label."""
    return Table(
        id=identifier,
        caption="LS mean change of the MADRS total from baseline",
        columns=("Visit", "Placebo", "Esketamine", "Difference (95% CI)"),
        spanners=(("", 1), ("LS mean (SE)", 2), ("", 1)),
        rows=(
            (Cell("Induction", header=True),),
            (
                Cell("Day 8", header=True, indent=1),
                Cell("−11.9 (0.8)"),
                Cell("−15.6 (0.8)"),
                Cell("−3.7 (−5.9 to −1.5)", results=("mmrmt01/day_8/difference",)),
            ),
            (
                Cell(HOSTILE, header=True, indent=1),
                Cell("−15.9 (1.0)"),
                Cell("−19.5 (1.0)"),
                Cell("−3.6 (−6.5 to −0.7)"),
            ),
        ),
        footnotes=("Unstructured covariance.",),
    )


def sample_report() -> Report:
    """Every kind of block once."""
    return Report(
        title="Esketamine in treatment-resistant depression",
        subtitle="A synthetic trial, analysed by its plan",
        synthetic=True,
        sections=(
            Section(
                "answer",
                "Summary",
                (
                    Callout(
                        "Answer", ("Esketamine lowered the total more than placebo.",), "answer"
                    ),
                    KeyFigures(
                        (
                            KeyFigure("Difference at day 28", "−3.6", "95% CI −6.5 to −0.7"),
                            KeyFigure("Hazard ratio of relapse", "0.34", "95% CI 0.17 to 0.68"),
                        )
                    ),
                    Callout("Warning", (HOSTILE,), "warning"),
                ),
            ),
            Section(
                "primary",
                "Primary result",
                (
                    Figure("kmg01", "Time to relapse", SVG, "A falling curve", sample_table("kmd")),
                    sample_table("mmrmt01"),
                    Prose(("Plain words.", "More of them & a sign.")),
                    Definitions((("MADRS", "A rating scale of ten items."),), "Scales"),
                    References(("Montgomery SA, Åsberg M. Br J Psychiatry 1979.",)),
                    Code("R", "mmrm(change ~ arm * visit)", "The same in R"),
                ),
            ),
        ),
        footer=("ketaoutcomes 0.1.0",),
        notes=("[c] stands for a count under 11.",),
    )
