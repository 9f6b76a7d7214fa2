"""Lambda functions and layers."""

from __future__ import annotations

import io
import zipfile

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType
from local.aws.runtime import layers

_CONFIGURATION = (
    "Description Environment EphemeralStorage Handler KmsKeyArn Layers LoggingConfig MemorySize Role Runtime Timeout"
    " TracingConfig VpcConfig"
)
_CODE = ("S3Bucket", "S3Key", "S3ObjectVersion", "ZipFile")


def _configuration(request: Request) -> Properties:
    found = {key: value for key, value in request.properties.items() if key in _CONFIGURATION.split()}
    if "KmsKeyArn" in found:
        found["KMSKeyArn"] = found.pop("KmsKeyArn")
    return found


def _code(request: Request) -> Properties:
    """Where the code is. Inline code is text in a template and a zip in the API."""
    code: Properties = request.properties["Code"]
    request.only(code, " ".join(_CODE), "Code")
    if "ZipFile" not in code:
        return code
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", code["ZipFile"])
    return {"ZipFile": packed.getvalue()}


def _read(request: Request) -> Properties:
    """The function's configuration, with layers as templates name them."""
    function = request.client("lambda").get_function(FunctionName=request.name)
    found: Properties = function["Configuration"]
    found["Layers"] = [layer["Arn"] for layer in found.get("Layers", [])]
    return {**found, "Tags": function.get("Tags", {})}


def _create(request: Request) -> Made:
    parameters: Properties = {"FunctionName": request.name, **_configuration(request)}
    for key in ("Architectures", "PackageType"):
        if key in request.properties:
            parameters[key] = request.properties[key]
    code = _code(request)
    parameters |= {"Tags": request.tags(), "Code": code}
    request.keep("lambda", "create_function", parameters, lambda _: {**_read(request), "Code": code})
    _reserve(request)
    return Made(request.name, {"Arn": _arn(request)})


def _update(request: Request, made: Made) -> Made:
    parameters = {"FunctionName": made.ref, **_configuration(request)}
    request.keep("lambda", "update_function_configuration", parameters, lambda _: _read(request))
    request.call("lambda", "update_function_code", {"FunctionName": made.ref, **_code(request)})
    _reserve(request)
    return made


def _reserve(request: Request) -> None:
    if "ReservedConcurrentExecutions" in request.properties:
        reserved = request.properties["ReservedConcurrentExecutions"]
        parameters = {"FunctionName": request.name, "ReservedConcurrentExecutions": reserved}
        request.call("lambda", "put_function_concurrency", parameters)


def _delete(request: Request, made: Made) -> None:
    request.client("lambda").delete_function(FunctionName=made.ref)


def _arn(request: Request) -> str:
    return f"arn:aws:lambda:{request.region}:{request.account}:function:{request.name}"


def _publish_layer(request: Request, _made: Made | None = None) -> Made:
    """Publish a version; a change publishes the next one, and whoever refers to the layer gets it."""
    content = request.properties["Content"]
    source = request.client("s3").get_object(Bucket=content["S3Bucket"], Key=content["S3Key"])
    layers.check(source["Body"].read(), f"{request.stack}/{request.logical_id}")
    parameters = {**request.properties, "LayerName": request.name}
    # The answer to publishing holds the version as kept; where its content came from is not part of it.
    keys = request.without("Content", "LayerName")
    answer = request.call("lambda", "publish_layer_version", parameters)
    if lost := [key for key, value in keys.items() if answer.get(key) != value]:
        request.refuse(f"moto's publish_layer_version does not keep {', '.join(lost)}")
    return Made(answer["LayerVersionArn"], {"LayerVersionArn": answer["LayerVersionArn"]})


def _delete_layer(request: Request, made: Made) -> None:
    name, version = made.ref.split(":")[-2:]
    request.client("lambda").delete_layer_version(LayerName=name, VersionNumber=int(version))


TYPES = (
    ResourceType(
        "AWS::Lambda::Function",
        f"FunctionName Code Architectures PackageType ReservedConcurrentExecutions Tags {_CONFIGURATION}",
        _create,
        _delete,
        _update,
        name_property="FunctionName",
        fixed="Architectures PackageType Tags",
    ),
    ResourceType(
        "AWS::Lambda::LayerVersion",
        "LayerName Content CompatibleArchitectures CompatibleRuntimes Description LicenseInfo",
        _publish_layer,
        _delete_layer,
        _publish_layer,
        name_property="LayerName",
    ),
)
