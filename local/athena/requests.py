"""What every action of the API does alike: refuse a request, cut a list into pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moto.athena.responses import AthenaResponse

PAGE = 50


def invalid(message: str) -> JsonRESTError:
    """The answer to a request that Athena refuses."""
    return JsonRESTError("InvalidRequestException", message)


def page(response: AthenaResponse, items: Sequence[Any], most: int = PAGE) -> tuple[Sequence[Any], dict[str, str]]:
    """The items that `NextToken` and `MaxResults` ask for, and the next token if more follow.

    Raises:
        JsonRESTError: for a token that no answer gave, and for pages larger than `most`.
    """
    token = str(response._get_param("NextToken") or "0")  # noqa: SLF001 - how moto's own responses read a request
    size = int(response._get_param("MaxResults") or most)  # noqa: SLF001
    if not token.isdecimal():
        raise invalid("Malformed NextToken")
    if not 1 <= size <= most:
        raise invalid(f"MaxResults is more than maximum allowed length {most}.")
    end = int(token) + size
    return items[int(token) : end], {"NextToken": str(end)} if end < len(items) else {}
