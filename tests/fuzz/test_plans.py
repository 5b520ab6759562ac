"""A thousand mutated plans: whatever a plan says, there is an answer and never a traceback."""

import copy
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_slips_of_users import PLAN, trial

from fuzzing import ended_well

MUTATIONS = 1_000
BATCHES = 10
RUNS = 4
"""Mutated plans of a batch that are run, and not only validated."""

MORE = """\
  response: {estimand: second, role: secondary, model: proportions, strata: [site]}
  imputed:
    {estimand: primary, role: sensitivity, model: multiple_imputation, imputations: 2, seed: 1}
"""
SECOND = """\
  second:
    population: All randomised
    treatment: {active: ketamine, reference: placebo}
    endpoint: response
    visit: Day 15
    intercurrent_events: {treatment discontinuation: composite}
    summary: difference_in_proportions
analyses:
"""
WHOLE = (PLAN + MORE).replace("analyses:\n", SECOND, 1) + "report: {smallest_cell: 1}\n"

VALUES: tuple[object, ...] = (
    *(None, "", " ", 0, -1, 1, 2, 1e300, -1e300, 10**400, 1e-320, float("nan"), float("inf")),
    *(True, False, [], {}, [[]], [None], {"a": 1}, {"": ""}, "x" * 5000, "Day 99", "Baseline"),
    *("placebo", "../../etc/passwd", "\u202e", "\ud83d\ude00", "a: b", "{}", "*", "scores.csv"),
    *(["a", "a"], {"day": 0}, {"day": 1e300}, {"hours": 1e300}, {"hours": float("nan")}),
    *({"day": 10**30}, {"hours": -1}, "%s", "2020-01-01", 20_001, 2**63, 0.5, [1, "a", None]),
)
TEXTS = (
    *(
        '!!int "x"',
        '!!float "x"',
        "!!float .",
        "!!int 0x",
        "!!timestamp x",
        "!!binary ~",
        "!!null 3",
    ),
    *(
        "!!set {a, b}",
        "!!omap [a: 1]",
        "!!python/object:os.system x",
        "!foo bar",
        "&a [*a]",
        "*none",
    ),
    *(
        "{<<: 3}",
        "{<<: [1, 2]}",
        "{<<: {a: 1}}",
        "1e400",
        ".nan",
        "-.inf",
        "0o9",
        "1_000",
        "1:30:70",
    ),
    *("9" * 5000, "[" * 2000, "{a: " * 300 + "1" + "}" * 300, "0x" + "f" * 4000, "? a", "- - - a"),
    *("\x00", "\x07", "\ufeff", "'", '"', "@", "`", "%", "|", ">", "\t", "!!str", "!!map []"),
)


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if not isinstance(node, dict | list):
        return
    for key, child in node.items() if isinstance(node, dict) else enumerate(node):
        yield from _places(child, (*path, key))


def _parent(plan: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        plan = plan[key]
    return plan


def _swapped(chance: random.Random) -> bytes:
    """A value of the plan is another, a key has gone or a key has another name."""
    plan = yaml.safe_load(WHOLE)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        path = chance.choice([p for p in _places(plan) if p])
        parent, value = _parent(plan, path), copy.deepcopy(chance.choice(VALUES))
        match chance.randrange(4):
            case 0 if isinstance(parent, dict):
                del parent[path[-1]]
            case 1 if isinstance(parent, dict):
                key = value if isinstance(value, str | int | float | None) else "key"
                parent[key] = parent.pop(path[-1])
            case _:
                parent[path[-1]] = value
    return yaml.safe_dump(plan, sort_keys=False, allow_unicode=True).encode(
        "utf-8", "surrogatepass"
    )


def _tagged(chance: random.Random) -> bytes:
    """A scalar of the text is a tag, an alias, a number that is none or a nest."""
    lines = WHOLE.splitlines()
    at = chance.choice([k for k, line in enumerate(lines) if ": " in line])
    key = lines[at].split(": ")[0]
    lines[at] = f"{key}: {chance.choice(TEXTS)}"
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _damaged(chance: random.Random) -> bytes:
    """Bytes are changed, lost, doubled or not of the encoding."""
    text = bytearray(WHOLE.encode())
    for _ in range(chance.choice((1, 2, 8))):
        at = chance.randrange(len(text) or 1)
        text = text or bytearray(b" ")
        piece = bytes(text[at : at + chance.randrange(1, 40)])
        match chance.randrange(5):
            case 0:
                text[at] = chance.randrange(256)
            case 1:
                del text[at : at + len(piece)]
            case 2:
                text[at:at] = piece
            case 3:
                text[at:at] = chance.choice((b"\xff\xfe", b"\x00", b"\r", b"\x80", b"\xef\xbb\xbf"))
            case _:
                del text[at:]
                text += b" "
    return bytes(text)


KINDS: tuple[Callable[[random.Random], bytes], ...] = (_swapped, _swapped, _tagged, _damaged)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_plan_ends_in_a_traceback(tmp_path: Path, batch: int) -> None:
    trial().to_csv(tmp_path / "scores.csv", index=False)
    path = tmp_path / "plan.yaml"
    chance = random.Random(f"plans {batch}")
    for number in range(MUTATIONS // BATCHES):
        path.write_bytes(chance.choice(KINDS)(chance))
        words = ["run", str(path), "--out", str(tmp_path / "out"), "-q"]
        ended_well(words if number < RUNS else ["validate", str(path)], path)


def _with(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new, 1)


@pytest.mark.parametrize(
    "text",
    [
        *(_with("{day: 8}", f"{{day: {value}}}") for value in TEXTS if "\n" not in value),
        *(_with("visit: Day 15", f"visit: {value}") for value in ("Day 99", "Baseline", "[]", "~")),
        _with("{day: 15}", "{day: 1e300}"),
        _with("{day: 15}", "{hours: 1e300}"),
        _with("{day: 15}", "{day: " + "9" * 4000 + "}"),
        _with("visits: {Baseline: {day: 1}, Day 8: {day: 8}, Day 15: {day: 15}}", "visits: {}"),
        "",
        "# nothing",
        "[]",
        "a",
        "---\n---\n",
        "a: &a {b: *a}",
        "[" * 20_000,
        "{a: " * 5_000,
        "- " * 50_000,
    ],
)
def test_known_traps(tmp_path: Path, text: str) -> None:
    trial().to_csv(tmp_path / "scores.csv", index=False)
    path = tmp_path / "plan.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    ended_well(["run", str(path), "--out", str(tmp_path / "out"), "-q"], path)
