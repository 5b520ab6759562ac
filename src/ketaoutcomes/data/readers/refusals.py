"""The words in which a file is refused."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from ketaoutcomes.errors import DataError, Problem

AFTER_AN: Final = ("Excel", "R ", "SPSS")


def refusal(place: str, expected: str, found: str, remedy: str) -> DataError:
    """One clear reason why a file cannot be read."""
    problem = Problem(place, expected, found, remedy)
    return DataError(f"cannot read {place}", (problem,))


def empty(name: str) -> DataError:
    """A file without a row."""
    return refusal(name, "at least one row of data", "no row", "export the data again")


def malformed(name: str, kind: str, error: Exception) -> DataError:
    """A file that is not what its ending says."""
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    article = "an" if kind.startswith(AFTER_AN) else "a"
    return refusal(name, f"{article} {kind} file", words, "export the data again")


def unknown_encoding(encoding: str) -> DataError:
    """A name that is not that of an encoding of text."""
    return refusal(
        "the plan, data.encoding",
        "the name of an encoding",
        f"`{encoding}`",
        "use utf-8, cp1252 or latin-1",
    )


def refuse_same_names(columns: Iterable[object], place: str, remedy: str) -> None:
    """Refuse a table with two columns of one name, of which a plan could mean either."""
    double = [str(column) for column, count in Counter(columns).items() if count > 1]
    if double:
        found = ", ".join(f"`{column}` twice or more" for column in double[:5])
        raise refusal(place, "each column name once", found, remedy)


def nested(place: str, remedy: str) -> DataError:
    """A column of lists, records or tables."""
    return refusal(place, "one value a cell", "a list or a record in each cell", remedy)


def cut_short(name: str, expected: str, found: str) -> DataError:
    """A file whose end is missing."""
    return refusal(name, expected, found, "copy or export the file again; its end is missing")


def changed_meanwhile(name: str) -> DataError:
    """What is said of a file that another program wrote while it was read."""
    return refusal(
        name,
        "a file that stays as it is while it is read",
        "one that another program changed meanwhile",
        "wait until the other program has ended, or give a copy",
    )
