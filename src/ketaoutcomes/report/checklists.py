"""What reporting guidelines ask, item by item, and where this program's page answers.

The wording is ours and short; the numbers are those of the guidelines, whose own texts decide. A
number that could not be checked against the guideline is left out: the item then has its topic.
"""

from dataclasses import dataclass

RESULTS = "results"
"""Stands for the sections of the analyses, whichever a page has."""

UNCHECKED = ""
"""In place of a number that could not be checked against the guideline."""


@dataclass(frozen=True)
class Item:
    """One item of a guideline.

    Attributes
    ----------
    number : str
        As the guideline has it, or `UNCHECKED`.
    asks : str
        What is to be reported, in short.
    places : tuple of str
        Sections of the page that report it, as far as a page has them.
    keys : tuple of str
        Keys under `study:` that would say it; one of them is enough.
    """

    number: str
    asks: str
    places: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checklist:
    """A guideline: its name, its source, and its items under the headings it has."""

    id: str
    name: str
    source: str
    parts: tuple[tuple[str, tuple[Item, ...]], ...]


CONSORT_2025 = Checklist(
    "consort",
    "CONSORT 2025",
    "Hopewell S, Chan AW, Collins GS, et al. CONSORT 2025 statement: updated guideline for "
    "reporting randomised trials. BMJ 2025;389:e081123.",
    (
        (
            "Title and abstract",
            (
                Item("1a", "Title says that the trial was randomised", keys=("title",)),
                Item("1b", "Structured summary", ("answer",)),
            ),
        ),
        (
            "Open science",
            (
                Item("2", "Registry, number and date", keys=("registration",)),
                Item(
                    "3",
                    "Access to protocol and statistical analysis plan",
                    ("provenance",),
                    ("protocol", "analysis_plan"),
                ),
                Item("4", "Access to data and code", ("provenance",), ("data_sharing",)),
                Item("5a", "Funding and role of the funder", keys=("funding",)),
                Item("5b", "Conflicts of interest", keys=("conflicts",)),
            ),
        ),
        (
            "Introduction",
            (
                Item("6", "Background and reasons", keys=("background",)),
                Item("7", "Objectives on benefits and harms", ("answer",)),
            ),
        ),
        (
            "Methods",
            (
                Item("8", "Patient and public involvement", keys=("patient_involvement",)),
                Item(
                    "9",
                    "Design, allocation ratio and framework",
                    ("methods",),
                    ("design", "allocation.ratio"),
                ),
                Item("10", "Changes after the start, with reasons", keys=("changes",)),
                Item("11", "Setting and places", keys=("setting",)),
                Item("12a", "Eligibility of participants", keys=("eligibility.include",)),
                Item(
                    "12b",
                    "Eligibility of sites and care providers",
                    keys=("eligibility.sites",),
                ),
                Item("13", "Interventions and comparators in detail", keys=("interventions",)),
                Item("14", "Outcomes: measure, time, analysis metric", ("methods", "glossary")),
                Item("15", "How harms were defined and assessed", keys=("harms",)),
                Item("16a", "Sample size and its assumptions", keys=("sample_size",)),
                Item("16b", "Interim analyses and stopping", keys=("interim",)),
                Item("17a", "Who made the sequence, and how", keys=("allocation.sequence",)),
                Item("17b", "Type of randomisation", keys=("allocation.restriction",)),
                Item("18", "Concealment of allocation", keys=("allocation.concealment",)),
                Item(
                    "19",
                    "Whether those who enrolled or assigned knew the sequence",
                    keys=("allocation.implementation",),
                ),
                Item("20a", "Who was blinded", keys=("blinding.who",)),
                Item("20b", "How blinding was achieved", keys=("blinding.how",)),
                Item("21a", "Statistical methods", ("methods",)),
                Item("21b", "Who is in each analysis", ("flow",), ("analysis_sets",)),
                Item("21c", "How missing data were handled", ("methods", "missing")),
                Item("21d", "Additional analyses", ("methods", "sensitivity")),
            ),
        ),
        (
            "Results",
            (
                Item("22a", "Numbers randomised, treated and analysed by arm", ("flow",)),
                Item("22b", "Losses and exclusions with reasons", ("flow",)),
                Item(
                    "23a",
                    "Dates of recruitment and follow-up",
                    keys=("dates.recruitment", "dates.follow_up"),
                ),
                Item("23b", "Why the trial ended", keys=("dates.ended",)),
                Item("24a", "Interventions as they were delivered", ("safety",), ("adherence",)),
                Item("24b", "Concomitant care", keys=("concomitant",)),
                Item("25", "Baseline table", ("baseline",)),
                Item(
                    "26",
                    "Each outcome by arm: numbers analysed and available, effect, precision",
                    (RESULTS, "missing"),
                ),
                Item("27", "Harms", ("safety",)),
                Item(
                    "28",
                    "Ancillary analyses, prespecified or not",
                    ("subgroups", "sensitivity", "multiplicity"),
                ),
            ),
        ),
        (
            "Discussion",
            (
                Item(
                    "29", "Interpretation, benefits against harms", ("answer",), ("interpretation",)
                ),
                Item("30", "Limitations", ("limits", "remarks"), ("limitations",)),
            ),
        ),
    ),
)

