"""Errors, warnings and notes use the words of the field, wherever in the code they are written."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ketaoutcomes
from ketaoutcomes.style_guide import violations

SOURCE = Path(ketaoutcomes.__file__).parent
SPEAKS = re.compile(r"(Error|Problem|Remark|Dangling|Finding|DataNote)$")
"""What is called with words for a user: errors and notes by their names, and the terminal's two."""
FIELD = re.compile(r"\{[a-z_]+\}")
EMPTY = ("write what is expected", "use one of these")


def sentences(node: ast.expr) -> Iterator[str]:
    """The texts of an argument; what is filled in later stands as code."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "`x`" for p in parts)
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            yield from sentences(one)
            yield from sentences(other)
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from sentences(part)


def said_in(path: Path) -> Iterator[tuple[str, str]]:
    """Line of a file -> a sentence that it says to a user."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in {"say", "note"} or SPEAKS.search(name):
            for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
                for text in sentences(argument):
                    if " " in text:
                        yield f"{path.relative_to(SOURCE)}:{call.lineno}", FIELD.sub("`x`", text)


NAMES = frozenset({"message", "reason", "remedy", "sentence", "what", "why", "words"})
KEYS = frozenset({"caption", "footnotes", "label", "message", "remedy", "title"})
"""Names of variables and arguments that hold what a reader sees, also where it is no sentence."""
INTERFACE = frozenset({"left the study for an adverse event"})
"""Groups of results.csv, which pages call otherwise."""


def named_in(path: Path) -> Iterator[tuple[str, str]]:
    """Line of a file -> a text that is given a name for what is shown, or is such an argument."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        values: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            values = [node.value] if NAMES & {getattr(t, "id", "") for t in node.targets} else []
        elif isinstance(node, ast.Call):
            values = [keyword.value for keyword in node.keywords if keyword.arg in KEYS]
        for text in (text for value in values for text in sentences(value)):
            if " " in text and text not in INTERFACE and "AS arm" not in text:
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", FIELD.sub("`x`", text)


SENTENCE = re.compile(r"[a-z)`]\.\s*$")
CODE = {"calls.py", "formulas.py", "style_guide.py", "writing.py"}
"""Files with text of other languages, of formulas, of the table itself and of file headers."""


def _not_shown(tree: ast.Module) -> set[int]:
    """Docstrings, and the parts of a text with fields, which is read as a whole."""
    hidden: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hidden.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            hidden |= {id(part) for part in ast.walk(node)} - {id(node)}
    return hidden


def written_in(path: Path) -> Iterator[tuple[str, str]]:
    """Line of a file -> a whole sentence, wherever it stands: in helpers, tables and footnotes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = _not_shown(tree)
    for node in ast.walk(tree):
        if id(node) in hidden or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        for text in sentences(node):
            if SENTENCE.search(text) and " " in text and "\n " not in text:
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", FIELD.sub("`x`", text)


WRITTEN = [
    one
    for path in sorted(SOURCE.rglob("*.py"))
    if path.name not in CODE
    for one in written_in(path)
]
NAMED = [
    one for path in sorted(SOURCE.rglob("*.py")) if path.name not in CODE for one in named_in(path)
]
SAID = [one for path in sorted(SOURCE.rglob("*.py")) for one in said_in(path)]


def test_enough_is_read_to_mean_something() -> None:
    assert len(SAID) > 700


def test_sentences_use_the_words_of_the_field_wherever_they_are_written() -> None:
    assert len(WRITTEN) > 900
    assert [(place, str(one)) for place, text in WRITTEN for one in violations(text)] == []


def test_messages_use_the_words_of_the_field() -> None:
    found = [(place, str(one)) for place, text in SAID for one in violations(text)]
    assert found == []


def test_texts_that_are_named_as_shown_use_the_words_of_the_field() -> None:
    """Messages of results and titles, which are no whole sentences: 4 once said `subject`."""
    assert len(NAMED) > 400
    assert [(place, str(one)) for place, text in NAMED for one in violations(text)] == []


@pytest.mark.parametrize("words", EMPTY)
def test_no_message_leaves_the_reader_without_an_action(words: str) -> None:
    assert [place for place, text in SAID if words in text] == []
