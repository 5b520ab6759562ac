"""The words of the field: what pages, messages, help and documents do not say, and what instead.

Readers are trial statisticians and clinicians. Where CONSORT 2025, ICH E3, E9(R1) or M11 has a
term, the program uses it. `violations` finds in a text what does not follow the table; the tests
ask it about every page of the shipped plans.

Code and data keep their own names (`subject`, `unique_subject`): text between back-ticks is code
and is not read.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal[
    "term",
    "misleading",
    "archaic",
    "interval without its level",
    "notation",
    "long sentence",
    "name of the plan",
]
"""What is wrong: a word that is not the field's, one that misleads, an old turn of phrase, ..."""

LONGEST_SENTENCE: Final = 30
"""Words of the longest sentence that is let pass; 25 are aimed at."""


@dataclass(frozen=True)
class Rule:
    """A pattern that is not to be written, and what is written instead.

    `pattern` is a regular expression, read without regard to case unless it holds a capital.
    """

    pattern: str
    instead: str
    kind: Kind = "term"

    @property
    def expression(self) -> re.Pattern[str]:
        """The pattern, compiled; a pattern with a capital letter is read as it is written."""
        plain = re.sub(r"\\[A-Za-z]", "", self.pattern)
        return re.compile(self.pattern, 0 if plain != plain.lower() else re.IGNORECASE)


@dataclass(frozen=True)
class Violation:
    """A place in a text that does not follow the table."""

    kind: Kind
    found: str
    instead: str
    sentence: str

    def __str__(self) -> str:
        """One line for a list of faults."""
        return f"{self.kind}: {self.found!r}, write {self.instead} [{self.sentence}]"


def _rules(kind: Kind, table: Iterable[tuple[str, str]]) -> tuple[Rule, ...]:
    return tuple(Rule(pattern, instead, kind) for pattern, instead in table)


MISLEADING: Final = _rules(
    "misleading",
    (
        (r"excludes? no effect", "95% CI excludes the null value"),
        (
            r"(?:difference in|the|without|of|per cent) survival\b(?! time| analys| model| curve)",
            "event-free probability, named by the event",
        ),
        (r"^survival\b(?! time| analys| model| curve| function)", "event-free probability"),
        (
            r"restricted means?\b(?! [\w-]*(?: [\w-]+)? ?time)|mean time without",
            "restricted mean survival time (RMST), named by the event",
        ),
        (r"standardised difference", "standardised mean difference"),
        (r"in units of the pooled", "divided by the pooled SD"),
        (r"loses? its significance", "is no longer significant at the 5% level"),
    ),
)

TERMS: Final = _rules(
    "term",
    (
        # CDISC's own term for a reason of discontinuation is data, and stays
        (r"(?<!withdrawal by )\bsubjects?\b(?! to\b)", "participant"),
        (r"\beverybody\b|\beveryone\b|\bnobody\b|\bno one\b", "all participants, no participant"),
        (r"(?:those|everybody|subjects) assigned|^assigned$", "randomised; enrolled (one arm)"),
        (r"^in the analysis$", "included in analysis"),
        (r"\bleft (?:the study|before)\b|\bwent off\b", "discontinued study, treatment"),
        (r"^known(?:, n)?$", "n"),
        (r"\(quartiles\)", "Median (Q1, Q3)"),
        (r"^range$", "Min, max"),
        (r"seen at every visit", "complete: assessed at every visit"),
        (r"missing from some visit", "monotone (dropout)"),
        (r"missing in between", "intermittent"),
        (r"hypotheses together", "multiple testing"),
        (r"\bshared out\b|\bshare is passed\b", "alpha"),
        (r"error (?:was |is )?held|\bheld at 0", "family-wise error rate controlled"),
        (r"numbers at risk", "number at risk"),
        (r"what happens on that day", "just before each time"),
        (r"how follow-up ended", "events and censoring, by reason"),
        (r"^had the event\b", "event, by criterion; participants with event"),
        (r"come again", "recurrent events"),
        (r"(?:another|several) kinds?\b", "competing event; competing risks"),
        (r"\blaws?\b", "distribution"),
        (r"%.{0,12} against \d|\d against \d", "versus"),
        (r"\ba harm\b|\bharms with\b", "adverse event"),
        (r"count(?:ed|s)? as (?:a )?failures?", "non-responder imputation"),
        (r"points added", "delta"),
        (r"summary measure", "population-level summary"),
        (r"\btruth\b", "true value"),
        (r"\bledger\b", "calibration results"),
        (r"\bthe (?:published )?record\b", "published evidence"),
        (r"(?:classes of|mean) courses?\b", "latent trajectory class; mean trajectory"),
        (r"\bdearer\b|\bworth of\b", "more costly; willingness to pay"),
        (r"to bear in mind", "caution, limitations"),
        (r"\bfaults?\b", "error"),
        (r"hollow marks?", "open symbols"),
        (r"\bin points\.", "Units: points on the scale"),
        (r"\bmake (?:this|the) page again", "to reproduce this report"),
        (r"held out of", "validation targets"),
        (r"taken to be like", "assumed to follow"),
        (r"what may not be shown", "suppressed to protect confidentiality"),
        (r"nothing is compared", "uncontrolled study"),
        (r"normalised residuals?", "standardised residuals"),
    ),
)

