"""The condition keys of a request: those it has, and those it is known not to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.policies.iam.errors import NotModelled

if TYPE_CHECKING:
    from collections.abc import Mapping

# Keys whose value, or absence, is thought about wherever a request is made. Lower case, as IAM ignores case.
_KNOWN = frozenset(
    """
    aws:calledvia aws:principalaccount aws:principalarn aws:principalisawsservice aws:principalorgid
    aws:principalservicename aws:principaltype aws:requestedregion aws:resourceaccount aws:resourceorgid
    aws:resourcetag/watershed
    aws:securetransport aws:sourceaccount aws:sourcearn aws:sourceorgid aws:viaawsservice
    ec2:acceptervpc ec2:requestervpc
    iam:passedtoservice iam:permissionsboundary
    kms:calleraccount kms:grantisforawsresource kms:resourcealiases kms:viaservice
    lambda:sourcefunctionarn
    s3:authtype s3:dataaccesspointaccount s3:dataaccesspointarn s3:if-match s3:if-none-match s3:prefix
    s3:resourceaccount
    s3:signatureage s3:tlsversion s3:x-amz-acl s3:x-amz-server-side-encryption
    s3:x-amz-server-side-encryption-aws-kms-key-id s3:x-amz-server-side-encryption-customer-algorithm
    """.split()  # noqa: SIM905 - one a line would fill a screen
)
_KNOWN_PREFIXES = ("kms:encryptioncontext:",)


class Context:
    """A request's condition keys. A key that is known and not given is absent from the request."""

    def __init__(self, values: Mapping[str, str | tuple[str, ...]]) -> None:
        self._values = {
            key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in values.items()
        }
        for key in self._values:
            _check(key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Context) and self._values == other._values

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def get(self, key: str) -> tuple[str, ...]:
        """The key's values; none if it is absent.

        Raises:
            NotModelled: if nobody has said yet what the key is in any request.
        """
        _check(key.lower())
        return self._values.get(key.lower(), ())


def _check(key: str) -> None:
    if key not in _KNOWN and not key.startswith(_KNOWN_PREFIXES):
        raise NotModelled(f"{key}: say in {__name__} that requests may have this condition key, and where they do.")
