"""Why a poll failed: a closed list of causes, each with what to do. No text here holds anything of an answer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from watershed.errors import Transient

if TYPE_CHECKING:
    from datetime import datetime


class Cause(StrEnum):
    """What `watershed sources` shows."""

    NO_SECRET = "no_secret"  # noqa: S105  a cause, not a secret
    UNAUTHORIZED = "unauthorized"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    FORBIDDEN_ADDRESS = "forbidden_address"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    SLOW = "slow"
    CUT_OFF = "cut_off"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"
    TOO_LARGE = "too_large"
    MALFORMED_PAGE = "malformed_page"
    REPEATED_PAGE = "repeated_page"
    MOVING_PAGES = "moving_pages"
    WINDOW_TOO_LONG = "window_too_long"
    UNFORESEEN = "unforeseen"

    @property
    def remedy(self) -> str:
        """What to do about it, one imperative sentence."""
        return _REMEDIES[self]


_REMEDIES = {
    Cause.NO_SECRET: "Put the secret watershed/<source>/pull into Secrets Manager, as docs/connectors.md shows.",
    Cause.UNAUTHORIZED: "Renew the credentials in the secret, or what the source lets them do.",
    Cause.REFUSED: "Correct the connector's path or parameters by the source's documentation.",
    Cause.REDIRECTED: "Write the address that the source means now into the connector, once you trust it.",
    Cause.FORBIDDEN_ADDRESS: "Correct the host, or have its DNS name public addresses only.",
    Cause.UNREACHABLE: "Ask the source whether it is up; the next poll tries again.",
    Cause.UNTRUSTED: "Have the source mend its certificate.",
    Cause.SLOW: "Ask for smaller pages, or ask the source why it is slow; the next poll tries again.",
    Cause.CUT_OFF: "Ask for smaller pages, or ask the source; the next poll tries again.",
    Cause.THROTTLED: "Lower requestsPerMinute, or poll less often; the next poll waits as the source asked.",
    Cause.SERVER_ERROR: "Ask the source whether it is well; the next poll tries again.",
    Cause.TOO_LARGE: "Ask for smaller pages.",
    Cause.MALFORMED_PAGE: "Correct the connector's records, or ask the source what it sends.",
    Cause.REPEATED_PAGE: "Correct the connector's pagination: the source gave a page that it had given before.",
    Cause.MOVING_PAGES: "Poll at a quieter time, or make the window shorter; the next poll tries again.",
    Cause.WINDOW_TOO_LONG: "Give the stream `until` and a `window`, larger pages, or more requestsPerMinute.",
    Cause.UNFORESEEN: "Look into the log of watershed-poll.",
}


class PollFailed(Transient):
    """One stream could not be read on; what was read is kept, and the next poll goes on.

    Args:
        cause: Why.
        message: What happened, one sentence, without a value, a query or an answer's text.
        not_before: When the source wants to be asked again, if it said so.
    """

    def __init__(self, cause: Cause, message: str, not_before: datetime | None = None) -> None:
        super().__init__(message, remedy=cause.remedy)
        self.cause = cause
        self.not_before = not_before