ARCHAIC: Final = _rules(
    "archaic",
    (
        (r"\b(?:is|are|was|were) told\b|\btells?\b", "is reported; states"),
        (
            r"(?<!there )\b(?:is|are) no (?!longer|more|fewer|less|clear|evidence|lower|higher)",
            "is not a",
        ),
        (r"\bnor\b", "or; and not"),
        (r"\bbeside\b", "next to"),
        (r"\bbears? on\b", "is relevant to"),
        (r"\bmend(?:s|ed|ing)?\b", "correct"),
        (r"\bkin\b", "related methods"),
        (r"\bof which\b", "a second sentence"),
        (
            r"\b(?:one|two|once|twice|rows?|subjects?|participants?) an? "
            r"(?:subject|participant|person|arm|processor|visit|event|study)\b",
            "per participant, per arm",
        ),
        (r"\bwhat (?:went in|came of|stood)\b", "input files; the result"),
        (r"\b(?:never|none|was|were) seen\b", "observed, reported"),
        (r"\bthe greatest on top\b", "sorted by"),
        (r"\bas it was\b|\bgoes to the\b", "unchanged"),
        (r"\bstands? behind\b|\bstood\b", "is based on; was"),
        (r"\bis not said\b|\bsays nothing\b|\bis said\b", "is not reported"),
        (r"\bread off\b", "taken from"),
        (r"\blet pass\b", "accepted"),
        (r"\bhangs? on\b", "depends on"),
        (r"\bcomes? of\b", "come from"),
        (r"\b(?:cannot|can|could not) be had\b", "cannot be estimated"),
        (r"(?:interval|CIs?|limits?) holds?\b|\bholds? (?:zero|0|no effect)\b", "includes"),
        (r"\b(?:falling|rising) curves\b", "Kaplan-Meier curves, cumulative incidence"),
        (r"\banalys[ei]s leaves? out\b", "excluded"),
        (r"\b(?:assessments|events|visits|scores) in a row\b", "consecutive"),
        (r"\bare wanted\b", "are recommended"),
    ),
)

INTERVALS: Final = _rules(
    "interval without its level",
    (
        (r"\((?:[^()]*, )?CI(?:; [^()]*)?\)", "(95% CI), with the level of the report"),
        (r"\bSimultaneous CI\b|^CI$", "Simultaneous 95% CI"),
        (r"at the \d+(?:\.\d+)?% level\b.{0,3}not adjusted", "95% CIs, not adjusted for …"),
        (r"with confidence interval\b", "with 95% CI"),
    ),
)

