"""When two spellings are one name, when they are likely to be, and when they are two names.

A plan and a dataset write "hospitalisation" and "Hospitalization" of one thing, and "hypotension"
and "hypertension" of two: letters alone do not tell. What is surely one name is a fault of the
plan; what may be is named in a question.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

SHORTEST_SLIP: Final = 6
"""In shorter words one letter makes another word: mania and manic, rash and rush."""
SHORTEST_STEM: Final = 3
"""An abbreviation keeps so many letters: med for medication."""
CLOSE: Final = 0.85
"""The share of letters that two long words have in common which are one."""
LIKELY: Final = 0.75
"""The share of letters in common from which a name is worth a question."""
JOINING: Final = frozenset({"a", "an", "and", "by", "for", "from", "in", "of", "the", "to", "with"})
SPELT_TWO_WAYS: Final = (
    (re.compile(r"is(e|ed|es|ing|ation|ations)\b"), r"iz\1"),
    (re.compile(r"[ao]e"), "e"),
    (re.compile(r"our\b"), "or"),
    (re.compile(r"ll"), "l"),
)
"""British and American spelling, of which the second is taken."""


def folded(name: str) -> str:
    """The name without what a reader would not see as a difference.

    Capitals, accents, spaces, hyphens, other signs, plurals, British or American spelling.
    """
    return "".join(_words(name))


def same_name(one: str, other: str) -> bool:
    """Whether two names are surely one, written in two ways.

    Their letters and digits are the same, or the same words stand in another order, or one letter
    of a long word differs, or a word of several is cut short.

    Examples
    --------
    >>> same_name("rescue medication", "Rescue med")
    True
    >>> same_name("relapse", "relapse judged by the investigator")
    False
    >>> same_name("hypotension", "hypertension")
    False
    """
    mine, theirs = _words(one), _words(other)
    if "".join(mine) == "".join(theirs):
        return bool(mine)
    if _plain(mine) == _plain(theirs) and _plain(mine):
        return True
    if _numbers(one, other):
        return False
    return _slipped(mine, theirs) or _abbreviated(mine, theirs)


def near_name(name: str, choices: Iterable[str]) -> str:
    """The choice that is surely the same name; the closest of several, or nothing."""
    near = sorted(choice for choice in choices if choice != name and same_name(name, choice))
    alike = [choice for choice in near if folded(choice) == folded(name)]
    return next(iter(alike or near), "")


def likely_name(name: str, choices: Iterable[str]) -> str:
    """The choice that may be meant, surely or not; else nothing."""
    known = sorted(choice for choice in choices if choice != name)
    if near := near_name(name, known):
        return near
    by_letters = {folded(choice): choice for choice in reversed(known)}
    close = get_close_matches(folded(name), list(by_letters), n=3, cutoff=LIKELY)
    return next((by_letters[c] for c in close if not _opposed(name, by_letters[c])), "")


def _words(name: str) -> list[str]:
    """The words in small letters without accents, as American spelling has them."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    text = "".join(c for c in bare if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", text)
    return [_singular(_american(word)) for word in words]


def _american(word: str) -> str:
    for pattern, spelling in SPELT_TWO_WAYS:
        word = pattern.sub(spelling, word)
    return word


def _singular(word: str) -> str:
    plural = len(word) > SHORTEST_STEM and word.endswith("s") and not word.endswith(("ss", "is"))
    return word[:-1] if plural else word


def _plain(words: list[str]) -> list[str]:
    """The words that carry the meaning, in no order."""
    return sorted(word for word in words if word not in JOINING)


def _numbers(one: str, other: str) -> bool:
    """Whether the two differ in a number or a single letter, as stages and grades do."""
    return _signs(one) != _signs(other)


def _opposed(one: str, other: str) -> bool:
    """Whether two names that share their letters are two things all the same."""
    low, high = sorted((folded(one), folded(other)), reverse=True)
    return _numbers(one, other) or ("hypo" in low and "hyper" in high)


def _signs(name: str) -> list[str]:
    return [word for word in _words(name) if len(word) == 1 or not word.isalpha()]


def _slipped(mine: list[str], theirs: list[str]) -> bool:
    """Whether one letter of one word differs."""
    if len(mine) != len(theirs):
        return False
    pairs = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
    return len(pairs) == 1 and _one_slip(*pairs[0])


def _one_slip(one: str, other: str) -> bool:
    """Whether a letter was left out, added, changed or swapped with its neighbour."""
    if min(len(one), len(other)) < SHORTEST_SLIP or abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return True
    short, long = sorted((one[start:], other[start:]), key=len)
    if len(short) < len(long):
        return short == long[1:]
    return short[1:] == long[1:] or (short[1::-1] == long[:2] and short[2:] == long[2:])


