"""How layers are made: what is stripped, pruned, zipped and pinned."""

from __future__ import annotations

import re
import struct
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from watershed.errors import ConfigurationError
from watershed.names import RECEIVE, Stage

from layers import build as builder
from layers.archive import archive
from layers.build import Built, check_sizes, function_sizes
from layers.elf import stripped
from layers.manifest import (
    FUNCTION_LAYERS,
    HOST,
    LAKE,
    LAMBDA,
    LAYERS_LIMIT,
    LEFT_OUT,
    LIBRARY,
    REQUIREMENTS,
    RUNTIME,
    THIRD_PARTY,
    UNZIPPED_LIMIT,
)
from layers.prune import prune

if TYPE_CHECKING:
    from collections.abc import Iterator

PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


def elf(segments: bytes, behind: bytes) -> bytes:
    """A minimal library: header, one program header, the segment it names, and what lies behind it."""
    header_and_table = 64 + 56
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 3, 183, 1, 0, 64, 1000, 0, 64, 56, 1, 64, 7, 6)
    program = struct.pack("<IIQQQQQQ", 1, 5, header_and_table, 0, 0, len(segments), len(segments), 4096)
    return head + program + segments + behind


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_stripping_keeps_every_segment_and_drops_what_lies_behind(segments: bytes, behind: bytes) -> None:
    kept = stripped(elf(segments, behind))
    assert kept[120:] == segments
    assert kept[:40] == elf(segments, b"")[:40]
    assert struct.unpack_from("<Q", kept, 40) == (0,), "section headers are gone"
    assert struct.unpack_from("<HHH", kept, 58) == (0, 0, 0)
    assert stripped(kept) == kept


@pytest.mark.parametrize("other", [b"", b"PK\x03\x04", b"\x7fELF\x01\x01 32 bits", b"\xcf\xfa\xed\xfe a Mac's library"])
def test_other_files_are_left_alone(other: bytes) -> None:
    assert stripped(other) == other


def test_equal_folders_give_equal_zips(tmp_path: Path) -> None:
    contents = []
    for name, order in (("one", "ab"), ("two", "ba")):
        for letter in order:
            file = tmp_path / name / "python" / f"{letter}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{letter} = 1\n")
        file.chmod(0o700)
        contents.append(archive(tmp_path / name, tmp_path / f"{name}.zip"))
    assert contents[0] == contents[1]
    assert contents[0].unzipped == 12
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as zipped:
        assert [entry.date_time for entry in zipped.infolist()] == [(1980, 1, 1, 0, 0, 0)] * 2
        assert zipped.namelist() == ["python/a.py", "python/b.py"]


def test_a_changed_byte_changes_the_digest(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    file = tmp_path / "in" / "a.py"
    digests = set()
    for text in ("a = 1\n", "a = 2\n"):
        file.write_text(text)
        digests.add(archive(tmp_path / "in", tmp_path / "out.zip").digest)
    file.rename(file.with_name("b.py"))
    digests.add(archive(tmp_path / "in", tmp_path / "out.zip").digest)
    assert len(digests) == 3


def test_pruning_drops_what_no_function_reaches(tmp_path: Path) -> None:
    gone = [
        "bin/tool",
        "pyarrow/__pycache__/a.pyc",
        "pyarrow/tests/test_a.py",
        "pyarrow/include/arrow/api.h",
        "pyarrow/lib.pyx",
        "pyarrow/libarrow_flight.so.2500",
        "pyarrow/_flight.cpython-314-aarch64-linux-gnu.so",
        "pyarrow/libarrow_python.so",
        "pyarrow/libarrow_python.so.2500.1.0",
        "pyarrow-25.0.1.dist-info/RECORD",
    ]
    kept = [
        "pyarrow/__init__.py",
        "pyarrow/libarrow_python.so.2500",
        "pyarrow/libarrow_substrait.so.2500",
        "pyarrow-25.0.1.dist-info/METADATA",
        "pyarrow-25.0.1.dist-info/licenses/LICENSE.txt",
    ]
    for name in (*gone, *kept):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(elf(b"code", b"symbols") if ".so" in name else b"x")
    prune("arrow", tmp_path)
    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()) == sorted(kept)
    assert (tmp_path / "pyarrow/libarrow_python.so.2500").read_bytes().endswith(b"code")


