"""The small language of derived columns: text to a tree, or what is wrong and where.

It has columns, numbers, texts, arithmetic, comparisons, `and`, `or`, `not`, `in` and the functions
of `FUNCTIONS`. Nothing in it can reach a file or a variable of this program.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

DEEPEST: Final = 50
MOST_STEPS: Final = 100
TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[^\W\d][\w.]*)
  | `(?P<column>[^`]+)`
  | "(?P<double>[^"]*)"
  | '(?P<single>[^']*)'
  | (?P<sign><=|>=|<>|!=|==|\*\*|[-+*/^&=<>(),])
  )""",
    re.VERBOSE,
)
FUNCTIONS: Final[dict[str, tuple[int, int | None]]] = {
    "if": (3, 3),
    "missing": (1, 1),
    "coalesce": (2, None),
    "number": (1, 1),
    "text": (1, 1),
    **dict.fromkeys(("abs", "sqrt", "exp", "log", "log10", "floor", "ceiling"), (1, 1)),
    "round": (1, 2),
    **dict.fromkeys(("min", "max", "sum", "mean"), (2, None)),
    **dict.fromkeys(("lower", "upper", "trim"), (1, 1)),
    **dict.fromkeys(("contains", "starts_with", "ends_with"), (2, 2)),
    "replace": (3, 3),
    "part": (3, 3),
    "days_between": (2, 2),
}
"""Name -> the least and the greatest number of its arguments."""
SAME: Final = {"==": "=", "<>": "!=", "**": "^"}
COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")
LEVELS: Final = (("&",), ("+", "-"), ("*", "/"))
"""Signs between two values, from those that bind least."""
WORDS: Final = ("and", "or", "not", "in")


@dataclass(frozen=True)
class Constant:
    """A number or a text."""

    value: float | str


@dataclass(frozen=True)
class Column:
    """A column of the file, or one that was derived before."""

    name: str


@dataclass(frozen=True)
class Operation:
    """A sign or a function with what it is applied to; `and`, `or`, `not` and `in` are signs."""

    name: str
    of: "tuple[Expression, ...]"


Expression = Constant | Column | Operation


def parsed(text: str) -> Expression:
    """The tree of an expression.

    Raises
    ------
    ValueError
        If it is none; the message says where, and what was expected.
    """
    reader = _Reader(text)
    found = reader.any_of_these()
    if reader.kind:
        raise reader.fault("the end, or a sign such as + or =")
    if _depth(found) > MOST_STEPS:
        raise ValueError("the formula has too many steps; derive it in two columns")
    return found


def _depth(expression: Expression) -> int:
    """How many operations stand within each other."""
    deepest, waiting = 0, [(expression, 0)]
    while waiting:
        part, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(o, depth + 1) for o in part.of] if isinstance(part, Operation) else []
    return deepest


def columns_in(expression: Expression) -> tuple[str, ...]:
    """The columns that it is made of, each once."""
    if isinstance(expression, Column):
        return (expression.name,)
    if isinstance(expression, Constant):
        return ()
    return tuple(dict.fromkeys(name for part in expression.of for name in columns_in(part)))


