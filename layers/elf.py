"""Strips shared libraries of what the loader never reads: symbol tables, debug sections and section headers.

A loader maps the segments that the program headers name, and reads nothing else; so whatever lies behind the last
segment can be cut off, on any machine, for any processor, without binutils. Format: System V ABI, chapters 4 and 5.
"""

from __future__ import annotations

import struct

_MAGIC_64_LITTLE = b"\x7fELF\x02\x01"
_HEADER_SIZE = 64
_PROGRAM_HEADERS_OFFSET, _SECTION_HEADERS_OFFSET = 32, 40  # both 8 bytes
_PROGRAM_HEADER_SIZE_AND_COUNT = 54  # two bytes each
_SECTION_HEADER_SIZE_COUNT_AND_NAMES = 58  # two bytes each
_SEGMENT_OFFSET, _SEGMENT_FILE_SIZE = 8, 32  # within a program header, 8 bytes each


def stripped(image: bytes) -> bytes:
    """The library without what loading it does not need; unchanged if it is not a 64-bit little-endian ELF file."""
    if not image.startswith(_MAGIC_64_LITTLE):
        return image
    (table,) = struct.unpack_from("<Q", image, _PROGRAM_HEADERS_OFFSET)
    size, count = struct.unpack_from("<HH", image, _PROGRAM_HEADER_SIZE_AND_COUNT)
    end = max(_HEADER_SIZE, table + size * count)
    for header in range(table, table + size * count, size):
        (offset,) = struct.unpack_from("<Q", image, header + _SEGMENT_OFFSET)
        (length,) = struct.unpack_from("<Q", image, header + _SEGMENT_FILE_SIZE)
        end = max(end, offset + length)
    kept = bytearray(image[:end])
    struct.pack_into("<Q", kept, _SECTION_HEADERS_OFFSET, 0)
    struct.pack_into("<HHH", kept, _SECTION_HEADER_SIZE_COUNT_AND_NAMES, 0, 0, 0)
    return bytes(kept)
