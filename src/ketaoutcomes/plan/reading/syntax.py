"""Text that is no YAML: what is wrong, in words of the writer and not of the parser."""

from dataclasses import dataclass
from typing import Final

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ketaoutcomes.errors import Problem


@dataclass(frozen=True)
class Slip:
    """A common slip: how the parser tells it, and how a reader would.

    Attributes
    ----------
    told : str
        Part of the parser's message.
    found, remedy : str
    at_start : bool
        Whether the place to mend is where the parser's context begins, as an open bracket.
    """

    told: str
    found: str
    remedy: str
    at_start: bool = False


SLIPS: Final = (
    Slip("'\\t'", "a tab", "indent with spaces"),
    Slip(
        "mapping values are not allowed",
        "a colon that begins no value here",
        'put a text that holds a colon in quotes, as in `question: "Ketamine: does it help?"`; '
        "or correct the indentation, or write a space after the colon of the line above",
    ),
    Slip(
        "could not find expected ':'",
        "a line without `: `",
        "write a space after the colon",
        at_start=True,
    ),
    Slip(
        "expected ',' or '}'",
        "a `{` without its `}`, or two values without a comma between them",
        "close the bracket, write the comma, or put a text that holds a colon in quotes",
        at_start=True,
    ),
    Slip(
        "expected ',' or ']'",
        "a `[` without its `]`, or two values without a comma between them",
        "close the bracket, or write the comma",
        at_start=True,
    ),
    Slip("unexpected end of stream", "a quote that is not closed", "close it", at_start=True),
    Slip(
        "but found '<scalar>'",
        "text after a closing quote",
        "double a quote within single quotes, or use double quotes around the text",
    ),
    Slip("but found '}'", "a `}` without its `{`", "remove it"),
    Slip("but found ']'", "a `]` without its `[`", "remove it"),
    Slip(
        "expected <block end>",
        "a line that is indented otherwise than its neighbours",
        "indent the keys of one block alike",
    ),
    Slip(
        "sequence entries are not allowed",
        "a `- ` after a key",
        "begin a new line with it, or write the list as [first, second], an empty one as []",
    ),
    Slip(
        "expected chomping or indentation indicators",
        "a value that begins with `>` or `|`, which YAML keeps for blocks of text",
        "write the number alone, or put the text in quotes",
    ),
    Slip(
        "that cannot start any token",
        "a text that begins with a sign which YAML keeps for itself",
        "put the text in quotes",
    ),
    Slip(
        "undefined alias", "a `*name` without its `&name` before it", "write the text in its place"
    ),
    Slip("another document", "a second document after `---`", "keep one plan in a file"),
)


def syntax_problem(error: YAMLError, file_name: str) -> Problem:
    """Say where the text stops being YAML, what stands there, and what to do."""
    if not isinstance(error, MarkedYAMLError):
        return Problem(file_name, "text", _first_line(error), "take the character out")
    told = f"{error.problem or error.context}"
    slip = next((slip for slip in SLIPS if slip.told in told), None)
    mark = error.problem_mark or error.context_mark
    if slip is None:
        remedy = "correct the indentation, colon, bracket or quote at or just before this place"
        return Problem(_place(mark, file_name), "YAML", told, remedy)
    if slip.at_start:
        mark = error.context_mark or mark
    return Problem(_place(mark, file_name), "YAML", slip.found, slip.remedy)


def _place(mark: object, file_name: str) -> str:
    line, column = getattr(mark, "line", None), getattr(mark, "column", None)
    return file_name if line is None else f"{file_name}:{line + 1}:{(column or 0) + 1}"


def _first_line(error: YAMLError) -> str:
    return str(error).splitlines()[0]
