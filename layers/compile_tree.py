"""Compiles the modules of staged layers to byte code. Runs in this Python, and in the one that Pyodide carries."""

import importlib.util
import json
import py_compile
import sys
import warnings
from pathlib import Path


def compile_trees(folder: str) -> str:
    """Compile every .py file of the layers staged in `folder`, each in a folder of its own, as Lambda sees them.

    The byte code is valid whatever the source file's time says, because Lambda's unpacking resets it: unchecked hash.

    Returns:
        JSON: `python`, the version that compiled; `compiled`, how many files; `failed`, the files with syntax errors.
    """
    compiled, failed = 0, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        for source in sorted(Path(folder).rglob("*.py")):
            in_lambda = Path("/opt", *source.relative_to(folder).parts[1:])
            try:
                py_compile.compile(
                    str(source),
                    cfile=importlib.util.cache_from_source(str(source)),
                    dfile=str(in_lambda),
                    doraise=True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )
                compiled += 1
            except py_compile.PyCompileError:
                failed.append(str(in_lambda))
    return json.dumps({"python": sys.version_info[:3], "compiled": compiled, "failed": failed})
