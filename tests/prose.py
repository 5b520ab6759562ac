"""The prose of a page in Markdown: what a reader reads, without code, formulas and marks."""

import re
from collections.abc import Iterator
from statistics import mean

FENCED = re.compile(r"^```.*?^```[^\n]*$", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
LINK = re.compile(r"!?\[((?:[^\]`]|`[^`]*`)*)\]\([^)]*\)")
CODE = re.compile(r"`[^`\n]*`")
ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s+")
RULE = re.compile(r"^\|[\s|:-]+\|$")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z*])")
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
VOWELS = re.compile(r"[aeiouy]+")
SILENT = re.compile(r"(?<=[^aeiouyl])e$|(?<=[^aeiouytd])ed$")


def paragraphs(page: str) -> Iterator[str]:
    """Paragraphs, items and cells of a page, each on one line."""
    text = COMMENT.sub("", FENCED.sub("", page))
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        formula = line.startswith("    ") and not block
        starts = not line.strip() or formula or ITEM.match(line) or line[0] in "|#"
        if starts and block:
            yield _plain(" ".join(block))
            block = []
        if not line.strip() or formula or line.startswith("#") or RULE.match(line):
            continue
        if line.startswith("|"):
            yield from (_plain(cell) for cell in line.strip("|").split("|") if cell.strip())
        else:
            block.append(ITEM.sub("", line).strip())


def _plain(text: str) -> str:
    return LINK.sub(r"\1", text).replace("**", "").replace("*", "").strip()


def section(page: str, title: str) -> str:
    """The text under a heading of the second level, "" where there is none."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence; what stands in back-ticks counts as one word."""
    return [
        words
        for paragraph in paragraphs(text)
        for sentence in SENTENCE.split(CODE.sub("code", paragraph))
        if (words := WORD.findall(sentence))
    ]


def flesch_ease(text: str) -> float:
    """How easy a text is to read: 100 very easy, 60 plain, 30 and below for academics.

    Flesch 1948 (J Appl Psychol 32:221-233): 206.835 - 1.015 words per sentence - 84.6 syllables
    per word. Syllables are groups of vowels, without a silent e.
    """
    read = sentences(text)
    words = [word for sentence in read for word in sentence]
    return 206.835 - 1.015 * mean(map(len, read)) - 84.6 * mean(map(_syllables, words))


def _syllables(word: str) -> int:
    return max(1, len(VOWELS.findall(SILENT.sub("", word.lower()))))