HARMS_2022 = Checklist(
    "harms",
    "CONSORT Harms 2022",
    "Junqueira DR, Zorzela L, Golder S, et al. CONSORT Harms 2022 statement, explanation, and "
    "elaboration. BMJ 2023;381:e073725.",
    (
        (
            "",
            (
                Item(UNCHECKED, "Summary with results on harms", ("answer",)),
                Item(UNCHECKED, "Objectives on harms as well as benefits", ("answer",)),
                Item(UNCHECKED, "Harms: definitions, how and when assessed", keys=("harms",)),
                Item(UNCHECKED, "Methods of comparing harms", ("methods",)),
                Item(UNCHECKED, "Discontinuations for harms", ("flow", "safety")),
                Item(UNCHECKED, "Length of follow-up for harms", ("safety",), ("dates.follow_up",)),
                Item(UNCHECKED, "Denominators of each analysis of harms", ("safety",)),
                Item(UNCHECKED, "Absolute risk by arm, with precision", ("safety",)),
                Item(
                    UNCHECKED,
                    "Each adverse event by arm; serious and fatal events separately",
                    ("safety",),
                ),
                Item(UNCHECKED, "Limitations on harms", ("limits", "remarks"), ("limitations",)),
                Item(UNCHECKED, "Harms weighed against benefits", ("answer",), ("interpretation",)),
            ),
        ),
    ),
)

CROSSOVER_2019 = Checklist(
    "crossover",
    "CONSORT extension for crossover trials",
    "Dwan K, Li T, Altman DG, Elbourne D. CONSORT 2010 statement: extension to randomised "
    "crossover trials. BMJ 2019;366:l4378.",
    (
        (
            "",
            (
                Item(
                    UNCHECKED,
                    "Title says that the trial was a randomised crossover",
                    keys=("title",),
                ),
                Item(
                    UNCHECKED,
                    "Why a crossover; number and length of periods; washout",
                    ("flow",),
                    ("washout",),
                ),
                Item(
                    UNCHECKED,
                    "Sample size from the variation within participants",
                    keys=("sample_size",),
                ),
                Item(UNCHECKED, "Comparison within participants", ("methods",)),
                Item(UNCHECKED, "Carry-over and period effects", ("crossover", "methods")),
                Item(UNCHECKED, "Numbers by sequence and period", ("flow",)),
                Item(UNCHECKED, "Losses by sequence and period, with reasons", ("flow",)),
                Item(UNCHECKED, "Baseline by sequence and period", ("baseline",)),
                Item(UNCHECKED, "Numbers in each analysis, with how many periods", ("flow",)),
                Item(UNCHECKED, "Effect within participants, with precision", ("crossover",)),
                Item(UNCHECKED, "Harms by treatment, across periods", ("safety",)),
                Item(
                    UNCHECKED,
                    "Limitations: carry-over among them",
                    ("remarks", "crossover"),
                    ("limitations",),
                ),
            ),
        ),
    ),
)

PILOT_2016 = Checklist(
    "pilot",
    "CONSORT extension for pilot and feasibility trials",
    "Eldridge SM, Chan CL, Campbell MJ, et al. CONSORT 2010 statement: extension to randomised "
    "pilot and feasibility trials. BMJ 2016;355:i5239. Items have the numbers of CONSORT 2010.",
    (
        (
            "",
            (
                Item("1a", "Title says that the trial was a pilot", keys=("title",)),
                Item("2a", "Why a pilot, and for which definitive trial", keys=("background",)),
                Item("4c", "How participants were found and gave consent", keys=("ethics",)),
                Item("6a", "Measures of each objective of the pilot", ("methods",)),
                Item("6c", "Progression criteria", keys=("progression",)),
                Item("7a", "Why this number of participants", keys=("sample_size",)),
                Item(
                    UNCHECKED,
                    "Numbers approached, randomised and assessed",
                    ("flow",),
                    ("screening",),
                ),
                Item(UNCHECKED, "Results with expressions of uncertainty", (RESULTS,)),
                Item(
                    UNCHECKED,
                    "Limitations, also for feasibility",
                    ("limits", "remarks"),
                    ("limitations",),
                ),
                Item(UNCHECKED, "Implications for the definitive trial", keys=("progression",)),
                Item(UNCHECKED, "Ethics", keys=("ethics",)),
            ),
        ),
    ),
)