class _Reader:
    """Where in the text the parser stands: `kind` and `word` of the token that comes next."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.start, self.depth = text, 0, 0, 0
        self.kind, self.word = "", ""
        self.advance()

    def advance(self) -> str:
        """Take the token that comes next, and look at the one after it."""
        taken = self.word
        rest = self.text[self.at :]
        self.start = self.at + len(rest) - len(rest.lstrip())
        if not rest.strip():
            self.kind, self.word = "", ""
            return taken
        found = TOKEN.match(self.text, self.at)
        if found is None:
            raise self.fault("a column, a number, a text in quotes or a sign", shown=rest.lstrip())
        self.kind = str(found.lastgroup)
        word = found[self.kind]
        if self.kind == "name" and word.casefold() in WORDS:
            self.kind, word = "sign", word.casefold()
        self.word = SAME.get(word, word) if self.kind == "sign" else word
        self.at = found.end()
        return taken

    def fault(self, expected: str, shown: str | None = None) -> ValueError:
        """What is wrong where the parser stands."""
        here = self.text[self.start :] if shown is None else shown
        found = f"`{here[:20]}`" if here else "the end"
        return ValueError(f"character {self.start + 1}: expected {expected}, found {found}")

    def is_next(self, *signs: str) -> bool:
        """Whether one of these signs comes next."""
        return self.kind == "sign" and self.word in signs

    def expect(self, sign: str) -> None:
        """Take a sign that must come next."""
        if not self.is_next(sign):
            raise self.fault(f"`{sign}`")
        self.advance()

    def any_of_these(self) -> Expression:
        """Conditions of which one is enough; any expression is one of them."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError(f"brackets are nested more than {DEEPEST} deep")
        found = self.all_of_these()
        while self.is_next("or"):
            self.advance()
            found = Operation("or", (found, self.all_of_these()))
        self.depth -= 1
        return found

    def all_of_these(self) -> Expression:
        """Conditions that are all needed."""
        found = self.condition()
        while self.is_next("and"):
            self.advance()
            found = Operation("and", (found, self.condition()))
        return found

    def condition(self) -> Expression:
        """A comparison, a choice from a list, or the contrary of one."""
        negations = 0
        while self.is_next("not"):
            self.advance()
            negations += 1
        found = self.compared(self.joined(0))
        return Operation("not", (found,)) if negations % 2 else found

    def compared(self, left: Expression) -> Expression:
        """What follows a value: a comparison, a list, or nothing."""
        if self.is_next(*COMPARISONS):
            sign = self.advance()
            found = Operation(sign, (left, self.joined(0)))
            if self.is_next(*COMPARISONS):
                raise self.fault("`and` between two comparisons")
            return found
        negated = self.is_next("not")
        if negated:
            self.advance()
            if not self.is_next("in"):
                raise self.fault("`in`")
        if not self.is_next("in"):
            return left
        self.advance()
        among = Operation("in", (left, *self.arguments()))
        return Operation("not", (among,)) if negated else among

    def joined(self, level: int) -> Expression:
        """Values joined by signs of one level."""
        if level == len(LEVELS):
            return self.signed()
        found = self.joined(level + 1)
        while self.is_next(*LEVELS[level]):
            sign = self.advance()
            found = Operation(sign, (found, self.joined(level + 1)))
        return found

    def signed(self) -> Expression:
        """A value, with a minus before it, or a power."""
        negative = False
        while self.is_next("-", "+"):
            negative ^= self.advance() == "-"
        found = self.value()
        if self.is_next("^"):
            self.advance()
            self.depth += 1
            if self.depth > DEEPEST:
                raise ValueError(f"powers are nested more than {DEEPEST} deep")
            found = Operation("^", (found, self.signed()))
            self.depth -= 1
        return Operation("-", (found,)) if negative else found

    def value(self) -> Expression:
        """A constant, a column, a function or something in brackets."""
        kind = self.kind
        if kind == "number":
            return Constant(_finite(self.advance()))
        if kind in ("double", "single"):
            return Constant(self.advance())
        if kind == "column":
            return Column(self.advance())
        if kind == "name":
            return self.named()
        if self.is_next("("):
            self.advance()
            found = self.any_of_these()
            self.expect(")")
            return found
        raise self.fault("a column, a number, a text in quotes or `(`")

    def named(self) -> Expression:
        """A function if a bracket follows, else a column."""
        start, name = self.start, self.advance()
        if not self.is_next("("):
            return Column(name)
        if name.casefold() not in FUNCTIONS:
            self.start = start
            raise self.fault(f"a function, one of: {', '.join(FUNCTIONS)}")
        of = self.arguments()
        least, most = FUNCTIONS[name.casefold()]
        if len(of) < least or (most is not None and len(of) > most):
            rest = "" if most == least else " or more" if most is None else f" to {most}"
            told = f"{least}{rest}"
            raise ValueError(f"`{name}` takes {told} values in its brackets, and has {len(of)}")
        return Operation(name.casefold(), of)

    def arguments(self) -> tuple[Expression, ...]:
        """What stands in brackets, between commas."""
        self.expect("(")
        of = [self.any_of_these()]
        while self.is_next(","):
            self.advance()
            of.append(self.any_of_these())
        self.expect(")")
        return tuple(of)


def _finite(text: str) -> float:
    """A number that is written out; one beyond all that a computer holds is none."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"`{text}` is larger than any number that can be calculated with")
    return number
