"""What a plan may call a covariate: anything, since it is a name of the data.

The analysis data have columns of their own, as `visit` and `order`. A covariate of such a name is
known as `order (covariate)` from the moment that the plan is read.
"""

from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

APART: Final = " (covariate)"
MEANT_BY_THE_PLAN: Final = "baseline"
"""What a plan calls the score at the first visit of the phase; no covariate may be named so."""

OWN_COLUMNS: Final = frozenset(
    {
        *("subject", "phase", "arm", "visit", "day", "scale", "score", "value", "baseline"),
        *("change", "outcome", "time", "event", "occurred", "censored", "reason", "row", "name"),
        *("soc", "term", "serious", "related", "dose", "unit", "route", "item"),
        *("amount", "currency", "origin", "last_day", "entry", "start", "stop", "number"),
        *("after", "by", "before", "began", "order", "period", "previous", "subgroup", "piece"),
        *("mediator", "mediator_baseline", "index", "level_0", "self", "parameter", "time_unit"),
        *("treatment_day", "treatment_reason", "derived", "fatal", "died"),
    }
)
"""What the program calls columns of its own, and the words that it must not take for them."""


def covariate_name(name: str) -> str:
    """The name that a covariate has throughout the program.

    A colon before a space parts a covariate from its level in the results, so a name's own stands
    before a space that does not break.
    """
    plain = name.replace(": ", ":\u00a0")
    own = plain in OWN_COLUMNS and plain != MEANT_BY_THE_PLAN
    return plain + APART if own else plain


def names_too_alike(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of covariates that results, which do without capitals and spaces, would confuse."""
    known: dict[str, str] = {}
    pairs = []
    for name in names:
        word = "_".join(covariate_name(name).lower().split()).replace("/", "-")
        if word in known:
            pairs.append((known[word], name))
        known.setdefault(word, name)
    return pairs


CovariateName = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
    ),
    AfterValidator(covariate_name),
]
"""Any text on one line."""
