"""What produced a report, and the files of its folder."""

import platform
from importlib.metadata import version

from ketaoutcomes import __version__
from ketaoutcomes.cohort import Source
from ketaoutcomes.compose.provenance import Provenance
from ketaoutcomes.disk import csv_bytes, hash_of, json_bytes, parquet_bytes
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import ResultTable

PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "lifelines", "matplotlib")


def provenance_of(
    plan_file: str,
    plan_text: str,
    plan: AnalysisPlan,
    source: Source,
    data_hashes: tuple[tuple[str, str], ...],
) -> Provenance:
    """Everything that the report says of its own making; no date, so the bytes repeat."""
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
        ),
        command=f"python -m ketaoutcomes run {plan_file}",
        synthetic=source.kind == "synthetic",
        citation=plan.data.citation,
    )


def report_files(html: str, results: ResultTable, provenance: Provenance) -> dict[str, bytes]:
    """The files of a report's folder: page, results table and manifest."""
    frame = results.to_frame()
    files = {
        "report.html": html.encode(),
        "results.csv": csv_bytes(frame),
        "results.parquet": parquet_bytes(frame),
        "plan.yaml": provenance.plan_text.encode(),
    }
    manifest = {
        "plan": {"file": provenance.plan_file, "sha256": provenance.plan_sha256},
        "data": {
            "description": provenance.data_description,
            "seed": provenance.seed,
            "sha256": dict(provenance.data_sha256s),
        },
        "versions": dict(provenance.versions),
        "files": {name: hash_of(content) for name, content in files.items()},
    }
    return files | {"manifest.json": json_bytes(manifest)}
