"""Rules about harms, doses and costs."""

from collections.abc import Iterable, Iterator
from typing import Final

from ketaoutcomes.data.assemble_harms import DIED, LIVED, NO, SEVERITIES, YES
from ketaoutcomes.data.contract.parts import Contract, faulty_rows
from ketaoutcomes.data.findings import listed, near_miss, remedy_of_words
from ketaoutcomes.data.mapping import numbers
from ketaoutcomes.data.values import indicators
from ketaoutcomes.data.values.indicators import folded
from ketaoutcomes.errors import Problem
from ketaoutcomes.plan.files import FileRole

AMOUNTS: Final[dict[FileRole, str]] = {"exposure": "dose", "costs": "amount"}


def harm_named(contract: Contract) -> Iterator[Problem]:
    """A harm has a preferred term."""
    for table in contract.table("adverse_events", "term"):
        yield from faulty_rows(
            table,
            "term",
            table.frame["term"].isna(),
            "a preferred term in every row",
            "code the harm, or leave the row out with `data.where.adverse_events`",
        )


def severity_known(contract: Contract) -> Iterator[Problem]:
    """A harm is mild, moderate or severe, where it is told."""
    yield from _one_of(contract, "severity", SEVERITIES)


def serious_and_related_known(contract: Contract) -> Iterator[Problem]:
    """Seriousness, causality and death are told in words that mean yes or no."""
    for field in ("serious", "related", "fatal"):
        yield from _one_of(contract, field, (*sorted(YES), *sorted(NO)), ("yes", "no"))
    words = (*sorted(indicators.YES | DIED), *sorted(indicators.NO | LIVED))
    yield from _one_of(contract, "died", words, ("yes", "no"), "subjects")


def _one_of(
    contract: Contract,
    field: str,
    known: tuple[str, ...],
    told: Iterable[str] | None = None,
    role: FileRole = "adverse_events",
) -> Iterator[Problem]:
    for table in contract.table(role, field):
        words = folded(table.frame[field])
        strange = ~words.isin({*known, ""})
        first = next(iter(table.frame.loc[strange.to_numpy(), field]), "")
        yield from faulty_rows(
            table,
            field,
            strange,
            f"one of: {listed(told or known)}",
            f"{near_miss(first, known)}Map the word under `data.labels.{field}`",
        )


def amounts_are_numbers(contract: Contract) -> Iterator[Problem]:
    """A dose and a cost are numbers of 0 or more."""
    for role, field in AMOUNTS.items():
        for table in contract.table(role, field):
            number = numbers(table.frame[field])
            yield from faulty_rows(
                table,
                field,
                number.isna() | (number < 0),
                "a number of 0 or more",
                remedy_of_words(
                    table.frame[field],
                    f"correct the {field}, or leave the row out with `data.where.{role}`",
                ),
            )


def days_of_doses_told(contract: Contract) -> Iterator[Problem]:
    """A dose and a cost have a day."""
    for role in AMOUNTS:
        for table in contract.table(role, "day"):
            yield from faulty_rows(
                table, "day", table.frame["day"].isna(), "a day in every row", "fill in the day"
            )
