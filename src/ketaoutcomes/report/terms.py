"""Terms and abbreviations of reports, each with what it means in a sentence or two."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final


@dataclass(frozen=True)
class Term:
    """An entry of the glossary.

    `written` is a regular expression of how a page writes it, without regard to case unless it
    holds a capital; "" where that is its name.
    """

    name: str
    meaning: str
    written: str = ""


@cache
def _compiled(written: str) -> re.Pattern[str]:
    flags = re.IGNORECASE if _in_any_case(written) else 0
    return re.compile(rf"(?<![\w-])(?:{written})(?![\w-])", flags)


def _in_any_case(written: str) -> bool:
    return re.search(r"[A-Z]", written) is None


@cache
def _written(name: str) -> str:
    """How a page writes an entry of the glossary: as the table of terms has it, or its name."""
    known = next((term.written for term in TERMS if term.name == name), "")
    return known or re.escape(name)


def first_use(name: str, text: str) -> re.Match[str] | None:
    """Where a text uses an entry of the glossary first.

    Parameters
    ----------
    name : str
        Of a term, or of a scale that the plan may have named itself.
    """
    return _compiled(_written(name)).search(text) if _letters(name) in text else None


@cache
def _letters(name: str) -> str:
    """Letters of every use of an entry, which are found much sooner than a pattern; "" if none."""
    written = _written(name)
    return name if written == re.escape(name) and not _in_any_case(written) else ""


TERMS: Final = (
    Term(
        "AIC",
        "Akaike information criterion: fit of a model, penalised for its parameters; the model "
        "with the lowest value is preferred.",
    ),
    Term(
        "ANCOVA",
        "Analysis of covariance: compares means after adjustment for baseline values.",
    ),
    Term(
        "BIC",
        "Bayesian information criterion: fit of a model with a larger penalty for its parameters.",
    ),
    Term("CBT", "Cognitive behavioural therapy: a form of psychotherapy."),
    Term(
        "Censoring",
        "Follow-up ended before the event occurred. A participant who left on day 40 without the "
        "event is censored on day 40.",
        "censor(?:ed|ing)",
    ),
    Term(
        "CI (confidence interval)",
        "The range of true values that are compatible with the data. A 95% CI includes the true "
        "value in 95 of 100 repetitions of a study.",
        "CIs?|[Cc]onfidence intervals?",
    ),
    Term(
        "CONSORT", "Consolidated Standards of Reporting Trials: what a report of a trial must say."
    ),
    Term(
        "Copy increments",
        "Imputation that lets participants change after discontinuation as those on the reference "
        "do, from the level that they had reached.",
        "copy[- ]increments?(?:[- ]in[- ]reference)?",
    ),
    Term("CSV", "Comma-separated values: a table as a text file."),
    Term(
        "Cumulative incidence",
        "The probability of an event by a given day, with competing events taken into account.",
    ),
    Term(
        "Competing event",
        "An event after which the event of interest can no longer occur, such as death before "
        "relapse.",
        "competing (?:events?|risks?)",
    ),
    Term("df", "Degrees of freedom: how much information a standard error rests on.", "df"),
    Term(
        "Estimand",
        "The effect that an analysis estimates: for whom, of what treatment, on which outcome, and "
        "how events such as discontinuation are handled.",
        "estimands?",
    ),
    Term(
        "Family-wise error",
        "The probability of at least one false positive among several tests.",
        "family-wise error(?: rate)?",
    ),
    Term("FDA", "US Food and Drug Administration."),
    Term(
        "GEE",
        "Generalised estimating equations: a model of repeated outcomes whose standard errors stay "
        "valid if the assumed correlation is wrong.",
    ),
    Term(
        "Hazard ratio",
        "Rate of an event in one arm divided by that in another. A value of 0.5 means that the "
        "event occurs at half the rate.",
        "hazard ratios?",
    ),
    Term(
        "Hypothetical strategy",
        "The effect if an intercurrent event had not occurred, such as: if all had stayed on "
        "treatment.",
        "hypothetical(?: strategy)?",
    ),
    Term(
        "I²",
        "Heterogeneity: the percentage of the variation between studies that is not due to chance.",
        "I²|I2",
    ),
    Term(
        "ICER",
        "Incremental cost-effectiveness ratio: additional cost for one additional unit of effect.",
        "ICER|incremental cost-effectiveness ratio",
    ),
    Term(
        "ICH",
        "International Council for Harmonisation: its guidelines E3, E9 and E9(R1) are on trials.",
    ),
    Term(
        "Intercurrent event",
        "An event after treatment starts that changes what an outcome means, or whether it exists, "
        "such as discontinuation.",
        "intercurrent events?",
    ),
    Term(
        "Jump to reference",
        "Imputation that lets participants who discontinued follow the course of the reference arm "
        "from then on.",
        "jump[- ]to[- ]reference",
    ),
    Term(
        "Kenward-Roger",
        "A correction of standard errors and degrees of freedom for small samples.",
    ),
    Term(
        "Latent trajectory class",
        "A group of participants with a similar course, found by a model and not observed.",
        "latent (?:trajectory )?class(?:es)?|trajectory class(?:es)?",
    ),
    Term(
        "LS mean",
        "Least-squares mean: the model's mean of an arm at a visit, with other factors weighed "
        "equally and numeric covariates at their mean.",
        "LS means?",
    ),
    Term(
        "MAR",
        "Missing at random: given the data observed, whether a score is missing does not depend on "
        "the score itself.",
        "MAR|[Mm]issing at random",
    ),
    Term(
        "MMRM",
        "Mixed model for repeated measures: uses all visits of each participant, so that "
        "participants with missing visits still count.",
    ),
    Term("MNAR", "Missing not at random: whether a score is missing depends on the score itself."),
    Term(
        "Monte Carlo error",
        "Error that arises because a number was obtained by simulation; it falls with more draws.",
        "(?:MC|Monte[- ]Carlo) errors?",
    ),
    Term(
        "NNT",
        "Number needed to treat: how many must be treated for one more to benefit (NNTB) or to be "
        "harmed (NNTH). An NNT of 8 means one more in 8.",
        "NNT[BH]?|[Nn]umber needed to treat",
    ),
    Term(
        "Number at risk",
        "Participants who are still followed and have not had the event just before a given time.",
        "numbers? at risk",
    ),
    Term(
        "Odds ratio",
        "Odds of an outcome in one arm divided by the odds in another; 1 means no difference.",
        "odds ratios?",
    ),
    Term(
        "p value",
        "The probability of data at least as extreme as those observed if there were no effect. It "
        "is not the probability that there is no effect.",
        r"p[- ]values?|P values?|p\s(?:[<=>]|&[lg]t;)",
    ),
    Term(
        "Prediction interval",
        "Where the true effect of a new study is expected to lie.",
        "prediction intervals?",
    ),
    Term(
        "QALY",
        "Quality-adjusted life year: a year of life weighted by its quality, with 1 for full "
        "health.",
        "QALYs?",
    ),
    Term("QIC", "Quasi-likelihood information criterion of a GEE: lower is better."),
    Term(
        "REML",
        "Restricted maximum likelihood: a way of fitting that does not underestimate variances.",
    ),
    Term(
        "Risk ratio",
        "Proportion with an outcome in one arm divided by that in another.",
        "risk ratios?",
    ),
    Term(
        "RMST",
        "Restricted mean survival time: the mean event-free time within a fixed period; a "
        "difference is read in days.",
        "RMST|[Rr]estricted means?(?: (?:survival )?time)?",
    ),
    Term("SAS", "A statistical program."),
    Term(
        "Satterthwaite", "A way to obtain the degrees of freedom of an estimate of a mixed model."
    ),
    Term("SD", "Standard deviation: how far individuals differ.", "SDs?"),
    Term("SE", "Standard error: how far an estimate would vary if the study were repeated."),
    Term("SHA-256", "A checksum that changes with any change of a file."),
    Term(
        "SMD",
        "Standardised mean difference: a difference divided by the standard deviation.",
        "SMD|[Ss]tandardised (?:mean )?differences?",
    ),
    Term("SNRI", "Serotonin and noradrenaline reuptake inhibitor: a class of antidepressants."),
    Term("SSRI", "Selective serotonin reuptake inhibitor: a class of antidepressants."),
    Term("STROBE", "Strengthening the Reporting of Observational Studies: what a report must say."),
    Term("SVG", "Scalable vector graphics: a drawing as a file."),
    Term(
        "Tipping point",
        "The penalty for missing scores from which on a result is no longer significant.",
        "tipping[- ]points?",
    ),
    Term(
        "Treatment policy",
        "The effect of being assigned to a treatment, whatever happens afterwards.",
        "treatment[- ]policy(?: strategy)?",
    ),
    Term("USD", "United States dollars."),
    Term(
        "Willingness to pay",
        "The most that is thought worth paying for one unit of effect.",
        "willing(?:ness)? to pay",
    ),
    Term(
        "AFT",
        "Accelerated failure time: a parametric survival model in which treatment stretches "
        "or shortens the time to an event.",
        "AFT|accelerated failure time",
    ),
    Term(
        "AMPA",
        "Alpha-amino-3-hydroxy-5-methyl-4-isoxazolepropionic acid: names a receptor for glutamate.",
    ),
    Term("BDI", "Beck Depression Inventory: a questionnaire; lower is better."),
    Term(
        "BMI",
        "Body mass index: weight in kg divided by the square of height in m.",
    ),
    Term(
        "CDISC",
        "Clinical Data Interchange Standards Consortium: its standards SDTM (study data "
        "tabulation model) and ADaM (analysis data model) are for trial data.",
        "CDISC|SDTM|ADaM",
    ),
    Term(
        "CMH",
        "Cochran-Mantel-Haenszel: a test of proportions over strata.",
        "CMH|Cochran-Mantel-Haenszel",
    ),
    Term(
        "DIA",
        "Drug Information Association.",
    ),
    Term(
        "Hartung-Knapp",
        "A CI of a pooled effect with a t distribution, which allows for few studies.",
        "(?:Hartung-Knapp|Knapp-Hartung)",
    ),
    Term(
        "Hedges' g",
        "A standardised mean difference, corrected for small samples.",
        "Hedges(?:['\u2019]|&#39;) g",
    ),
    Term(
        "LOCF",
        "Last observation carried forward: a missing score is replaced by the last one observed.",
        "LOCF|last observation carried forward",
    ),
    Term(
        "MMSE",
        "Mini-Mental State Examination: a short test of cognition, 0 to 30; higher is better.",
    ),
    Term(
        "NAMI",
        "National Alliance on Mental Illness: a US organisation of patients and families.",
    ),
    Term(
        "NIMH",
        "US National Institute of Mental Health.",
    ),
    Term(
        "NMDA",
        "N-methyl-D-aspartate: names a receptor for glutamate, which ketamine blocks.",
    ),
    Term(
        "PRISMA",
        "Preferred Reporting Items for Systematic reviews and Meta-Analyses: what a "
        "synthesis must report.",
    ),
    Term(
        "PTSD",
        "Post-traumatic stress disorder.",
        "PTSD|[Pp]ost-traumatic stress disorder",
    ),
    Term(
        "PWP",
        "Models of Prentice, Williams and Peterson for recurrent events, in which earlier "
        "events change the risk of later ones.",
    ),
    Term(
        "τ²",
        "Tau squared: the variance of true effects between studies.",
        "τ²",
    ),
    Term("YAML", "The text format of the analysis plan."),
)
"""The terms; a page and the docs sort them."""
