"""Which layers there are, for which Python and machine, and which function carries which."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from watershed.names import RECEIVE, Stage

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
BUILD = ROOT / "build" / "layers"

UNZIPPED_LIMIT = 250 * 1024**2  # bytes: AWS Lambda's limit for a function with all its layers
LAYERS_LIMIT = 5  # AWS Lambda's limit for one function

# In the order in which a function's layers are laid over each other: none repeats another's packages.
THIRD_PARTY = {
    "base": "Structured logs and batch handling; every function.",
    "arrow": "Columns, Parquet and streamed JSON; bronze and silver.",
    "lakehouse": "SQL over one batch, and Iceberg commits; silver.",
    "web": "HTTPS to sources, and time zones; the poll.",
}
LIBRARY = "watershed"  # this project's own code, from layers/watershed
LAKE = "lake"  # the compiled contracts and gold models, from layers/lake; made at synth

FUNCTION_LAYERS: dict[str, tuple[str, ...]] = {
    RECEIVE: ("base", LIBRARY, LAKE),
    Stage.COLLECT: ("base", LIBRARY, LAKE),
    Stage.BRONZE: ("base", "arrow", LIBRARY, LAKE),
    Stage.SILVER: ("base", "arrow", "lakehouse", LIBRARY, LAKE),
    Stage.GOLD: ("base", LIBRARY, LAKE),
    Stage.PUBLISH: ("base", "arrow", LIBRARY, LAKE),
    Stage.MAINTENANCE: ("base", LIBRARY, LAKE),
    Stage.POLL: ("base", "web", LIBRARY, LAKE),
}

# Packages that some layer's package asks for and that no layer carries.
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")  # Lambda has them
COMMAND_LINE = ("click", "rich", "markdown-it-py", "mdurl", "pygments")  # pyiceberg's command line
OTHER_CATALOGS = (
    "requests",
    "certifi",
    "charset-normalizer",
    "idna",
    "tenacity",
    "fsspec",
)  # pyiceberg beyond Glue and S3
LEFT_OUT = {"lakehouse": (*RUNTIME, *COMMAND_LINE, *OTHER_CATALOGS, "typing-extensions")}  # the last is in `base`


@dataclass(frozen=True)
class Platform:
    """A Python on a machine for which layers are built."""

    name: str
    python: tuple[int, int]
    machine: str
    wheel_tags: tuple[str, ...] = ()  # platform tags of the wheels to take, best first; empty: this machine's own


# Lambda's Amazon Linux 2023 has glibc 2.34, so every older manylinux fits.
LAMBDA = Platform("arm64", (3, 14), "aarch64", tuple(f"manylinux_2_{minor}_aarch64" for minor in range(34, 16, -1)))
HOST = Platform("host", (sys.version_info.major, sys.version_info.minor), platform.machine())
PLATFORMS = {each.name: each for each in (LAMBDA, HOST)}
