"""Lines of the shipped plans, as they stand in the file, for the pages that quote them."""

from pathlib import Path

PLANS = Path(__file__).resolve().parents[1] / "analyses"


def lines_of(plan: str, *keys: str) -> str:
    """The lines of a shipped plan under these keys, each key within the one before.

    Raises
    ------
    KeyError
        If the plan has no such key.
    """
    lines = (PLANS / f"{plan}.yaml").read_text("utf-8").splitlines()
    heads = []
    for key in keys:
        start = _place(lines, key, plan)
        heads.append(lines[start])
        lines = lines[start + 1 : _end(lines, start)]
    return "\n".join([*heads, *lines]).rstrip()


def _place(lines: list[str], key: str, plan: str) -> int:
    """The line of a key among lines that begin at its own depth."""
    depth = min((_depth(line) for line in lines if _says(line)), default=0)
    for number, line in enumerate(lines):
        if line.startswith(f"{' ' * depth}{key}:"):
            return number
    raise KeyError(f"analyses/{plan}.yaml has no key {key}")


def _end(lines: list[str], start: int) -> int:
    """The line after the last one that belongs to the key of a line."""
    later = range(start + 1, len(lines))
    depth = _depth(lines[start])
    ends = (n for n in later if _says(lines[n]) and _depth(lines[n]) <= depth)
    return next(ends, len(lines))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _says(line: str) -> bool:
    """Whether a line is neither empty nor a comment."""
    return bool(line.strip()) and not line.lstrip().startswith("#")