NOTATION: Final = _rules(
    "notation",
    (
        (r"\d %", "a closed-up percent sign: 20%"),
        (r"\bper cent\b", "%"),
        (r"Monte-Carlo|\bMC error\b", "Monte Carlo error"),
        (r"\bp-[Vv]alues? of 0\b|\bp = 0\.000\b", "p < 0.001"),
        (r"(?<![\w.])(?<!and )-\d", "a true minus sign: −3.2"),
        (r"\bbase-line\b|\bbase line\b", "baseline"),
        (r"\b\w+iz(?:e|ed|es|ing|ation)\b(?<!size)(?<!sized)(?<!sizes)(?<!seize)", "-is-: British"),
    ),
)

RULES: Final = (*MISLEADING, *TERMS, *ARCHAIC, *INTERVALS, *NOTATION)
"""The whole table, what misleads first."""

_COMPILED: Final = tuple((rule, rule.expression) for rule in RULES)
_CODE: Final = re.compile(r"`[^`\n]*`")
_SENTENCE: Final = re.compile(r"(?<=[.!?:])\s+(?=[A-Z“(])|(?<=[.!?])\s+(?=`)")
"""Between two sentences; one that begins with code is a sentence, too."""
_ASIDE: Final = re.compile(r"\([^()]*\)")
_WORD: Final = re.compile(r"[^\W\d_][\w\u2019'-]*")
_SOURCE: Final = re.compile(r"\bdoi:|www\.|https?:|\bet al\b|\b\d+:[A-Z]?\d+[-\u2013]\d+\b")
"""What only a reference has: an address, or a volume with its pages."""
_ITEM: Final = re.compile(r";\s+")
_MANY: Final = 2
"""Items from which on words between semicolons are a list, each item read by itself."""
_SPELLED_NAME: Final = re.compile(r"(?<![\w./-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w./-])")


def violations(text: str, names: Collection[str] = ()) -> tuple[Violation, ...]:
    """What in a text does not follow the table.

    Parameters
    ----------
    text : str
        Lines of prose; each line is a paragraph, a cell or a caption of its own. What is between
        back-ticks is code and is not read.
    names : collection of str
        Names of the plan (of analyses, estimands, endpoints, phases, arms). A name that is quoted
        in prose is found; a name with an underscore is found even if it is not among these.

    Returns
    -------
    tuple of Violation
        In the order of the text. Empty for a text that follows the table.
    """
    return tuple(found for line in text.splitlines() for found in _of_line(line, names))


def _of_line(line: str, names: Collection[str]) -> Iterator[Violation]:
    read = _CODE.sub("`", line).strip()
    for sentence in _SENTENCE.split(read):
        yield from _of_words(sentence)
        yield from _of_names(sentence, names)
        yield from _of_length(sentence)


def _of_words(sentence: str) -> Iterator[Violation]:
    of_others = _SOURCE.search(sentence) is not None
    for rule, expression in _COMPILED:
        if of_others and rule in NOTATION:
            continue  # the title of a paper keeps its spelling
        for found in expression.finditer(sentence):
            yield Violation(rule.kind, found[0], rule.instead, sentence)


def _of_names(sentence: str, names: Collection[str]) -> Iterator[Violation]:
    quoted = (found[1] for found in re.finditer(r"[“\u2018'\"]([\w ]+)[”\u2019'\"]", sentence))
    spelled = (found[0] for found in _SPELLED_NAME.finditer(sentence))
    for name in (*(name for name in quoted if name in names), *spelled):
        yield Violation("name of the plan", name, "its label", sentence)


def _of_length(sentence: str) -> Iterator[Violation]:
    """A sentence too long; what is in brackets, mostly numbers and sources, does not count.

    Of a list between semicolons, as the numbers of a figure in words, the longest item counts.
    """
    items = _ITEM.split(_ASIDE.sub(" ", sentence))
    items = items if len(items) > _MANY else [" ".join(items)]
    words = max(len(_WORD.findall(item)) for item in items)
    if words > LONGEST_SENTENCE and not _SOURCE.search(sentence):
        yield Violation("long sentence", f"{words} words", "two sentences", sentence)
