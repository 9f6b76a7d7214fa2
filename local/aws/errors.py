"""What the laptop's AWS refuses. Nothing is skipped in silence: it is imitated, listed in the docs, or refused."""

from __future__ import annotations

from watershed.errors import ConfigurationError


class UnsupportedResource(ConfigurationError):
    """A template holds something that the laptop would drop.

    Args:
        where: stack and logical id, e.g. `Lake-eu-central-1/RawBucket`.
        type_name: the resource's type, e.g. `AWS::S3::Bucket`.
        what: the property's path or the whole type, and what is the matter with it.
    """

    def __init__(self, where: str, type_name: str, what: str) -> None:
        super().__init__(
            f"{where} ({type_name}): {what}.",
            remedy="Leave it out of the template, or teach local/aws/cloudformation to keep it, with a test.",
        )


class DeploymentRejected(ConfigurationError):
    """AWS would refuse this template at deployment, for a reason that moto does not check."""


class LayerMismatch(ConfigurationError):
    """A layer's pinned package is not the one installed here, so the laptop would run something else than AWS."""


class InvalidAssembly(ConfigurationError):
    """The folder is not a cloud assembly that the laptop can deploy."""
