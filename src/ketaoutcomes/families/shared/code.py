"""How the parts of a script in R or SAS are written: variables, texts, levels, and the data.

A part of a script reads its rows from a dataset of `export`, fits, and says which results its
numbers are. The same part stands on the page.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from ketaoutcomes.cohort import DERIVED
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.covariates import MEANT_BY_THE_PLAN
from ketaoutcomes.report.labels import arms_of
from ketaoutcomes.report.material import Material
from ketaoutcomes.visible import LINES, visible

OWN_VARIABLES = {
    "subject": "USUBJID",
    "arm": "TRTP",
    "visit": "AVISIT",
    "day": "ADY",
    "baseline": "BASE",
    "score": "AVAL",
    "change": "CHG",
    "outcome": "RESP",
    "first": "BASERESP",
    "time": "AVAL",
    "event": "EVENT",
    "reason": "EVNTDESC",
    "entry": "ENTRY",
    "after": "ALO",
    "by": "AHI",
    "start": "START",
    "stop": "STOP",
    "number": "NUMBER",
    "period": "APERIODC",
    "order": "TRTSEQP",
    "previous": "TRTPREV",
    "mediator": "MEDIATOR",
    "mediator_baseline": "MEDBASE",
    "name": "NAME",
    "value": "VALUE",
    "cost": "COST",
    "effect": "EFFECT",
    DERIVED: "DTYPE",
}
"""Column of the derived data -> variable of the datasets, of ADaM where it has one."""

OTHER_VARIABLES = frozenset(
    {
        "ANALYSIS",
        "PARAM",
        "PARAMCD",
        "STUDYID",
        "EVNTICE",
        "SUBGROUP",
        "AVISITN",
        "TRTPN",
        "SLOT",
        "CNSR",
    }
)
LONGEST_NAME = 32
"""Of a variable in SAS."""


@cache
def variables_of(names: tuple[str, ...]) -> Mapping[str, str]:
    """A name that R and SAS take as it stands for each covariate; no two alike in small letters.

    Parameters
    ----------
    names : tuple of str
        Names of covariates, in an order that does not depend on the data.
    """
    taken = {*OWN_VARIABLES.values(), *OTHER_VARIABLES}
    named = {MEANT_BY_THE_PLAN: OWN_VARIABLES[MEANT_BY_THE_PLAN]}
    for name in names:
        if name in named:
            continue
        word = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").upper() or "COVARIATE"
        word = (word if word[0].isalpha() else f"V_{word}")[:LONGEST_NAME]
        found, k = word, 1
        while found in taken:
            k += 1
            found = f"{word[: LONGEST_NAME - 1 - len(str(k))]}_{k}"
        taken.add(found)
        named[name] = found
    return named


def plan_variables(plan: AnalysisPlan) -> Mapping[str, str]:
    """The variable of every covariate that an analysis of the plan names."""
    names = (name for analysis in plan.analyses.values() for name in analysis.covariate_names)
    return variables_of(tuple(dict.fromkeys(names)))


def r_text(text: str) -> str:
    """A text in R: quotes and backslashes escaped, and all that is not ASCII by its number.

    Acting characters are spelled out, as in the datasets that the script reads.
    """
    return '"' + "".join(map(_r_character, visible(text, LINES))) + '"'


def _r_character(character: str) -> str:
    if character in {'"', "\\"}:
        return "\\" + character
    number = ord(character)
    if 0x20 <= number < 0x7F:
        return character
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def r_texts(texts: Iterable[str]) -> str:
    """Texts as a vector of R."""
    return f"c({', '.join(map(r_text, texts))})"


def r_numbers(values: Iterable[float]) -> str:
    """Numbers as a vector of R."""
    return f"c({', '.join(f'{value:.10g}' for value in values)})"


def sas_text(text: str) -> str:
    """A text in SAS: in single quotes, in which no macro is resolved; a quote stands twice."""
    return "'" + visible(re.sub(r"[\r\n]+", " ", text)).replace("'", "''") + "'"


def comment(text: str) -> str:
    """A text that a comment can hold in R and SAS: one line, and no end of a comment.

    In SAS it stands between `/*` and `*/`: a quote alone would open a text in a `*` comment.
    """
    line = visible(re.sub(r"[\t\n\r\u2028\u2029]+", " ", text))
    return line.replace("*/", "* /").replace(";", ",")


def arms_in_order(material: Material, name: str) -> tuple[str, ...]:
    """The arms of the phase of an analysis, the reference of its estimand first."""
    reference = material.estimand(name).treatment.reference
    arms = arms_of(material.plan, material.plan.analysis_phase(name))
    return tuple(sorted(arms, key=lambda arm: arm != reference))


def visits_in_order(material: Material, name: str) -> tuple[str, ...]:
    """The visits after baseline of the phase of an analysis."""
    return tuple(material.plan.phases[material.plan.analysis_phase(name)].treatment_visits)


def r_data(material: Material, name: str, dataset: str, *, visits: bool = False) -> str:
    """Reads the rows of an analysis, arms with the reference first, visits in order of time."""
    arms = f"arms = {r_texts(arms_in_order(material, name))}"
    call = f"d <- analysis_data({r_text(dataset)}, {r_text(name)}, {arms}"
    if not visits:
        return f"{call})"
    return f"{call},\n                   visits = {r_texts(visits_in_order(material, name))})"


def sas_data(name: str, dataset: str, where: str = "") -> str:
    """Reads the rows of an analysis into `d`."""
    kept = f" and {where}" if where else ""
    return (
        f"data d;\n  set adam.{dataset.lower()};\n  where analysis = {sas_text(name)}{kept};\nrun;"
    )


def sas_factors(variables: Iterable[str]) -> str:
    """Covariates of a CLASS statement: those that hold texts, which SAS finds out when it runs."""
    named = " ".join(name for name in variables if name != BASELINE)
    return f" %factors({named})" if named else ""


BASELINE = "BASE"
"""The variable of the score at baseline, which is no factor."""


def sas_two_by_two(active: str, reference: str) -> str:
    """Two arms and a response as 1 and 2: row 1 the active arm, column 1 the response.

    PROC FREQ takes row 1 less row 2, in column 1 (SAS/STAT, Risks and Risk Differences).
    """
    return (
        "data two;\n  set d;\n"
        f"  where TRTP in ({sas_text(active)}, {sas_text(reference)});\n"
        f"  ARMN = 2 - (TRTP = {sas_text(active)});\n  RESPN = 2 - RESP;\nrun;"
    )


SAS_ORDER = "proc sort data=d;\n  by AVISITN TRTPN;\nrun;"
"""Levels come in the order of the plan, as `order=data` takes them."""


def as_variables(material: Material, names: Iterable[str]) -> tuple[str, ...]:
    """Covariates as variables of the datasets."""
    variables = plan_variables(material.plan)
    return tuple(variables[name] for name in names)
