"""What produced a report."""

import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from ketaoutcomes import __version__
from ketaoutcomes.cohort import Source
from ketaoutcomes.families.registry import packages_of
from ketaoutcomes.remarks import Remark
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.runs.disk import hash_of, json_bytes
from ketaoutcomes.runs.replacing import PROGRAM

PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "lifelines", "duckdb", "matplotlib")
NO_PACKAGES: Final = ("ketaoutcomes", "Python")
"""What has a version and is not installed beside the program."""


def provenance_of(
    plan_file: str,
    plan_text: str,
    citation: str | None,
    source: Source,
    data_hashes: tuple[tuple[str, str], ...],
    only: tuple[str, ...] = (),
    seed: int | None = None,
    remarks: tuple[Remark, ...] = (),
    models: Iterable[str] = (),
) -> Provenance:
    """Everything that the report says of its own making; no date, so the bytes repeat.

    Parameters
    ----------
    citation : str or None
        Whose data these are.
    only, seed
        What was asked beside the plan: some of its analyses, another seed.
    remarks : tuple of Remark
        What the page says of data and fits.
    models : iterable of str
        The models of the plan; packages of others that bring one are named with their versions.
    """
    return Provenance(
        plan_file=plan_file,
        plan_text=plan_text,
        plan_sha256=hash_of(plan_text.encode()),
        data_description=source.description,
        data_sha256s=data_hashes,
        seed=source.seed,
        versions=(
            ("ketaoutcomes", __version__),
            ("Python", platform.python_version()),
            *((package, version(package)) for package in PACKAGES),
            *packages_of(models),
        ),
        command=_command(plan_file, only, seed),
        synthetic=source.kind == "synthetic",
        citation=citation,
        only=only,
        remarks=remarks,
    )


def packages_not_here(provenance: Provenance) -> tuple[str, ...]:
    """The packages that a run was made with and that are not installed, with their versions."""
    return tuple(
        f"{name} {made_with}"
        for name, made_with in provenance.versions
        if name not in NO_PACKAGES and not _is_installed(name)
    )


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _command(plan_file: str, only: tuple[str, ...], seed: int | None) -> str:
    """What to type to make the report again."""
    words = [f"{PROGRAM} run", plan_file]
    if only:
        words += ["--only", *only]
    if seed is not None:
        words += ["--seed", str(seed)]
    return " ".join(words)


def manifest_bytes(provenance: Provenance, files: Mapping[str, bytes]) -> bytes:
    """The manifest of a run: what went in, by what, and the hash of each file that came out."""
    manifest = {
        "plan": {"file": provenance.plan_file, "sha256": provenance.plan_sha256},
        "data": {
            "description": provenance.data_description,
            "synthetic": provenance.synthetic,
            "seed": provenance.seed,
            "citation": provenance.citation,
            "sha256": dict(provenance.data_sha256s),
        },
        "remarks": [asdict(remark) for remark in provenance.remarks],
        "command": provenance.command,
        "only": list(provenance.only),
        "versions": dict(provenance.versions),
        "files": {name: hash_of(content) for name, content in files.items()},
    }
    return json_bytes(manifest, sort_keys=False)


def read_manifest(content: bytes, plan_text: str) -> tuple[Provenance, Mapping[str, str]]:
    """The provenance that a manifest holds, and the hash of each file.

    Raises
    ------
    ValueError
        If the manifest is not one that this package wrote.
    """
    try:
        manifest: dict[str, Any] = json.loads(content)
        data = manifest["data"]
        provenance = Provenance(
            plan_file=manifest["plan"]["file"],
            plan_text=plan_text,
            plan_sha256=manifest["plan"]["sha256"],
            data_description=data["description"],
            data_sha256s=tuple(data["sha256"].items()),
            seed=data["seed"],
            versions=tuple(manifest["versions"].items()),
            command=manifest["command"],
            synthetic=data["synthetic"],
            citation=data["citation"],
            remarks=tuple(
                Remark(**(told | {"analyses": tuple(told["analyses"])}))
                for told in manifest["remarks"]
            ),
            only=tuple(manifest["only"]),
        )
        return provenance, manifest["files"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a manifest: {error!r}") from None
