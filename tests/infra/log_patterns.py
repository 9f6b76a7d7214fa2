"""Whether a pattern of CloudWatch Logs finds a line."""

from __future__ import annotations

import re
from typing import Any

TERM = re.compile(r'\(\$\.(\w+) (?:= "([^"]*)"|IS (TRUE|FALSE))\)')


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """Whether CloudWatch Logs finds a JSON line by a pattern of terms that all must hold."""
    one = TERM.pattern
    assert re.fullmatch(rf"\{{ {one}( && {one})* \}}", pattern), "a pattern of another kind"
    terms = TERM.findall(pattern)
    return all(line.get(name) is (state == "TRUE") if state else line.get(name) == text for name, text, state in terms)
