"""Sample data like the real world's: three regions, each with its own habits and its own mistakes."""

from local.sample.files import Expected, SampleFile, write

__all__ = ["Expected", "SampleFile", "write"]
