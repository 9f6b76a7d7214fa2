"""Athena workgroups and saved queries."""

from __future__ import annotations

from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType


def _read(request: Request) -> Properties:
    group = request.client("athena").get_work_group(WorkGroup=request.name)["WorkGroup"]
    return {**group, "WorkGroup": request.name, "Tags": None, "ConfigurationUpdates": group.get("Configuration")}


def _create_work_group(request: Request) -> Made:
    parameters: Properties = {
        "Name": request.name,
        "Configuration": request.properties.get("WorkGroupConfiguration", {}),
    }
    if "Description" in request.properties:
        parameters["Description"] = request.properties["Description"]
    request.keep("athena", "create_work_group", parameters, lambda _: _read(request))
    if tags := request.tags():
        arn = f"arn:aws:athena:{request.region}:{request.account}:workgroup/{request.name}"
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        request.call("athena", "tag_resource", {"ResourceARN": arn, "Tags": listed})
    return Made(request.name)


def _update_work_group(request: Request, made: Made) -> Made:
    updates = request.properties.get("WorkGroupConfiguration", {})
    parameters = {"WorkGroup": made.ref, "ConfigurationUpdates": updates}
    request.keep("athena", "update_work_group", parameters, lambda _: _read(request))
    return made


def _delete_work_group(request: Request, made: Made) -> None:
    recursive = bool(request.properties.get("RecursiveDeleteOption"))
    request.client("athena").delete_work_group(WorkGroup=made.ref, RecursiveDeleteOption=recursive)


def _create_named_query(request: Request) -> Made:
    parameters = {"Name": request.name, **request.properties}

    def read(answer: Any) -> Any:
        return request.client("athena").get_named_query(NamedQueryId=answer["NamedQueryId"])["NamedQuery"]

    query = request.keep("athena", "create_named_query", parameters, read)["NamedQueryId"]
    return Made(query, {"NamedQueryId": query})


def _delete_named_query(request: Request, made: Made) -> None:
    request.client("athena").delete_named_query(NamedQueryId=made.ref)


TYPES = (
    ResourceType(
        "AWS::Athena::WorkGroup",
        "Name Description WorkGroupConfiguration RecursiveDeleteOption Tags",
        _create_work_group,
        _delete_work_group,
        _update_work_group,
        name_property="Name",
        fixed="Description Tags",
        not_imitated={"State": "a disabled workgroup still runs queries"},
    ),
    ResourceType(
        "AWS::Athena::NamedQuery",
        "Name Description Database QueryString WorkGroup",
        _create_named_query,
        _delete_named_query,
        name_property="Name",
    ),
)
