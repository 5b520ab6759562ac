"""What a file seems to be: its kind, the roles of its columns, and what is open."""

from dataclasses import dataclass, field, replace
from typing import Literal

from ketaoutcomes.data.inspection.column_words import rank
from ketaoutcomes.data.inspection.daily import is_daily
from ketaoutcomes.data.inspection.outcomes import NAMED, Outcome
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.questions import Asked, Question
from ketaoutcomes.data.inspection.subjects import TELLING_VISITS, says_times
from ketaoutcomes.data.inspection.visits import VisitColumns

Kind = Literal[
    "long",
    "wide",
    "one outcome",
    "times",
    "intervals",
    "periods",
    "pairs",
    "open",
    "subjects",
    "study level",
    "totals",
    "no codes",
    "unknown",
]


@dataclass(frozen=True)
class Guess:
    """What a file seems to be.

    Attributes
    ----------
    file : str
    kind : str
    columns : dict of str to Column
    roles : dict of str to str
        Field of the plan -> column.
    scores : tuple of str
        Columns of scores in a long file.
    wide : tuple of VisitColumns
        Groups of columns that hold the visits of one scale.
    covariates : tuple of str
    partner : str
        A file of the same subjects that tells their arms; "" where this one does.
    only : dict of str to list of str
        Of a file with several scales, the rows of one.
    asked : Asked
        The questions that came up.
    candidates : tuple of Outcome
        What may be the outcome.
    joined : tuple of str
        Columns that are the code of a subject together; empty where one column is.
    repeats : Column or None
        The column by which rows of REDCap's repeating instruments are left out.
    earlier : str
        Another file that holds the score once a participant, perhaps at baseline.
    """

    file: str
    kind: Kind
    columns: dict[str, Column]
    roles: dict[str, str] = field(default_factory=dict)
    scores: tuple[str, ...] = ()
    wide: tuple[VisitColumns, ...] = ()
    covariates: tuple[str, ...] = ()
    partner: str = ""
    only: dict[str, list[str]] = field(default_factory=dict)
    asked: Asked = field(default_factory=Asked)
    candidates: tuple[Outcome, ...] = ()
    joined: tuple[str, ...] = ()
    repeats: Column | None = None
    earlier: str = ""

    @property
    def question(self) -> Question | None:
        """What is open of the outcome, of the rows that hold it, or of whose each row is."""
        keys = ("whose", "rows", "conditions", "visit", "event_column", "outcome")
        return next((q for q in self.asked.questions if q.key in keys and q.is_open), None)

    @property
    def whose_is_open(self) -> bool:
        """Whether a code that stands under several arms may be one person or several."""
        return any(q.key == "whose" and q.is_open for q in self.asked.questions)

    @property
    def group(self) -> Question | None:
        """What was asked of the column of arms."""
        return next((q for q in self.asked.questions if q.key == "group"), None)

    @property
    def daily(self) -> Column | None:
        """The column of the days of a series with an entry on most days; None in other files."""
        day, subject = self.column("visit"), self.column("subject")
        if day is None or subject is None or not is_daily(day, subject.text):
            return None
        return day

    @property
    def visit_offered(self) -> Column | None:
        """The column that is offered for the visit where no name tells it, be it taken or not."""
        asked = next((q for q in self.asked.questions if q.key == "visit"), None)
        return None if asked is None else self.columns.get(asked.offered)

    @property
    def of_conditions(self) -> bool:
        """Whether what stands for the visit is a condition, whose order no column tells."""
        visit = self.column("visit")
        if visit is None or rank(visit, TELLING_VISITS) is not None or says_times(visit):
            return False
        return all(q.key != "visit" for q in self.asked.questions)

    @property
    def tells_outcome(self) -> bool:
        """Whether a column is known or named as an outcome."""
        return self.kind == "intervals" or any(c.weight >= NAMED for c in self.candidates)

    @property
    def scale_name(self) -> str:
        """What the file calls the scale of its first score."""
        labels = next(iter(self.only.values()), self.scores[:1])
        return next(iter(labels), "")

    def apart(self) -> "Guess":
        """The same, so that what is asked as a plan is built belongs to that plan alone."""
        return replace(self, asked=Asked(self.asked.answers, list(self.asked.questions)))

    def column(self, role: str) -> Column | None:
        """The column of a role."""
        return self.columns[self.roles[role]] if role in self.roles else None
