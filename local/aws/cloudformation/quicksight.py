"""QuickSight, as it is described: nothing is shown, and rules hide no row here.

moto keeps sources. Of the rest, the API's shapes are checked, what refers to what, and that what is named is there;
then it is kept by its ARN in `Clients.described`, since moto has no API for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.validate import validate_parameters

from local.aws.cloudformation import shapes
from local.aws.cloudformation.quicksight_checks import missing, output_columns
from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType

if TYPE_CHECKING:
    from collections.abc import Callable

_ONLY_CLOUDFORMATION = ("IngestionWaitPolicy",)


def _arn(request: Request, resource: str) -> str:
    return f"arn:aws:quicksight:{request.region}:{request.account}:{resource}"


def _made(request: Request, arn: str) -> Made:
    if request.properties["AwsAccountId"] != request.account:
        request.refuse(f"{request.properties['AwsAccountId']} is another account")
    return Made(f"{request.account}|{arn.rpartition('/')[2]}", {"Arn": arn})


def _fits(request: Request, operation: str, parameters: Properties) -> None:
    """Refuse what the API's own model refuses: names at any depth, types, lengths and what is required."""
    client = request.client("quicksight")
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
    fitted = shapes.coerce(shape, parameters, operation, request.refuse)
    try:
        validate_parameters(fitted, shape)
    except Exception as error:  # noqa: BLE001 - botocore's, which says where and what
        request.refuse(str(error))


def _described(request: Request, kind: str, arn: str) -> Properties:
    """What was kept under an ARN."""
    found: Properties | None = request.clients.described.get(arn)
    if found is None:
        request.refuse(f"there is no {kind} {arn}")
    return found


def _source(request: Request) -> Properties:
    asked = {"AwsAccountId": request.account, "DataSourceId": request.properties["DataSourceId"]}
    source: Properties = request.client("quicksight").describe_data_source(**asked)["DataSource"]
    return {**asked, **source}


def _create_source(request: Request) -> Made:
    athena = request.properties["DataSourceParameters"].get("AthenaParameters", {})
    groups = {each["Name"] for each in request.client("athena").list_work_groups()["WorkGroups"]}
    roles = {each["Arn"] for each in request.client("iam").list_roles()["Roles"]}
    if athena.get("WorkGroup") not in groups or athena.get("RoleArn") not in roles:
        request.refuse(f"its workgroup or role is not there: {athena}")
    request.keep("quicksight", "create_data_source", request.properties, lambda _: _source(request))
    arn = _arn(request, f"datasource/{request.properties['DataSourceId']}")
    request.clients.described[arn] = request.properties
    return _made(request, arn)


def _update_source(request: Request, made: Made) -> Made:
    request.keep("quicksight", "update_data_source", request.without("Type"), lambda _: _source(request))
    request.clients.described[made.attributes["Arn"]] = request.properties
    return made


def _delete_source(request: Request, made: Made) -> None:
    request.clients.described.pop(made.attributes["Arn"])
    asked = {"AwsAccountId": request.account, "DataSourceId": request.properties["DataSourceId"]}
    request.client("quicksight").delete_data_source(**asked)


def _columns(request: Request, dataset: Properties) -> dict[str, str]:
    try:
        return output_columns(dataset)
    except LookupError as error:
        request.refuse(str(error.args[0]))


def _create_dataset(request: Request) -> Made:
    properties = request.properties
    folders = {
        name: {"description": folder.get("Description", ""), "columns": folder["Columns"]}
        for name, folder in properties.get("FieldFolders", {}).items()
    }
    parameters = request.without(*_ONLY_CLOUDFORMATION)
    _fits(request, "create_data_set", {**parameters, **({"FieldFolders": folders} if folders else {})})
    for table in properties["PhysicalTableMap"].values():
        _described(request, "source", table["RelationalTable"]["DataSourceArn"])
    columns = _columns(request, properties)
    if rules := properties.get("RowLevelPermissionDataSet"):
        _check_rules(request, columns, _described(request, "dataset", rules["Arn"]))
    arn = _arn(request, f"dataset/{properties['DataSetId']}")
    request.clients.described[arn] = properties
    return _made(request, arn)


