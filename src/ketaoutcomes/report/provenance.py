"""What a report was made of and by what."""

from dataclasses import dataclass

from ketaoutcomes.remarks import Remark


@dataclass(frozen=True)
class Provenance:
    """Where the numbers come from; no date, so that the same plan gives the same bytes.

    Attributes
    ----------
    plan_file, plan_text, plan_sha256 : str
        Name, text and hash of the analysis plan.
    data_description : str
        Words for the data.
    data_sha256s : tuple of (str, str)
        File or frame, and its hash.
    seed : int or None
        Seed of synthetic data.
    versions : tuple of (str, str)
        Package and version.
    command : str
        What to type to make the report again.
    citation : str or None
        Whose data these are.
    only : tuple of str
        The analyses that were asked for; empty for all of the plan.
    remarks : tuple of Remark
        Whatever was left out, ignored or presumed, in the data and in the fits.
    """

    plan_file: str
    plan_text: str
    plan_sha256: str
    data_description: str
    data_sha256s: tuple[tuple[str, str], ...]
    seed: int | None
    versions: tuple[tuple[str, str], ...]
    command: str
    synthetic: bool
    citation: str | None
    only: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
