"""REDCap's data dictionary, by which the codes of an export become words.

A dictionary is a CSV file with one row a field: `Variable / Field Name`, `Field Type`, `Field
Label`, and `Choices, Calculations, OR Slider Labels` as in `1, Female | 2, Male`. In an export the
field of a checkbox is a column for each choice, as `drug___2`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from ketaoutcomes.data.mapping import plain
from ketaoutcomes.data.readers.raw import RawTable, with_others
from ketaoutcomes.data.readers.refusals import refusal
from ketaoutcomes.remarks import Remark

NAMES: Final = ("Variable / Field Name", "field_name")
TYPES: Final = ("Field Type", "field_type")
TITLES: Final = ("Field Label", "field_label")
CHOICES: Final = (
    "Choices, Calculations, OR Slider Labels",
    "Choices OR Calculations",
    "select_choices_or_calculations",
)
"""The columns, as REDCap's page and its interface for programs name them."""
OF_CHOICES: Final = ("radio", "dropdown")
YES_OR_NO: Final = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}


@dataclass(frozen=True)
class Dictionary:
    """What a data dictionary says of its fields.

    Attributes
    ----------
    name : str
        Name of the file.
    titles : dict of str to str
        Column of an export -> the question that it answers.
    choices : dict of str to dict of str to str
        Column -> code -> the words of the choice.
    sha256s : tuple of (str, str)
    """

    name: str
    titles: dict[str, str]
    choices: dict[str, dict[str, str]]
    sha256s: tuple[tuple[str, str], ...] = ()


def is_dictionary(raw: RawTable) -> bool:
    """Whether a table is a data dictionary, by the names of its columns."""
    return _found(raw, NAMES) is not None and _found(raw, CHOICES) is not None


def dictionary_of(raw: RawTable) -> Dictionary:
    """The dictionary that a table is.

    Raises
    ------
    DataError
        If it is none.
    """
    if not is_dictionary(raw):
        raise refusal(
            raw.name,
            f"a data dictionary of REDCap, with the columns `{NAMES[0]}` and `{CHOICES[0]}`",
            "a table without them",
            "download the data dictionary of the project, or take `dictionary` out of the plan",
        )
    titles: dict[str, str] = {}
    choices: dict[str, dict[str, str]] = {}
    for name, kind, title, told in zip(
        *(_texts(raw, names) for names in (NAMES, TYPES, TITLES, CHOICES)), strict=True
    ):
        titles[name] = title
        if kind in YES_OR_NO:
            choices[name] = YES_OR_NO[kind]
        elif kind in OF_CHOICES:
            choices[name] = dict(_choices(told))
        elif kind == "checkbox":
            titles |= {f"{name}___{code}": f"{title}: {words}" for code, words in _choices(told)}
    return Dictionary(raw.name, titles, choices, raw.sha256s)


def _found(raw: RawTable, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in raw.frame.columns), None)


def _texts(raw: RawTable, names: tuple[str, ...]) -> list[str]:
    column = _found(raw, names)
    if column is None:
        return [""] * len(raw.frame)
    return raw.frame[column].fillna("").tolist()


def _choices(told: str) -> list[tuple[str, str]]:
    """Code and words of each choice: `1, Female | 2, Male`."""
    pairs = (choice.partition(",") for choice in told.split("|"))
    return [(code.strip(), words.strip()) for code, comma, words in pairs if comma]


def in_words(
    raw: RawTable, dictionary: Dictionary, *, codes: bool
) -> tuple[RawTable, tuple[Remark, ...]]:
    """An export with the words of the choices, and the questions as titles of its columns.

    Parameters
    ----------
    raw : RawTable
    dictionary : Dictionary
    codes : bool
        Whether the codes stay as they are.

    Returns
    -------
    tuple of RawTable and remarks
        A column keeps its codes where a code has no words; a remark names such columns.
    """
    here = {str(c) for c in raw.frame.columns}
    titles = {name: title for name, title in dictionary.titles.items() if name in here and title}
    sha256s = (*raw.sha256s, *dictionary.sha256s)
    raw = replace(raw, titles=titles | raw.titles, sha256s=sha256s)
    if codes:
        return raw, ()
    changed: dict[str, pd.Series] = {}
    odd: list[str] = []
    for name, words in dictionary.choices.items():
        if name not in here:
            continue
        known = {plain(code): word for code, word in words.items()}
        found = raw.frame[name].dropna().unique()
        if all(plain(code) in known for code in found):
            changed[name] = with_others(raw.frame[name], {c: known[plain(c)] for c in found})
        elif not set(found) <= set(words.values()):
            odd.append(name)
    table = replace(raw, frame=raw.frame.assign(**changed), worded=raw.worded | set(changed))
    return table, tuple(_remarks(raw.name, dictionary.name, changed, odd))


def _remarks(
    file: str, dictionary: str, changed: Mapping[str, pd.Series], odd: list[str]
) -> list[Remark]:
    told = []
    if changed:
        named = ", ".join(f"`{name}`" for name in changed)
        told.append(Remark(f"The codes of {named} are read as the words of {dictionary}", file))
    if odd:
        named = ", ".join(f"`{name}`" for name in odd)
        told.append(
            Remark(
                f"Some codes of {named} have no words in {dictionary}; the codes stay",
                file,
                "Compare the dictionary with the export",
            )
        )
    return told
