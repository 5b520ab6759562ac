"""Which rating scale a column seems to hold."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.two_values import two_codes
from ketaoutcomes.scales import SCALES

PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    ("MADRS", r"madrs(?![-_ .]?s(?![a-z]))"),
    ("HAMD17", r"ham[-_ .]?d?.*17|hamd(?!.*(21|24|6|bech))|hdrs(17)?$|hdrs17"),
    ("BDI-II", r"bdi|beck"),
    ("PHQ-9", r"phq(?![-_ .]?(?:2|4|8|15)(?!\d))"),
    ("QIDS-SR16", r"qids"),
)
VERSIONS: Final = {
    "HAMD17": (
        r"17",
        "with 21, 24 or 6 items the range, remission (7 or less) and grades of severity are others",
    ),
    "BDI-II": (r"ii|2", "the first BDI has other grades of severity than its 21 items of 1996"),
}
"""Scale -> what in a name says that it is this version, and what another one would change."""
INSTRUMENT: Final = re.compile(
    r"(?<![a-z])(?:ymrs|panss|bprs|cgi|ham[-_ .]?a|hama|gaf|sds|caps|pcl|ies|dass|gad|hads|madrs"
    r"|bdi|ham[-_ .]?d|hamd|phq|qids|ids|y.?bocs|ybocs|cdrs|sans|saps|mmse|moca|adas|updrs|nihss"
    r"|psqi|isi|ess|who.?5|eq.?5d|sf.?(?:12|36)|bsl|stai|audit|rosenberg|das.?28|womac|odi)"
    r"(?![a-z]{3})",
    re.IGNORECASE,
)
"""Names of instruments whose scores are outcomes, next to those of the package."""
CHANGE: Final = " change"
"""What stands behind the name of a score with values below 0."""
SUCCESSES: Final = frozenset(
    ("remission", "remitted", "remit", "response", "responder", "normal", "success", "recovered")
)


@dataclass(frozen=True)
class ScaleGuess:
    """A scale, known or to be completed.

    Attributes
    ----------
    name : str
    definition : dict or None
        What the plan must say of a scale that the package does not know.
    change : bool
        Whether the scores seem to be changes from baseline.
    success : bool
        Whether a 1 seems to be the good outcome.
    """

    name: str
    definition: dict[str, Any] | None = None
    change: bool = False
    success: bool = False

    @property
    def binary(self) -> bool:
        """Whether the score is one of two values."""
        return self.definition is not None and self.definition["high"] == 1

    def better(self, direction: str) -> "ScaleGuess":
        """The scale with the direction that was decided, or a gap for it."""
        if self.definition is None:
            return self
        return replace(self, definition=self.definition | {"better": direction})


def guess_scale(columns: list[Column], title: str) -> ScaleGuess:
    """The scale of one column, or of the columns of several visits, by name and range."""
    name = title.strip("._- ") or columns[0].name
    alone = len(columns) == 1 and two_codes(columns[0])
    if alone or all(column.binary or not column.numeric for column in columns):
        success = bool(SUCCESSES & {word for column in columns for word in column.words})
        found = ScaleGuess(name, _definition(name, 0, 1), success=success)
        return found.better("higher") if success else found
    change = any(column.negative for column in columns)
    for scale, pattern in PATTERNS:
        if re.search(pattern, name, re.IGNORECASE) and not change and _fits(columns, scale):
            return ScaleGuess(scale)
    bound = max(column.largest for column in columns)
    shown = f"{name}{CHANGE}" if change else name
    low = -bound if change else 0
    return ScaleGuess(shown, _definition(shown, low, bound), change=change)


def version_taken(scale: ScaleGuess, column: str) -> tuple[str, ...]:
    """That one of several versions of a scale was taken, where the name does not say which."""
    told = VERSIONS.get(scale.name)
    if scale.definition is not None or told is None or re.search(told[0], column, re.IGNORECASE):
        return ()
    return (
        f"`{column}` is taken for {scale.name}, which its name does not say: {told[1]}. No result "
        "of the score itself changes",
    )


def known_scale(name: str) -> bool:
    """Whether a name is that of a scale that the package knows."""
    return any(re.search(pattern, name, re.IGNORECASE) for _, pattern in PATTERNS)


def is_called_after(name: str, scale: str) -> bool:
    """Whether a name is that of one scale of the package."""
    return any(scale == one and re.search(p, name, re.IGNORECASE) for one, p in PATTERNS)


def _fits(columns: list[Column], scale: str) -> bool:
    """Whether no score lies outside the scale."""
    low, high = SCALES[scale].low, SCALES[scale].high
    return all(column.number.dropna().between(low, high).all() for column in columns)


def _definition(label: str, low: int, high: int) -> dict[str, Any]:
    return {
        "label": label,
        "low": low,
        "high": high,
        "better": "lower",
        "source": "to be completed: where the scale was published",
    }