STROBE = Checklist(
    "strobe",
    "STROBE",
    "von Elm E, Altman DG, Egger M, et al. The Strengthening the Reporting of Observational "
    "Studies in Epidemiology (STROBE) statement. Lancet 2007;370:1453-1457.",
    (
        (
            "Title, abstract and introduction",
            (
                Item("1a", "Title or summary names the design", keys=("design",)),
                Item("1b", "Summary of what was done and found", ("answer",)),
                Item("2", "Background and reasons", keys=("background",)),
                Item("3", "Objectives", ("answer",)),
            ),
        ),
        (
            "Methods",
            (
                Item("4", "Design", ("methods",), ("design",)),
                Item("5", "Setting, places and dates", keys=("setting", "dates.recruitment")),
                Item("6", "Eligibility, sources, follow-up", keys=("eligibility.include",)),
                Item("7", "Outcomes, exposures, confounders defined", ("methods",)),
                Item("8", "Sources of data and measurement", ("provenance", "glossary")),
                Item("9", "Efforts against bias", ("methods",), ("limitations",)),
                Item("10", "Sample size", keys=("sample_size",)),
                Item("11", "How quantities were handled", ("methods",)),
                Item("12", "Statistical methods, confounding, missing data", ("methods",)),
            ),
        ),
        (
            "Results",
            (
                Item("13", "Numbers at each stage, reasons, diagram", ("flow",)),
                Item("14", "Characteristics, missing data, follow-up", ("baseline", "missing")),
                Item("15", "Outcome events or measures", (RESULTS,)),
                Item("16", "Estimates with precision, adjusted for what", (RESULTS,)),
                Item("17", "Other analyses", ("subgroups", "sensitivity")),
            ),
        ),
        (
            "Discussion and other information",
            (
                Item("18", "Key results", ("answer",)),
                Item("19", "Limitations", ("limits", "remarks"), ("limitations",)),
                Item("20", "Interpretation", ("answer",), ("interpretation",)),
                Item("21", "Generalisability", keys=("interpretation",)),
                Item("22", "Funding", keys=("funding",)),
            ),
        ),
    ),
)

TARGET_2025 = Checklist(
    "target",
    "TARGET",
    "Cashin AG, Hansford HJ, Hernán MA, et al. Transparent reporting of observational studies "
    "emulating a target trial: the TARGET statement. BMJ 2025;390:e087179.",
    (
        (
            "Abstract and introduction",
            (
                Item("1a", "Summary that names the emulation", ("answer",), ("design",)),
                Item("1b", "Summary with the sources of the data", ("provenance",)),
                Item("1c", "Summary of methods and findings", ("answer",)),
                Item("2", "Background", keys=("background",)),
                Item("3", "Causal question", ("answer",)),
                Item("4", "Why a target trial is emulated", keys=("background",)),
            ),
        ),
        (
            "Methods",
            (
                Item("5", "Sources of the data", ("provenance",), ("setting",)),
                Item(
                    "6a, 7a",
                    "Eligibility, as specified and as emulated",
                    keys=("eligibility.include",),
                ),
                Item("6b, 7b", "Treatment strategies", ("methods",), ("interventions",)),
                Item("6c, 7c", "Assignment", keys=("allocation.sequence",)),
                Item("6d, 7d", "Follow-up: start and end", ("methods",), ("dates.follow_up",)),
                Item("6e, 7e", "Outcomes", ("methods",)),
                Item("6f, 7f", "Causal contrasts", ("methods",)),
                Item(
                    "6g, 7g(i), 7g(ii)", "Identifying assumptions", ("methods",), ("limitations",)
                ),
                Item("6h, 7h(i)", "Data analysis plan", ("methods",), ("analysis_plan",)),
                Item("7h(ii)", "Planned analyses of sensitivity", ("methods", "sensitivity")),
            ),
        ),
        (
            "Results",
            (
                Item("8", "Selection of participants", ("flow",)),
                Item("9", "Baseline data", ("baseline",)),
                Item("10", "Follow-up", ("flow",)),
                Item("11", "Missing data", ("missing",)),
                Item("12", "Outcomes", (RESULTS,)),
                Item("13", "Effect estimates", (RESULTS,)),
                Item("14", "Additional analyses", ("sensitivity", "subgroups")),
            ),
        ),
        (
            "Discussion and other information",
            (
                Item("15", "Interpretation", ("answer",), ("interpretation",)),
                Item("16", "Limitations", ("limits", "remarks"), ("limitations",)),
                Item("17", "Ethics", keys=("ethics",)),
                Item("18", "Registration and protocol", keys=("registration", "protocol")),
                Item("19", "Data and code", ("provenance",), ("data_sharing",)),
                Item("20", "Funding", keys=("funding",)),
                Item("21", "Conflicts of interest", keys=("conflicts",)),
            ),
        ),
    ),
)
