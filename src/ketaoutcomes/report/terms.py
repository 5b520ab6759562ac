"""Terms and abbreviations of reports, each with what it means in a sentence or two."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final


@dataclass(frozen=True)
class Term:
    """An entry of the glossary.

    `written` is a regular expression of how a page writes it, without regard to case unless it
    holds a capital; "" where that is its name. `source` is where the term is defined or the method
    was published; "" of an abbreviation that only stands for other words.
    """

    name: str
    meaning: str
    written: str = ""
    source: str = ""

    @property
    def entry(self) -> str:
        """The meaning with its source, as the glossary has it."""
        return f"{self.meaning} Source: {self.source}." if self.source else self.meaning


@cache
def _compiled(written: str) -> re.Pattern[str]:
    """Its letters stand first, since a text is searched for these much sooner."""
    return re.compile(rf"(?:{written})(?![\w-])")


@cache
def _in_any_case(written: str) -> bool:
    return re.search(r"[A-Z]", written) is None


@cache
def _written(name: str) -> str:
    """How a page writes an entry of the glossary: as the table of terms has it, or its name."""
    known = next((term.written for term in TERMS if term.name == name), "")
    return known or re.escape(name)


def first_use(name: str, text: str) -> slice | None:
    """Where a text uses an entry of the glossary first.

    Parameters
    ----------
    name : str
        Of a term, or of a scale that the plan may have named itself.
    """
    written = _written(name)
    in_any_case = _in_any_case(written)
    searched = _small(text) if in_any_case else text
    pattern = _compiled(written.lower() if in_any_case else written)
    found = pattern.search(searched)
    while found is not None and _within_a_word(searched, found.start()):
        found = pattern.search(searched, found.start() + 1)
    return None if found is None else slice(*found.span())


@lru_cache(maxsize=1)
def _small(text: str) -> str:
    """The text in small letters, each in its place: one capital has two of them."""
    return text.replace("İ", "i").lower()


def _within_a_word(text: str, place: int) -> bool:
    return place > 0 and (text[place - 1] in "-_" or text[place - 1].isalnum())


TERMS: Final = (
    Term(
        "AIC",
        "Akaike information criterion: fit of a model, penalised for its parameters; the model "
        "with the lowest value is preferred.",
        source="Akaike 1974, IEEE Trans Automat Contr 19:716-723",
    ),
    Term(
        "ANCOVA",
        "Analysis of covariance: compares means after adjustment for baseline values.",
        source="Vickers & Altman 2001, BMJ 323:1123-1124",
    ),
    Term(
        "BIC",
        "Bayesian information criterion: fit of a model with a larger penalty for its parameters.",
        source="Schwarz 1978, Ann Stat 6:461-464",
    ),
    Term("CBT", "Cognitive behavioural therapy: a form of psychotherapy."),
    Term(
        "Censoring",
        "Follow-up ended before the event occurred. A participant who left on day 40 without the "
        "event is censored on day 40.",
        "censor(?:ed|ing)",
        source="Pocock, Clayton & Altman 2002, Lancet 359:1686-1689",
    ),
    Term(
        "CI (confidence interval)",
        "The range of true values that are compatible with the data. A 95% CI includes the true "
        "value in 95 of 100 repetitions of a study.",
        "CIs?|[Cc]onfidence intervals?",
        source="Greenland et al. 2016, Eur J Epidemiol 31:337-350",
    ),
    Term(
        "CONSORT",
        "Consolidated Standards of Reporting Trials: what the report of a trial should include.",
        source="Hopewell et al. 2025, BMJ 389:e081123",
    ),
    Term(
        "Copy increments",
        "Imputation that lets participants change after discontinuation as those on the reference "
        "do, from the level that they had reached.",
        "copy[- ]increments?(?:[- ]in[- ]reference)?",
        source="Carpenter, Roger & Kenward 2013, J Biopharm Stat 23:1352-1371",
    ),
    Term("CSV", "Comma-separated values: a table as a text file."),
    Term(
        "Cumulative incidence",
        "The probability of an event by a given day, with competing events taken into account.",
        source="Putter, Fiocco & Geskus 2007, Stat Med 26:2389-2430",
    ),
    Term(
        "Competing event",
        "An event after which the event of interest can no longer occur, such as death before "
        "relapse.",
        "competing (?:events?|risks?)",
        source="Putter, Fiocco & Geskus 2007, Stat Med 26:2389-2430",
    ),
    Term(
        "df",
        "Degrees of freedom: how much information a standard error is based on.",
        "df",
        source="Satterthwaite 1946, Biometrics Bull 2:110-114",
    ),
    Term(
        "Estimand",
        "The effect that an analysis estimates: for whom, of what treatment, on which outcome, and "
        "how events such as discontinuation are handled.",
        "estimands?",
        source="International Council for Harmonisation, E9(R1) 2019, A.3",
    ),
    Term(
        "Family-wise error",
        "The probability of at least one false positive among several tests.",
        "family-wise error(?: rate)?",
        source="Holm 1979, Scand J Stat 6:65-70",
    ),
    Term("FDA", "US Food and Drug Administration."),
    Term(
        "GEE",
        "Generalised estimating equations: a model of repeated outcomes whose standard errors stay "
        "valid if the assumed correlation is wrong.",
        source="Liang & Zeger 1986, Biometrika 73:13-22",
    ),
    Term(
        "Hazard ratio",
        "Rate of an event in one arm divided by that in another. A value of 0.5 means that the "
        "event occurs at half the rate.",
        "hazard ratios?",
        source="Cox 1972, J R Stat Soc B 34:187-220",
    ),
    Term(
        "Hypothetical strategy",
        "The effect if an intercurrent event had not occurred, such as: if all had stayed on "
        "treatment.",
        "hypothetical(?: strategy)?",
        source="International Council for Harmonisation, E9(R1) 2019, A.3.2",
    ),
    Term(
        "I²",
        "Heterogeneity: the percentage of the variation between studies that is not due to chance.",
        "I²|I2",
        source="Higgins & Thompson 2002, Stat Med 21:1539-1558",
    ),
    Term(
        "ICER",
        "Incremental cost-effectiveness ratio: additional cost for one additional unit of effect.",
        "ICER|incremental cost-effectiveness ratio",
        source="Husereau et al. 2022, BMJ 376:e067975",
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
        source="International Council for Harmonisation, E9(R1) 2019, A.3.1",
    ),
    Term(
        "Jump to reference",
        "Imputation that lets participants who discontinued follow the course of the reference arm "
        "from then on.",
        "jump[- ]to[- ]reference",
        source="Carpenter, Roger & Kenward 2013, J Biopharm Stat 23:1352-1371",
    ),
    Term(
        "Kenward-Roger",
        "A correction of standard errors and degrees of freedom for small samples.",
        source="Kenward & Roger 1997, Biometrics 53:983-997",
    ),
    Term(
        "Latent trajectory class",
        "A group of participants with a similar course, found by a model and not observed.",
        "latent (?:trajectory )?class(?:es)?|trajectory class(?:es)?",
        source="Muthén & Shedden 1999, Biometrics 55:463-469",
    ),
    Term(
        "LS mean",
        "Least-squares mean: the model's mean of an arm at a visit, with other factors weighed "
        "equally and numeric covariates at their mean.",
        "LS means?",
        source="Searle, Speed & Milliken 1980, Am Stat 34:216-221",
    ),
    Term(
        "MAR",
        "Missing at random: given the data observed, whether a score is missing does not depend on "
        "the score itself.",
        "MAR|[Mm]issing at random",
        source="Rubin 1976, Biometrika 63:581-592",
    ),
    Term(
        "MMRM",
        "Mixed model for repeated measures: uses all visits of each participant, so that "
        "participants with missing visits still contribute.",
        source="Mallinckrodt et al. 2008, Drug Inf J 42:303-319",
    ),
    Term(
        "MNAR",
        "Missing not at random: whether a score is missing depends on the score itself.",
        source="Rubin 1976, Biometrika 63:581-592",
    ),
    Term(
        "Monte Carlo error",
        "Error that arises because a number was obtained by simulation; it falls with more draws.",
        "(?:MC|Monte[- ]Carlo) errors?",
        source="Morris, White & Crowther 2019, Stat Med 38:2074-2102",
    ),
    Term(
        "NNT",
        "Number needed to treat: how many must be treated for one more to benefit (NNTB) or to be "
        "harmed (NNTH). An NNT of 8 means one more in 8.",
        "NNT[BH]?|[Nn]umber needed to treat",
        source="Altman 1998, BMJ 317:1309-1312",
    ),
    Term(
        "Number at risk",
        "Participants who are still followed and have not had the event just before a given time.",
        "numbers? at risk",
        source="Pocock, Clayton & Altman 2002, Lancet 359:1686-1689",
    ),
    Term(
        "Odds ratio",
        "Odds of an outcome in one arm divided by the odds in another; 1 means no difference.",
        "odds ratios?",
        source="Miettinen & Nurminen 1985, Stat Med 4:213-226",
    ),
    Term(
        "p value",
        "The probability of data at least as extreme as those observed if there were no effect. It "
        "is not the probability that there is no effect.",
        r"p[- ]values?|P values?|p\s(?:[<=>]|&[lg]t;)",
        source="Wasserstein & Lazar 2016, Am Stat 70:129-133",
    ),
    Term(
        "Prediction interval",
        "Where the true effect of a new study is expected to lie.",
        "prediction intervals?",
        source="Higgins, Thompson & Spiegelhalter 2009, J R Stat Soc A 172:137-159",
    ),
    Term(
        "QALY",
        "Quality-adjusted life year: a year of life weighted by its quality, with 1 for full "
        "health.",
        "QALYs?",
        source="Husereau et al. 2022, BMJ 376:e067975",
    ),
    Term(
        "QIC",
        "Quasi-likelihood information criterion of a GEE: lower is better.",
        source="Pan 2001, Biometrics 57:120-125",
    ),
    Term(
        "REML",
        "Restricted maximum likelihood: a way of fitting that does not underestimate variances.",
        source="Harville 1977, J Am Stat Assoc 72:320-338",
    ),
    Term(
        "Risk ratio",
        "Proportion with an outcome in one arm divided by that in another.",
        "risk ratios?",
        source="Miettinen & Nurminen 1985, Stat Med 4:213-226",
    ),
    Term(
        "RMST",
        "Restricted mean survival time: the mean event-free time within a fixed period; a "
        "difference is read in days.",
        "RMST|[Rr]estricted means?(?: (?:survival )?time)?",
        source="Royston & Parmar 2013, BMC Med Res Methodol 13:152",
    ),
    Term("SAS", "A statistical program."),
    Term(
        "Satterthwaite",
        "A way to obtain the degrees of freedom of an estimate of a mixed model.",
        source="Satterthwaite 1946, Biometrics Bull 2:110-114",
    ),
    Term(
        "SD",
        "Standard deviation: how far individuals differ.",
        "SDs?",
        source="Altman & Bland 2005, BMJ 331:903",
    ),
    Term(
        "SE",
        "Standard error: how far an estimate would vary if the study were repeated.",
        source="Altman & Bland 2005, BMJ 331:903",
    ),
    Term(
        "SHA-256",
        "A checksum that changes with any change of a file.",
        source="National Institute of Standards and Technology 2015, Secure Hash Standard",
    ),
    Term(
        "SMD",
        "Standardised mean difference: a difference divided by the standard deviation.",
        "SMD|[Ss]tandardised (?:mean )?differences?",
        source="Austin 2009, Stat Med 28:3083-3107",
    ),
    Term("SNRI", "Serotonin and noradrenaline reuptake inhibitor: a class of antidepressants."),
    Term("SSRI", "Selective serotonin reuptake inhibitor: a class of antidepressants."),
    Term(
        "STROBE",
        "Strengthening the Reporting of Observational Studies: what a report should include.",
        source="STROBE statement 2007",
    ),
    Term("SVG", "Scalable vector graphics: a drawing as a file."),
    Term(
        "Tipping point",
        "The smallest delta added to imputed scores at which a result is no longer significant.",
        "tipping[- ]points?",
        source="Yan, Lee & Li 2009, J Biopharm Stat 19:1085-1098",
    ),
    Term(
        "Treatment policy",
        "The effect of being assigned to a treatment, whatever happens afterwards.",
        "treatment[- ]policy(?: strategy)?",
        source="International Council for Harmonisation, E9(R1) 2019, A.3.2",
    ),
    Term("USD", "United States dollars."),
    Term(
        "Willingness to pay",
        "The most that is thought worth paying for one unit of effect.",
        "willing(?:ness)? to pay",
        source="Fenwick, O'Brien & Briggs 2004, Health Econ 13:405-415",
    ),
    Term(
        "AFT",
        "Accelerated failure time: a parametric survival model in which treatment stretches "
        "or shortens the time to an event.",
        "AFT|accelerated failure time",
        source="Kalbfleisch & Prentice 2002, The statistical analysis of failure time data",
    ),
    Term(
        "AMPA",
        "Alpha-amino-3-hydroxy-5-methyl-4-isoxazolepropionic acid: names a receptor for glutamate.",
    ),
    Term(
        "BDI",
        "Beck Depression Inventory: a questionnaire; lower is better.",
        source="Beck et al. 1961, Arch Gen Psychiatry 4:561-571",
    ),
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
        source="Mantel & Haenszel 1959, J Natl Cancer Inst 22:719-748",
    ),
    Term(
        "DIA",
        "Drug Information Association.",
    ),
    Term(
        "Hartung-Knapp",
        "A CI of a pooled effect with a t distribution, which allows for few studies.",
        "(?:Hartung-Knapp|Knapp-Hartung)",
        source="Hartung & Knapp 2001, Stat Med 20:3875-3889",
    ),
    Term(
        "Hedges' g",
        "A standardised mean difference, corrected for small samples.",
        "Hedges(?:['\u2019]|&#39;) g",
        source="Hedges 1981, J Educ Stat 6:107-128",
    ),
    Term(
        "LOCF",
        "Last observation carried forward: a missing score is replaced by the last one observed.",
        "LOCF|last observation carried forward",
        source="National Research Council 2010, recommendation 10",
    ),
    Term(
        "MMSE",
        "Mini-Mental State Examination: a short test of cognition, 0 to 30; higher is better.",
        source="Folstein, Folstein & McHugh 1975, J Psychiatr Res 12:189-198",
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
        source="Page et al. 2021, BMJ 372:n71",
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
        source="Prentice, Williams & Peterson 1981, Biometrika 68:373-379",
    ),
    Term(
        "τ²",
        "Tau squared: the variance of true effects between studies.",
        "τ²",
        source="DerSimonian & Laird 1986, Control Clin Trials 7:177-188",
    ),
    Term("YAML", "The text format of the analysis plan."),
)
"""The terms; a page and the docs sort them."""
