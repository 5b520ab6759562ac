"""The words in which a file is refused."""

from ketaoutcomes.errors import DataError, Problem


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
    return refusal(name, f"a {kind} file", words, "export the data again")
