"""The eighteen classes of Safe Harbor, and the words for a column that holds one."""

from dataclasses import dataclass
from typing import Final

REGULATION: Final = "45 CFR 164.514(b)(2)(i)"

CLASSES: Final[dict[str, str]] = {
    "names": "A",
    "geography below the state": "B",
    "dates finer than a year": "C",
    "ages over 89": "C",
    "telephone numbers": "D",
    "fax numbers": "E",
    "e-mail addresses": "F",
    "social security numbers": "G",
    "medical record numbers": "H",
    "health plan numbers": "I",
    "account numbers": "J",
    "certificate or licence numbers": "K",
    "vehicle identifiers": "L",
    "device identifiers": "M",
    "web addresses": "N",
    "internet protocol addresses": "O",
    "biometric identifiers": "P",
    "photographs": "Q",
    "other unique codes": "R",
    "free text": "",
}
"""Class -> its letter in the regulation; free text is no class, but may hold any of them."""


@dataclass(frozen=True, order=True)
class Finding:
    """A column that seems to hold an identifier; never a value of it.

    Attributes
    ----------
    file, column : str
        Where.
    kind : str
        A key of `CLASSES`.
    rows : int
        How many rows hold one.
    """

    file: str
    column: str
    kind: str
    rows: int

    @property
    def law(self) -> str:
        """Where the regulation names the class; empty of free text."""
        letter = CLASSES[self.kind]
        return f"{REGULATION}({letter})" if letter else ""


def words(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())
