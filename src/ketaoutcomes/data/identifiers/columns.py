"""Columns whose values together look like an identifier, though no single one of them does.

A full name that is on no list, a pair of initials or a number of days is one word or number among
others. What tells is the whole column: nearly every participant has one, and nearly all differ.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

import pandas as pd

from ketaoutcomes.data.identifiers.classes import words
from ketaoutcomes.data.identifiers.names import without_marks, words_of

MOSTLY: Final = 0.9
FEW: Final = 10
"""So many different values may be anything."""
ENOUGH_PEOPLE: Final = 20
"""In fewer participants a distribution of ages cannot be told from another."""
OLDEST: Final = 89
OLDEST_EVER: Final = 112
YOUNGEST: Final = 12
VERY_OLD: Final = 0.1
"""At most this share of the participants of a study is over 89."""

_WORD: Final = r"[^\W\d_](?:[^\W\d_]|['\u2019.-])*"
_NAME: Final = re.compile(rf"{_WORD}(?:(?:,? | ?[,;|/] ?){_WORD}){{1,3}}")
_PARTICLES: Final = words("van von de der den di da del della la le el al bin ibn ben dos zu y e")
_IN_ONE_WORD: Final = re.compile(r"[\u4e00-\u9fff]{2,4}|[\uac00-\ud7a3]{2,4}")
"""A full name in Chinese characters or in Hangul, which is written without a blank."""
_JOINED: Final = re.compile(
    r"[^\W\d_]+(?:[._][^\W\d_]{2,})?[._][^\W\d_]{3,}|[^\W\d_]{3,}[._][^\W\d_]{2,}"
)
"""Two or three words, or an initial and a surname, joined as in an address."""
_ONE_WORD: Final = re.compile(r"[^\W\d_]{3,}(?:['\u2019-][^\W\d_]{2,})*[ ,_]*(?:[A-Z]\.?)?")
"""One name alone, or with the initial of another."""
_VOWEL: Final = re.compile(r"[aeiouy]|[^\x00-\x7f]", re.IGNORECASE)
"""A vowel, or a letter of which it cannot be said."""
_BORN: Final = re.compile(
    r"(?:[A-Z]{0,3}\d{1,4}[-_/ ])?([A-Z]{2,3})[-_/ ]?((?:19|20)\d\d)(?:[-_/ ]?\d{1,4})?"
)
"""Initials with a year of birth, after the number of a site and before one of the participant."""
_YEARS: Final = 8
"""So many different years are of births; a study lasts for fewer."""
_NUMBERED: Final = re.compile(r"[ ._#-]?\d{1,4}\Z")
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.? ?-?){2,3}(?:[-_ /]?(?:19|20)\d\d)?")
"""Two or three letters, often with the year of birth."""
_FILE: Final = re.compile(r"(?:.*[\\/])?([^\\/]+?)(?:\.[A-Za-z]\w{1,4}){1,2}")
"""The name of a file, with its folder and its ending."""
_WHOLE: Final = re.compile(r"\d{1,15}(?:\.0*)?")

NOT_AN_AGE: Final = words(
    "weight wt kg lb lbs bmi height ht cm pulse heart hr rate bp sbp dbp sys sysbp dia diabp blood "
    "pressure score scores total sum percent pct share dose mg amount cost costs count number no n "
    "id code site centre center time day days week weeks month months date duration visit value "
    "change base baseline iq temp temperature waist hip lab test level gaf sofas cgas kps "
    "karnofsky pack psp vas qol bprs panss whoqol index scale subscale rating raw"
)
"""Words in the name of a column that say that its numbers are no ages."""
NOT_A_DATE: Final = words(
    "id code site centre center cost costs amount price dose count counts number no kit batch lot "
    "conc concentration auc cmax level result income salary wage steps cells platelets plt wbc"
)

_SERIALS: Final = (
    (14_610, 28_855),  # days since 1960, SAS: 2000 to 2038
    (36_526, 50_770),  # days since 1899-12-30, Excel: 2000 to 2038
    (2_451_545, 2_465_425),  # Julian days: 2000 to 2038
    (946_684_800, 2_461_449_600),  # seconds since 1960 (SAS) or 1970, from 1990 and 2000 on
    (12_622_780_800, 14_831_769_600),  # seconds since 1582-10-14, SPSS: 1982 to 2052
    (946_684_800_000, 2_461_449_600_000),  # milliseconds since 1960 (Stata) or 1970
)
"""Between which numbers days and seconds of a study lie, by the origin of each program."""
_LONGEST_STUDY: Final = 20 * 366
_SECONDS: Final = 86_400
_AS_SECONDS: Final = 10**8
_AS_MILLISECONDS: Final = 10**11


def are_names(values: Iterable[str]) -> bool:
    """Whether nearly all of these different texts are written like a full name.

    Two to four words of letters alone, each with a capital or a particle such as "van": "Ivor
    Quuxman", "Quuxman, Ivor", "IVOR QUUXMAN"; or joined as in an address, "ivor.quuxman", and with
    a number that tells two of one name apart, "Ivor_Quuxman2".
    """
    texts = {_NUMBERED.sub("", without_marks(text)) for text in values}
    return any(_mostly(is_one, texts) for is_one in (_is_like_a_name, _is_in_small_letters))


def _mostly(is_one: Callable[[str], bool], texts: Collection[str]) -> bool:
    """Whether there are many different texts, and nearly all of them are like this."""
    return len(texts) > FEW and sum(map(is_one, texts)) >= MOSTLY * len(texts)


def are_single_names(values: Collection[str]) -> bool:
    """Whether these different texts are surnames or given names alone: "Quuxman" or "QUUXMAN I.".

    A code of letters drawn by chance often has no vowel.
    """
    return _mostly(lambda text: bool(_ONE_WORD.fullmatch(text) and _VOWEL.search(text)), values)


def are_initials_with_births(values: Iterable[str]) -> bool:
    """Whether codes are made of initials and the year of birth: 02-IQ-1956."""
    found = [_BORN.fullmatch(text) for text in set(values)]
    known = [one for one in found if one is not None]
    return (
        len(known) > FEW
        and len(known) >= MOSTLY * len(found)
        and len({one[2] for one in known}) >= _YEARS
    )


def _is_in_small_letters(text: str) -> bool:
    return text == text.lower() and _NAME.fullmatch(text) is not None


def _is_like_a_name(text: str) -> bool:
    if _IN_ONE_WORD.fullmatch(text) or _JOINED.fullmatch(text):
        return True
    if _NAME.fullmatch(text) is None:
        return False
    parts = re.split(r"[,;|/ ]+", text)
    # Arabic, Hebrew and Chinese have neither capitals nor small letters
    return all(not part[0].islower() or part in _PARTICLES for part in parts)


def are_initials(values: Iterable[str]) -> bool:
    """Whether nearly all of these different texts are two or three capitals, or with a year."""
    return _mostly(
        lambda text: bool(_INITIALS.fullmatch(text)) and text == text.upper() != text.lower(),
        list(values),
    )


def are_files_of_names(values: Iterable[str]) -> bool:
    """Whether these different texts are files that are called after people: Quuxman_Ivor.nii.gz."""
    found = [_FILE.fullmatch(text) for text in values]
    if not found or None in found:
        return False
    stems = (re.split(r"[\W\d_]+", one[1]) for one in found if one is not None)
    return are_names({" ".join(word for word in stem if word.istitle()) for stem in stems})


def belong_to_people(values: pd.Series, subjects: pd.Series, share: float) -> bool:
    """Whether each participant has one value, and different ones have different values.

    Parameters
    ----------
    share : float
        How many different values there are at least for each participant.
    """
    known = values.dropna()
    owners = subjects.loc[known.index]
    people = owners.nunique()
    one_each = known.groupby(owners).nunique().eq(1).mean()
    return bool(people and one_each > MOSTLY and known.nunique() >= share * people)


def are_day_numbers(column: str, values: Iterable[str]) -> bool:
    """Whether whole numbers are days or seconds since the origin of SAS, SPSS, Excel or Unix.

    All lie in the years since 2000, within the time of one study, and they do not count on like
    numbers of rows do; years with the day of the year, 2021123, are found too.
    """
    texts = list(values)
    if len(texts) <= FEW or NOT_A_DATE & set(words_of(column)):
        return False
    numbers = _whole_numbers(texts)
    if numbers is None:
        return False
    return _within_a_study(numbers) or all(map(_is_year_and_day, numbers))


def _whole_numbers(texts: list[str]) -> list[int] | None:
    """The numbers, if all are whole."""
    if not all(_WHOLE.fullmatch(text) for text in texts):
        return None
    return sorted(int(float(text)) for text in texts)


def _within_a_study(numbers: list[int]) -> bool:
    span = numbers[-1] - numbers[0]
    longest = _LONGEST_STUDY * (_SECONDS if numbers[0] > _AS_SECONDS else 1)
    longest *= 1000 if numbers[0] > _AS_MILLISECONDS else 1
    counts_on = span < 2 * len(numbers)
    inside = any(low <= numbers[0] and numbers[-1] <= high for low, high in _SERIALS)
    return inside and span <= longest and not counts_on


def _is_year_and_day(number: int) -> bool:
    year, day = divmod(number, 1000)
    return 1990 <= year <= 2039 and 1 <= day <= 366  # noqa: PLR2004 - years of a study, days of a year


def ages_over_the_oldest(column: str, counts: Mapping[str, int], people: int) -> int:
    """How many rows hold an age over 89, where a column's values are spread like ages.

    Whole numbers of adults or adolescents, few of them over 89 and none beyond a life; the name of
    the column does not say that they are something else.
    """
    if people < ENOUGH_PEOPLE or NOT_AN_AGE & set(words_of(column)):
        return 0
    numbers = _whole_numbers(list(counts))
    if numbers is None or len(numbers) <= FEW:
        return 0
    if numbers[0] < YOUNGEST or not OLDEST < numbers[-1] <= OLDEST_EVER:
        return 0
    old = sum(n for text, n in counts.items() if int(float(text)) > OLDEST)
    return old if old <= VERY_OLD * sum(counts.values()) else 0
