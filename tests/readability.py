"""How easily a text is read: Flesch's reading ease (Flesch 1948, J Appl Psychol 32:221-233)."""

import re


def sentences(text: str) -> list[str]:
    """A text cut after each full stop that is not part of a number."""
    found = re.split(r"(?<=[.?!])\s+", text.strip())
    return [one for one in found if words_of_sentence(one)]


def words_of_sentence(sentence: str) -> list[str]:
    """Words; a number is a word of one syllable."""
    return re.findall(r"[A-Za-zÀ-ÿ]+(?:['\u2019][a-z]+)?|\d[\d.,]*", sentence)


def syllables(word: str) -> int:
    """Groups of vowels, without a mute e at the end; an abbreviation is spelled."""
    if word[0].isdigit():
        return 1
    if word.isupper():
        return len(word)
    low = word.lower()
    groups = len(re.findall(r"[aeiouyäöü]+", low))
    mute = low.endswith("e") and not low.endswith(("le", "ee"))
    mute |= low.endswith("ed") and not low.endswith(("ted", "ded"))
    return max(1, groups - mute)


def reading_ease(text: str) -> float:
    """206.835 - 1.015 words per sentence - 84.6 syllables per word."""
    found = sentences(text)
    words = [word for sentence in found for word in words_of_sentence(sentence)]
    return (
        206.835 - 1.015 * len(words) / len(found) - 84.6 * sum(map(syllables, words)) / len(words)
    )


def longest(text: str) -> int:
    """Words of the longest sentence."""
    return max(len(words_of_sentence(sentence)) for sentence in sentences(text))
