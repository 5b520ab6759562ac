"""What the data leave open: a question, its candidates, and what was decided and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ketaoutcomes.errors import CommandError, Problem, did_you_mean
from ketaoutcomes.plan.gaps import gap

KEYS: Final = (
    *("file", "whose", "rows", "outcome", "time", "unit", "event_column", "event", "censored"),
    *("visit", "visits", "baseline", "conditions", "group", "no_arm", "spelling"),
    *("reference", "order", "better", "comparison", "ended"),
)
"""Names of the questions, in the order in which they are asked."""

MOST_EXPLAINED: Final = 3
"""Candidates that were not taken, beyond which only their names are told."""

Answers = Mapping[str, str]
"""Name of a question -> the candidate that was chosen."""


@dataclass(frozen=True)
class Choice:
    """A candidate, and what speaks for it or would follow from it, in numbers of many rows."""

    value: str
    means: str = ""

    def __str__(self) -> str:
        return f"{self.value} ({self.means})" if self.means else self.value


@dataclass(frozen=True)
class Question:
    """Something that a plan must say and that a file does not tell for certain.

    Attributes
    ----------
    key : str
        One of `KEYS`.
    asks : str
        The question as a sentence.
    choices : tuple of Choice
    taken : str
        What was answered, or is evident; "" where it stays open.
    because : str
        What makes it evident, "" where it was answered.
    default : str
        What is offered to somebody who is asked.
    """

    key: str
    asks: str
    choices: tuple[Choice, ...]
    taken: str = ""
    because: str = ""
    default: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it, and nothing makes it evident."""
        return not self.taken

    @property
    def offered(self) -> str:
        """The candidate that is offered first."""
        return self.default or self.choices[0].value

    @property
    def gap(self) -> str:
        """What stands in a plan until it is answered."""
        return gap(f"{self.asks} One of: {'; '.join(map(str, self.choices))}")

    @property
    def told(self) -> str:
        """The question with its reason, or with what speaks for each candidate."""
        if self.is_open:
            return f"`{self.key}`. {self.asks} {'; '.join(map(str, self.choices))}"
        why = f" because {self.because}" if self.because else ", as answered"
        others = self.not_taken
        return f"`{self.key}` is {self.chosen}{why}" + (f". Not: {others}" if others else "")

    @property
    def chosen(self) -> str:
        """The candidate that was taken, with what speaks for it."""
        return next((str(c) for c in self.choices if c.value == self.taken), "")

    @property
    def not_taken(self) -> str:
        """The other candidates; of many only their names."""
        others = [c for c in self.choices if c.value != self.taken]
        return "; ".join(c.value if len(others) > MOST_EXPLAINED else str(c) for c in others)


@dataclass
class Asked:
    """The questions that came up while a plan was built, with the answers that are known."""

    answers: Answers = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def decide(
        self,
        key: str,
        asks: str,
        choices: Iterable[Choice],
        *,
        evident: str = "",
        because: str = "",
        default: str = "",
    ) -> Question:
        """Answer a question by what is known; else by what is evident; else it stays open.

        Raises
        ------
        CommandError
            If the answer is not one of the candidates.
        """
        known = tuple(choices)
        answered = self.answers.get(key, "")
        if answered and answered not in {choice.value for choice in known}:
            problem = _no_such(key, answered, known)
            raise CommandError("an answer is not one of the candidates", (problem,))
        question = Question(
            key, asks, known, answered or evident, "" if answered else because, default or evident
        )
        self.questions.append(question)
        return question


def _no_such(key: str, answered: str, choices: tuple[Choice, ...]) -> Problem:
    values = [choice.value for choice in choices]
    return Problem(
        f"the answer `{key}`",
        f"one of: {', '.join(values)}",
        f"`{answered}`",
        did_you_mean(answered, values) or f"write for example `{key}: {values[0]}`",
    )
