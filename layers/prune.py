"""What is taken out of installed wheels: parts that no function of ours can reach. Each line names what it drops."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from layers.elf import stripped

if TYPE_CHECKING:
    from pathlib import Path

# Glob patterns below the folder in which the wheels were installed.
EVERYWHERE = (
    "bin",
    "**/__pycache__",
    "**/tests",
    *(
        f"**/*.{suffix}" for suffix in ("pyi", "pyx", "pxd", "pxi", "h", "c", "cc", "cpp")
    ),  # to build against, or to type-check
    *(f"*.dist-info/{name}" for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "sboms")),
)
FROM_LAYER = {
    "base": (),
    "arrow": (
        "pyarrow/include",
        "pyarrow/includes",
        "pyarrow/src",
        "pyarrow/*flight*",
        "pyarrow/*orc*",
        "pyarrow/_substrait*",  # libarrow_substrait stays: pyarrow's core links to it
        "pyarrow/*parquet_encryption*",
        "pyarrow/_azurefs*",
        "pyarrow/_gcsfs*",
        "pyarrow/_hdfs*",
        "pyarrow/_pyarrow_cpp_tests*",
        "pyarrow/libarrow_python.so",  # copies of the file that the loader looks up by its SONAME, …so.<version>
        "pyarrow/libarrow_python.so.*.*.*",
    ),
    "lakehouse": (
        "adbc_driver_duckdb",
        "_duckdb-stubs",
        "fb303",
        "hive_metastore",
        "pyiceberg/cli",
        "zstandard/_cffi*",  # the backend for PyPy
        "zstandard/backend_cffi.py",
    ),
    "postgres": (),
    "web": ("urllib3/contrib/emscripten",),  # for browsers
}


def prune(layer: str, tree: Path) -> None:
    """Remove from `tree`, where the layer's wheels were installed, what no function needs, and strip its libraries."""
    for pattern in (*EVERYWHERE, *FROM_LAYER[layer]):
        for found in sorted(tree.glob(pattern)):
            if found.is_dir():
                shutil.rmtree(found)
            else:
                found.unlink(missing_ok=True)
    for library in tree.rglob("*.so*"):
        if library.is_file():
            library.write_bytes(stripped(library.read_bytes()))