def _abbreviated(mine: list[str], theirs: list[str]) -> bool:
    """Whether a word of several is cut short, the others being the same."""
    if len(mine) != len(theirs) or mine[0] == "".join(mine):
        return False
    pairs = list(zip(mine, theirs, strict=True))
    cut = [sorted(pair, key=len) for pair in pairs if pair[0] != pair[1]]
    whole = len(pairs) - len(cut)
    return whole > 0 and all(len(s) >= SHORTEST_STEM and w.startswith(s) for s, w in cut)


def bare(name: str) -> str:
    """The letters and digits of a name in small letters; nothing else tells closed values apart."""
    return re.sub(r"[\W_]+", "", name.casefold())


FILLING: Final = frozenset(
    {
        *("proc", "procedure", "method", "test", "testing", "model", "models", "regression"),
        *("analysis", "analyses", "strategy", "estimand", "approach", "structure", "correlation"),
        *("covariance", "imputation", "distribution", "matrix", "correction", "curve"),
    }
)
"""Words of a name of a method that say only that it is one."""


def without_filling(name: str) -> str:
    """The letters and digits of a name without words such as "test", "model" or "PROC".

    What R's formulas put in brackets after a bar, as in `us(visit | subject)`, goes as well; ""
    where nothing is left.

    Examples
    --------
    >>> without_filling("Cox regression"), without_filling("PROC PHREG")
    ('cox', 'phreg')
    """
    formula = re.sub(r"\([^()]*\|[^()]*\)", "", name.casefold())
    words = re.findall(r"[^\W_]+", formula)
    return "".join(word for word in words if word not in FILLING)


def slip_of(name: str, choices: Iterable[str]) -> str:
    """The one choice of a closed list that differs by a slip of the hand; else nothing.

    Word by word, at most one letter differs, or a long word shares nearly all its letters, or only
    doubled letters are written once, or the reverse (`dunet`). Words are never exchanged, so that
    `odds ratio` is no slip of `hazard ratio`, nor a digit, so that `toep2` is none of `toep`.
    """
    mine = _parted(name)
    near = [choice for choice in choices if _slipped_words(mine, _parted(choice))]
    return near[0] if len(near) == 1 else ""


def slip_of_key(name: str, keys: Iterable[str]) -> str:
    """The one key that differs by a slip of the hand: as in a value, or by one letter in all."""
    known = tuple(keys)
    near = [key for key in known if _same_digits(name, key) and _one_slip(bare(name), bare(key))]
    return slip_of(name, known) or (near[0] if len(near) == 1 else "")


def _parted(name: str) -> list[str]:
    """The words of a name in small letters."""
    return re.findall(r"[^\W_]+", name.casefold())


def _slipped_words(mine: list[str], theirs: list[str]) -> bool:
    if len(mine) != len(theirs):
        one, other = "".join(mine), "".join(theirs)
        return one == other or (_same_digits(one, other) and _one_slip(one, other))
    return all(_one_word(a, b) for a, b in zip(mine, theirs, strict=True))


def _same_digits(one: str, other: str) -> bool:
    return re.sub(r"\D", "", one) == re.sub(r"\D", "", other)


def _one_word(one: str, other: str) -> bool:
    """Whether two words are one, but for a slip; digits are never slips."""
    if one == other:
        return True
    if not _same_digits(one, other):
        return False
    if _undoubled(one) == _undoubled(other):
        return True
    if min(len(one), len(other)) >= SHORTEST_SLIP:
        return _one_slip(one, other) or _alike_but_for_slips(one, other)
    return abs(len(one) - len(other)) <= 1 and _one_slip_of_short(one, other)


def _alike_but_for_slips(one: str, other: str) -> bool:
    """Whether two long words share their first and nearly all other letters.

    A word that is put before another makes a third (`ketamine`, `esketamine`), an ending may
    (`margin`, `marginal`), and so does `hypo` in place of `hyper`.
    """
    if one[0] != other[0] or _opposed(one, other):
        return False
    short, long = sorted((one, other), key=len)
    if long.startswith(short) and len(long) > len(short) + 1:
        return False
    return bool(get_close_matches(one, [other], cutoff=CLOSE))


def _undoubled(word: str) -> str:
    """A word with each doubled letter written once; digits stay."""
    return re.sub(r"(\D)\1+", r"\1", word)


def _one_slip_of_short(one: str, other: str) -> bool:
    """Whether a short word has one letter too many, or two letters of it are exchanged."""
    if len(one) == len(other):
        return sorted(one) == sorted(other)
    short, long = sorted((one, other), key=len)
    return len(short) > 1 and any(
        short == long[:place] + long[place + 1 :] for place in range(len(long))
    )