def _check_rules(request: Request, columns: dict[str, str], rules: Properties) -> None:
    """Rules name users and groups, and beside them text columns of what they are for."""
    if rules.get("UseAs") != "RLS_RULES":
        request.refuse("its rules are a dataset that is not for rules")
    given = _columns(request, rules)
    if not {"UserName", "GroupName"} <= set(given):
        request.refuse("its rules name no users and groups")
    if wrong := sorted(name for name in set(given) - {"UserName", "GroupName"} if columns.get(name) != "STRING"):
        request.refuse(f"its rules are about {', '.join(wrong)}, which it does not have as text")


def _create_refresh(request: Request) -> Made:
    schedule = request.properties["Schedule"]
    frequency = {{"TimeZone": "Timezone"}.get(key, key): item for key, item in schedule["ScheduleFrequency"].items()}
    named = request.properties["DataSetId"]
    parameters = {**request.properties, "Schedule": {**schedule, "ScheduleFrequency": frequency}}
    _fits(request, "create_refresh_schedule", parameters)
    if _described(request, "dataset", _arn(request, f"dataset/{named}"))["ImportMode"] != "SPICE":
        request.refuse(f"{named} keeps nothing that could be refreshed")
    arn = _arn(request, f"dataset/{named}/refresh-schedule/{schedule['ScheduleId']}")
    request.clients.described[arn] = request.properties
    return _made(request, arn)


def _create_page(operation: str, kind: str, identity: str) -> Callable[[Request], Made]:
    def create(request: Request) -> Made:
        properties = request.properties
        _fits(request, operation, properties)
        datasets = {
            each["Identifier"]: _columns(request, _described(request, "dataset", each["DataSetArn"]))
            for each in properties["Definition"]["DataSetIdentifierDeclarations"]
        }
        if faults := missing(properties["Definition"], datasets):
            request.refuse("; ".join(faults))
        arn = _arn(request, f"{kind}/{properties[identity]}")
        request.clients.described[arn] = properties
        return _made(request, arn)

    return create


def _update(create: Callable[[Request], Made]) -> Callable[[Request, Made], Made]:
    def update(request: Request, made: Made) -> Made:
        again = create(request)
        if again != made:
            request.refuse(f"a change of {made.ref} to {again.ref} replaces the resource")
        return again

    return update


def _delete(request: Request, made: Made) -> None:
    request.clients.described.pop(made.attributes["Arn"])


def _type(name: str, properties: str, create: Callable[[Request], Made], fixed: str, **options: Any) -> ResourceType:
    return ResourceType(
        f"AWS::QuickSight::{name}",
        properties,
        create,
        _delete,
        _update(create),
        fixed=f"AwsAccountId {fixed}",
        **options,
    )


TYPES = (
    ResourceType(
        "AWS::QuickSight::DataSource",
        "AwsAccountId DataSourceId DataSourceParameters Name SslProperties Type",
        _create_source,
        _delete_source,
        _update_source,
        fixed="AwsAccountId DataSourceId Type",
    ),
    _type(
        "DataSet",
        "AwsAccountId DataSetId DataSetUsageConfiguration FieldFolders ImportMode IngestionWaitPolicy LogicalTableMap"
        " Name Permissions PhysicalTableMap RowLevelPermissionDataSet UseAs",
        _create_dataset,
        "DataSetId",
    ),
    _type("RefreshSchedule", "AwsAccountId DataSetId Schedule", _create_refresh, "DataSetId"),
    _type(
        "Analysis",
        "AnalysisId AwsAccountId Definition Name Permissions ValidationStrategy",
        _create_page("create_analysis", "analysis", "AnalysisId"),
        "AnalysisId",
    ),
    _type(
        "Dashboard",
        "AwsAccountId DashboardId DashboardPublishOptions Definition Name Permissions ValidationStrategy",
        _create_page("create_dashboard", "dashboard", "DashboardId"),
        "DashboardId",
    ),
)