def pins(layer: str) -> dict[str, str]:
    text = (REQUIREMENTS / f"{layer}.txt").read_text(encoding="utf-8")
    return {canonicalize_name(found[1]): found[2] for line in text.splitlines() if (found := PIN.match(line))}


@pytest.mark.parametrize("layer", THIRD_PARTY)
def test_pins_are_exact_hashed_and_hold_anywhere(layer: str) -> None:
    text = (REQUIREMENTS / f"{layer}.txt").read_text(encoding="utf-8")
    assert pins(layer)
    assert ";" not in text, "a marker would be judged by the building Python, not by Lambda's"
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[A-Za-z0-9._-]+==\S+ \\\n\s+--hash=sha256:", block), block


@pytest.mark.parametrize("layer", THIRD_PARTY)
def test_layers_pin_what_this_environment_runs(layer: str) -> None:
    assert pins(layer) == {name: metadata.version(name) for name in pins(layer)}


@pytest.mark.parametrize("stage", FUNCTION_LAYERS)
def test_no_package_is_in_two_layers_of_a_function(stage: str) -> None:
    carried = [name for layer in FUNCTION_LAYERS[stage] if layer in THIRD_PARTY for name in pins(layer)]
    assert len(carried) == len(set(carried))
    assert not {"boto3", "botocore"} & set(carried), "Lambda has them"
    assert not {"pyyaml", "sqlglot", "pandas", "awswrangler"} & set(carried)


@pytest.mark.parametrize("layer", THIRD_PARTY)
def test_everything_a_layer_needs_is_carried_by_lambda_a_layer_or_left_out_knowingly(layer: str) -> None:
    available: set[str] = {canonicalize_name(name) for name in (*RUNTIME, *LEFT_OUT.get(layer, ()))}
    available |= {name for other in THIRD_PARTY for name in pins(other)}
    assert {need for name in pins(layer) for need in needs(name)} <= available


def needs(package: str) -> Iterator[str]:
    for line in metadata.requires(package) or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": "", "python_version": "3.14"}):
            yield canonicalize_name(requirement.name)


def test_every_function_has_the_base_the_library_and_the_lake() -> None:
    assert set(FUNCTION_LAYERS) == {RECEIVE, *Stage}
    for layers in FUNCTION_LAYERS.values():
        assert {"base", LIBRARY, LAKE} <= set(layers)
        assert len(layers) <= LAYERS_LIMIT


def test_functions_are_weighed_with_their_layers() -> None:
    weights = dict(zip(THIRD_PARTY, (10, 100, 1000, 2, 1), strict=True))
    layers = [Built(name, "arm64", "", "", weight, "") for name, weight in weights.items()]
    sizes = function_sizes(layers)
    code = {stage: size for stage, size in function_sizes([]).items() if size}
    assert sizes["bronze"] - code["bronze"] == 110
    assert sizes["silver"] - code["silver"] == 1110
    assert sizes["gold"] - code["gold"] == 10
    assert sizes["publish"] - code["publish"] == 112
    assert sizes["poll"] - code["poll"] == 11


def test_a_function_that_lambda_would_refuse_is_refused() -> None:
    check_sizes({"bronze": UNZIPPED_LIMIT, "silver": UNZIPPED_LIMIT})
    with pytest.raises(ConfigurationError, match=r"silver \(250 MB\)"):
        check_sizes({"bronze": UNZIPPED_LIMIT, "silver": UNZIPPED_LIMIT + 1})


def test_a_layer_is_stale_once_an_input_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "BUILD", tmp_path)
    monkeypatch.setattr(builder, "_LIBRARY_SOURCE", tmp_path / "python")
    monkeypatch.setattr(builder, "ROOT", Path("/"))
    module = tmp_path / "python" / "watershed" / "module.py"
    module.parent.mkdir(parents=True)
    module.write_text("VALUE = 1\n")
    assert builder.current(LIBRARY, HOST) is None
    (first,) = builder.build([LIBRARY], HOST)
    assert builder.current(LIBRARY, HOST) == first
    assert builder.current(LIBRARY, LAMBDA) is None, "another platform's layer is another layer"
    module.write_text("VALUE = 2\n")
    assert builder.current(LIBRARY, HOST) is None
    (second,) = builder.build([LIBRARY], HOST)
    assert second.contents != first.contents
    module.write_text("VALUE = 1\n")
    (third,) = builder.build([LIBRARY], HOST)
    assert third == first
