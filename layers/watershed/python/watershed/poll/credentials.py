"""What a request proves itself with: a secret of Secrets Manager, or a token that it buys. No text of ours has one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from watershed.poll.failure import Cause, PollFailed
from watershed.poll.model import Auth, AuthKind
from watershed.poll.transport import Answer

Ask = Callable[[str, dict[str, str], bytes], Answer]  # POST: address, headers, body
_OK, _REFUSED = 200, 400


class SecretsClient(Protocol):
    """The part of boto3's Secrets Manager client used here."""

    def get_secret_value(self, **request: Any) -> dict[str, Any]:
        """GetSecretValue."""


@dataclass
class Credentials:
    """A source's headers of authorization, got when first needed and once more when they are refused.

    Args:
        auth: How.
        secret: Its name.
        secrets: boto3's Secrets Manager client.
    """

    auth: Auth
    secret: str
    secrets: SecretsClient
    _headers: dict[str, str] | None = field(default=None, repr=False)

    def headers(self, ask: Ask, *, anew: bool = False) -> dict[str, str]:
        """The headers.

        Args:
            ask: Sends a POST, to the address for tokens.
            anew: Forget what was got before: it was refused.

        Raises:
            PollFailed: if there is no such secret, or no token for it.
        """
        if self._headers is None or anew:
            self._headers = self._made(ask)
        return self._headers

    def _made(self, ask: Ask) -> dict[str, str]:
        match self.auth.kind:
            case AuthKind.NONE:
                return {}
            case AuthKind.HEADER:
                token = self._member(self.auth.member) if self.auth.member else self._secret()
                return {self.auth.header: f"{self.auth.prefix}{self._line(token)}"}
            case AuthKind.BASIC:
                pair = f"{self._member('user')}:{self._member('password')}".encode()
                return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
            case AuthKind.CLIENT_CREDENTIALS:
                return {"Authorization": f"Bearer {self._line(self._token(ask))}"}

    def _token(self, ask: Ask) -> str:
        """A token by OAuth 2.0's client credentials (RFC 6749, section 4.4)."""
        asked = {
            "grant_type": "client_credentials",
            "client_id": self._member("client_id"),
            "client_secret": self._member("client_secret"),
            **({"scope": self.auth.scope} if self.auth.scope else {}),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = ask(self.auth.token_url, headers, urlencode(asked).encode())
        if answer.status >= _REFUSED:
            raise PollFailed(Cause.UNAUTHORIZED, f"The address for tokens answered {answer.status}.")
        try:
            token = json.loads(answer.body)["access_token"]
        except (LookupError, TypeError, ValueError, RecursionError):
            token = None
        if answer.status != _OK or not isinstance(token, str):
            raise PollFailed(Cause.UNAUTHORIZED, "The address for tokens gave none.")
        return token

    def _secret(self) -> str:
        try:
            return str(self.secrets.get_secret_value(SecretId=self.secret)["SecretString"])
        except (ClientError, BotoCoreError, KeyError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
            message = f"Secrets Manager does not give the secret {self.secret} ({code})."
            raise PollFailed(Cause.NO_SECRET, message) from None

    def _member(self, name: str) -> str:
        try:
            value = json.loads(self._secret())[name]
        except (LookupError, TypeError, ValueError, RecursionError):
            value = None
        if not isinstance(value, str) or not value:
            raise PollFailed(Cause.NO_SECRET, f"The secret {self.secret} is not JSON with the text `{name}`.")
        return value

    def _line(self, token: str) -> str:
        """A token that a header can hold: http.client would quote any other one in its error."""
        token = token.strip()
        if not token or not token.isascii() or not token.isprintable():
            raise PollFailed(Cause.NO_SECRET, f"The secret {self.secret} does not give one line of plain characters.")
        return token
