"""Names that a plan may use, made of labels and columns."""

import re
from collections.abc import Iterable
from typing import Final

from ketaoutcomes.plan.covariates import OWN_COLUMNS

REFERENCE: Final = re.compile(
    r"placebo|(?<!un)control(?!l?ed)"
    r"|\bct(?:r)?l\b|\bpbo\b|tau\b|usual|standard|sham|wait|no[ _-]?treatment|untreated"
    r"|vehicle|conventional|only|saline"
    r"|est[aá]ndar|standaard|habitu|espera|attesa|sin tratamiento|\bno[ _-]?(?:drug|med)"
    r"|kontroll|plazebo|scheinmedik|warteliste|temoin|témoin",
    re.IGNORECASE,
)
ACTIVE_PLACEBO: Final = re.compile(r"midazolam|diphenhydramin|niacin|low[- ]?dose", re.IGNORECASE)
PSYCHEDELIC: Final = re.compile(r"ketamin|k[eé]tamin|psilo|lsd|mdma|dmt", re.IGNORECASE)
"""Next to these a sedative or a vitamin stands for the placebo; else it is a treatment."""
LONGEST: Final = 40


def name_of(text: str, prefix: str) -> str:
    """A name of letters, digits and underscores."""
    told = re.sub(r"^-(?=\d)", "minus ", text.casefold())
    plain = re.sub(r"[^a-z0-9]+", "_", told).strip("_")
    named = plain if plain[:1].isalpha() else f"{prefix}_{plain or 'x'}"
    return named[:LONGEST].rstrip("_")


def names_of(labels: Iterable[str], prefix: str) -> dict[str, str]:
    """Label -> name, each name once and none that is taken."""
    named: dict[str, str] = {}
    for label in labels:
        first = name_of(label, prefix)
        taken = {*named.values(), *OWN_COLUMNS}
        choices = (first, *(f"{first[: LONGEST - 4]}_{k}" for k in range(2, 100)))
        named[label] = next(choice for choice in choices if choice not in taken)
    return named


def references_in(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels that name a control: placebo, usual care, a waiting list and the like."""
    told = tuple(labels)
    plain = tuple(label for label in told if REFERENCE.search(label))
    if plain or not any(PSYCHEDELIC.search(label) for label in told):
        return plain
    stands = (label for label in told if ACTIVE_PLACEBO.search(label))
    return tuple(label for label in stands if not PSYCHEDELIC.search(label))
