"""The synthesis in words."""

from ketaoutcomes.plan.synthesis import Measure, Outcome, Pooling
from ketaoutcomes.report.blocks import Block, Definitions, Prose, References, Section
from ketaoutcomes.report.numbers import level
from ketaoutcomes.synthesis.page.material import SynthesisMaterial

MEASURES: dict[Measure, str] = {
    "hedges_g": "Standardised mean differences are Hedges' g: the difference of means over the "
    "pooled SD, corrected by the exact small-sample factor.",
    "mean_difference": "Mean differences are in the unit of the reported means, with unequal "
    "variances of the arms.",
    "risk_ratio": "Risk ratios were pooled as logarithms. Where a cell was zero, half an event was "
    "added to all four; studies without any event, or with events in all participants, "
    "were excluded.",
    "odds_ratio": "Odds ratios were pooled as logarithms. Where a cell was zero, half an event was "
    "added to all four; studies without any event, or with events in all participants, "
    "were excluded.",
    "risk_difference": "Risk differences were pooled without transformation; for the variance, "
    "half an "
    "event was added to all cells where one was zero.",
    "hazard_ratio": "Hazard ratios were pooled as logarithms.",
}
ESTIMATORS = {
    "reml": "restricted maximum likelihood",
    "paule-mandel": "the method of Paule and Mandel",
    "dersimonian-laird": "the method of DerSimonian and Laird",
}
INTERVALS = {
    "hartung-knapp": "CIs of pooled effects: Hartung-Knapp, with a t distribution and a "
    "standard error at "
    "least as large as that of the normal CI.",
    "normal": "CIs of pooled effects: normal distribution.",
}
TOLD_BY_STUDIES = (
    "Effects reported by a study were used with the reported standard error, or else "
    "with that derived from the CI (on the log scale for ratios). "
)
GROUPED = (
    "Each group was pooled with a separate between-study variance. Tests between groups "
    "and slopes come from mixed-effects meta-regression, one characteristic at a time, "
    "with a common variance and, for Hartung-Knapp CIs, the Knapp-Hartung F test. "
)
REFERENCES = (
    "Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement. BMJ 2021;372:n71.",
    "Higgins JPT, Thompson SG, Spiegelhalter DJ. A re-evaluation of random-effects meta-analysis. "
    "J R Stat Soc A 2009;172:137-159.",
    "Hartung J, Knapp G. A refined method for the meta-analysis of controlled clinical trials with "
    "binary outcome. Stat Med 2001;20:3875-3889.",
    "Röver C, Knapp G, Friede T. Hartung-Knapp-Sidik-Jonkman approach and its modification for "
    "random-effects meta-analysis with few studies. BMC Med Res Methodol 2015;15:99.",
    "Viechtbauer W. Confidence intervals for the amount of heterogeneity in meta-analysis. Stat "
    "Med 2007;26:37-52.",
    "Knapp G, Hartung J. Improved tests for a random effects meta-regression with a single "
    "covariate. Stat Med 2003;22:2693-2710.",
    "Pustejovsky JE, Rodgers MA. Testing for funnel plot asymmetry of standardized mean "
    "differences. Res Synth Methods 2019;10:57-71.",
    "Egger M, Davey Smith G, Schneider M, Minder C. Bias in meta-analysis detected by a simple, "
    "graphical test. BMJ 1997;315:629-634.",
)


def measure_in_words(measure: Measure) -> str:
    """How the effect of a study is made."""
    return MEASURES[measure]


def pooling_in_words(pooling: Pooling) -> str:
    """How effects are pooled."""
    return (
        "True effects were assumed to vary between studies with a normal distribution; "
        f"its variance was estimated by {ESTIMATORS[pooling.between_studies]}. CIs of τ² "
        f"and I²: Q-profile method. {INTERVALS[pooling.interval]}"
    )


def methods_section(material: SynthesisMaterial) -> Section:
    """How results were chosen and pooled."""
    plan = material.plan
    measures = dict.fromkeys(outcome.measure for outcome in plan.outcomes.values())
    text = " ".join(
        [
            *(MEASURES[measure] for measure in measures),
            pooling_in_words(plan.pooling),
            (
                TOLD_BY_STUDIES
                if any("effects" in outcome.results for outcome in plan.outcomes.values())
                else ""
            )
            + "The prediction interval uses a t distribution whose degrees of freedom are the "
            f"number of studies minus {plan.pooling.fewer_df}. "
            + (GROUPED if any(o.groups or o.regress_on for o in plan.outcomes.values()) else "")
            + f"CIs are {level(plan.report.confidence_level)} CIs, not adjusted for "
            "multiplicity.",
        ]
    )
    rules = tuple((o.label, rule_of(o)) for o in plan.outcomes.values())
    blocks: tuple[Block, ...] = (
        Prose((text,)),
        Definitions(rules, "Selection of results"),
        References(REFERENCES),
    )
    return Section("methods", "Methods", blocks)


def rule_of(outcome: Outcome) -> str:
    """Which result of a study is taken, in words."""
    kept = "; ".join(f"`{c}`: {_values(vs, ' or ')}" for c, vs in outcome.where.items())
    wanted = "; ".join(f"`{c}`: {_values(vs, ', ')}" for c, vs in outcome.prefer.items())
    parts = [
        f"Type of result, in order of preference: {', '.join(outcome.results)}.",
        f"Rows with {kept}." if kept else "",
        f"Where a study reported several results, order of preference by {wanted}."
        if wanted
        else "",
        "Lower is better.".replace("Lower", outcome.better.capitalize()),
    ]
    return " ".join(part for part in parts if part)


def _values(values: tuple[str, ...], between: str) -> str:
    return between.join(value or "empty" for value in values)
