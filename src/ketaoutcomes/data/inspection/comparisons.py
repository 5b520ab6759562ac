"""Of studies with several arms, the comparison that is pooled: one result a study."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from ketaoutcomes.data.inspection.questions import Asked, Choice, Question

NAMING: Final = (
    *("condition", "drug", "treatment", "intervention", "name", "multi", "dose", "dosage"),
)
"""What two columns are called that tell the arms of a comparison, without their endings."""
FIRST: Final = "first named"
LAST: Final = "last named"
MOST_NAMED: Final = 3

Pairs = Mapping[str, tuple[str, str]]
Arm = tuple[str, ...]
Studies = list[tuple[str, pd.DataFrame]]
"""Name -> rows of studies with several arms."""


@dataclass(frozen=True)
class Comparisons:
    """What chooses one comparison of each study, and the question that it answers.

    Attributes
    ----------
    prefer : dict of str to list of str, or str
        For the plan: column -> the values that are wanted; or a gap.
    question : Question or None
        None where each study has one comparison.
    """

    prefer: dict[str, list[str]] | str
    question: Question | None = None


def comparisons_of(rows: pd.DataFrame, study: str, pairs: Pairs, asked: Asked) -> Comparisons:
    """Choose among the comparisons of studies with several arms.

    The control is the arm that is never the active one of its study. Which of several active arms
    is compared with it is asked: the first or the last that the file names.

    Parameters
    ----------
    rows : DataFrame
        Text of the rows that belong to the outcome.
    study : str
        The column that names the study.
    pairs : mapping of str to pair of str
        Columns of the active arm and of the control by what they have in common.
    """
    told = [pair for stem, pair in pairs.items() if stem in NAMING]
    active, control = [a for a, _ in told], [c for _, c in told]
    several = [
        (str(name), here)
        for name, here in rows.groupby(study, sort=False)
        if len(_arms(here, active + control)) > 1
    ]
    if not told or not several:
        return Comparisons({})
    controls = {name: _controls(here, active, control) for name, here in several}
    chosen = {
        ending: {
            name: _rows_of(here, active, control, controls[name], place) for name, here in several
        }
        for ending, place in ((FIRST, 0), (LAST, -1))
    }
    question = asked.decide(
        "comparison",
        "Studies have several active arms. Which of them is compared with the control?",
        [Choice(ending, _in_words(found, several, active)) for ending, found in chosen.items()],
    )
    if question.is_open:
        return Comparisons(question.gap, question)
    return Comparisons(_preference(several, chosen[question.taken], [*control, *active]), question)


def _arms(rows: pd.DataFrame, columns: list[str]) -> list[Arm]:
    """The distinct combinations of values in columns, in the order of the file."""
    told = rows[columns].fillna("").astype(str)
    return list(dict.fromkeys(tuple(row) for row in told.itertuples(index=False)))


def _controls(rows: pd.DataFrame, active: list[str], control: list[str]) -> list[Arm]:
    """The arms of a study that are never compared as active; all of them if there is none."""
    compared = _arms(rows, active)
    controls = _arms(rows, control)
    return [arm for arm in controls if arm not in compared] or controls


def _rows_of(
    rows: pd.DataFrame, active: list[str], control: list[str], controls: list[Arm], place: int
) -> pd.DataFrame:
    """The rows of the first or the last active arm against a control."""
    against = [arm in controls for arm in _each(rows, control)]
    fitting = rows[against]
    wanted = _arms(fitting, active)[place]
    return fitting[[arm == wanted for arm in _each(fitting, active)]]


def _each(rows: pd.DataFrame, columns: list[str]) -> list[Arm]:
    told = rows[columns].fillna("").astype(str)
    return [tuple(row) for row in told.itertuples(index=False)]


def _in_words(found: Mapping[str, pd.DataFrame], several: Studies, active: list[str]) -> str:
    """The arm that is chosen in each study; studies are published, so that they may be named."""
    words = []
    for name, here in several[:MOST_NAMED]:
        telling = next(c for c in active if _differ(here[c]))
        words.append(f"{name}: {found[name][telling].fillna('').iloc[0]}")
    rest = len(several) - len(words)
    return ", ".join((*words, *((f"{rest} more",) if rest else ())))


def _preference(
    several: Studies, chosen: Mapping[str, pd.DataFrame], columns: list[str]
) -> dict[str, list[str]]:
    """Column -> the values of the chosen rows, until one row of each study is left."""
    prefer: dict[str, list[str]] = {}
    left = dict(several)
    for column in columns:
        wanted = [
            str(value)
            for name, here in left.items()
            if _differ(here[column])
            for value in chosen[name][column].dropna().unique()
        ]
        if wanted:
            prefer[column] = list(dict.fromkeys(wanted))
            left = {name: _preferred(here[column], here, wanted) for name, here in left.items()}
    return prefer


def _differ(values: pd.Series) -> bool:
    """Whether there are several values, an empty one among them."""
    return len(values.unique()) > 1


def _preferred(values: pd.Series, rows: pd.DataFrame, wanted: list[str]) -> pd.DataFrame:
    """The rows of the most wanted value that is there; all of them if none is."""
    best = next((value for value in wanted if (values == value).any()), None)
    return rows if best is None else rows[values == best]
