"""Two factors of two levels each, crossed over four arms."""

from typing import Annotated

from pydantic import AfterValidator, Field

from ketaoutcomes.plan.parts import Label, Name

Arms = Annotated[tuple[Name, ...], Field(min_length=2, max_length=2, strict=False)]
Levels = Annotated[dict[Label, Arms], Field(min_length=2, max_length=2)]


def cells_of(factors: dict[Label, dict[Label, Arms]]) -> dict[tuple[str, str], str]:
    """The arm of each pair of levels, the reference levels first.

    Raises
    ------
    ValueError
        If the levels do not cross: each pair of them is to have one arm of its own.
    """
    first, second = factors.values()
    cells = {}
    for one, of_one in first.items():
        for other, of_other in second.items():
            shared = sorted(set(of_one) & set(of_other))
            if len(shared) != 1:
                found = ", ".join(shared) or "none"
                raise ValueError(
                    f"one arm has both `{one}` and `{other}`, and no other; found: {found}"
                )
            cells[one, other] = shared[0]
    if len(set(cells.values())) < len(cells):
        twice = sorted(arm for arm in cells.values() if list(cells.values()).count(arm) > 1)
        raise ValueError(f"an arm has one level of each factor, `{twice[0]}` has two of one")
    return cells


def _crossed(factors: dict[Label, dict[Label, Arms]]) -> dict[Label, dict[Label, Arms]]:
    cells_of(factors)
    return factors


Factors = Annotated[
    dict[Label, Levels], Field(min_length=2, max_length=2), AfterValidator(_crossed)
]
"""Factor -> level -> its two arms; of each factor the first level is the reference."""
