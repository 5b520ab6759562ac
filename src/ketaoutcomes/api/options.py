"""What a user calls an option becomes the project's word for it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from ketaoutcomes.errors import ModelError
from ketaoutcomes.spelling import folded, slip_of
from ketaoutcomes.vocabulary import (
    COEFFICIENT_COVARIANCE_NAMES,
    COVARIANCE_LABELS,
    COVARIANCE_NAMES,
    DF_LABELS,
    DF_NAMES,
    METHOD_NAMES,
    NO_COVARIANCE,
    NO_DF,
    NO_WEIGHTING,
    WEIGHTING_NAMES,
    CoefficientCovariance,
    LsMeanWeighting,
)

COVARIANCES: Final[dict[str, tuple[str, ...]]] = {
    **COVARIANCE_NAMES,
    "adh": (*COVARIANCE_NAMES["adh"], "ante(1)"),
}
"""Each structure with what SAS and others call it; its label is known, too."""
DF_METHODS: Final = DF_NAMES
METHODS: Final = METHOD_NAMES
COEFFICIENT_COVARIANCES: Final = COEFFICIENT_COVARIANCE_NAMES
WEIGHTINGS: Final = WEIGHTING_NAMES
ADJUSTMENTS: Final[dict[str, tuple[str, ...]]] = {
    "none": (),
    "bonferroni": (),
    "holm": (),
    "hochberg": (),
    "max-t": ("mvt", "dunnett", "tukey"),
}
RESIDUALS: Final[dict[str, tuple[str, ...]]] = {
    "raw": ("response",),
    "pearson": (),
    "normalised": ("scaled",),
}
CODINGS: Final[dict[str, tuple[str, ...]]] = {"treatment": (), "sum": ()}
ON_FAILURE: Final[dict[str, tuple[str, ...]]] = {"raise": (), "return": ()}
LABELS: Final[Mapping[str, str]] = {
    str(name): label for name, label in (*COVARIANCE_LABELS.items(), *DF_LABELS.items())
}

ELSEWHERE: Final[Mapping[str, Mapping[str, str]]] = {
    "covariance": NO_COVARIANCE,
    "df": NO_DF,
    "weights": NO_WEIGHTING,
}
"""Argument -> names of other things that people ask for -> what to do."""

assert set(COEFFICIENT_COVARIANCES) == set(get_args(CoefficientCovariance))
assert set(WEIGHTINGS) == set(get_args(LsMeanWeighting))


def chosen(argument: str, value: Any, choices: Mapping[str, tuple[str, ...]]) -> str:
    """The choice that a value names, whatever its capitals and signs.

    Raises
    ------
    ModelError
        If it names none.
    """
    known = {folded(name): choice for choice, names in choices.items() for name in names}
    known |= {folded(LABELS[choice]): choice for choice in choices if choice in LABELS}
    known |= {folded(choice): choice for choice in choices}
    found = known.get(folded(value)) if isinstance(value, str) else None
    if found is None:
        raise ModelError(f"{argument}={value!r} is not known; {_instead(argument, value, choices)}")
    return found


def _instead(argument: str, value: Any, choices: Mapping[str, tuple[str, ...]]) -> str:
    """What to write: a slip of the hand is guessed, another method never is."""
    elsewhere = {folded(name): words for name, words in ELSEWHERE.get(argument, {}).items()}
    if words := elsewhere.get(folded(str(value))):
        return words
    near = slip_of(str(value), choices)
    listed = ", ".join(repr(choice) for choice in choices)
    return f"did you mean `{near}`?" if near else f"choose one of {listed}"


def several(value: str | Sequence[str]) -> tuple[str, ...]:
    """A name or a list of names as names."""
    return (value,) if isinstance(value, str) else tuple(value)


def level_of(argument: str, value: float) -> float:
    """A confidence level.

    Raises
    ------
    ModelError
        If it is not between 0 and 1.
    """
    if not 0 < value < 1:
        raise ModelError(f"{argument}={value!r} must lie between 0 and 1, as 0.95 does")
    return float(value)
