"""Networks, kept by moto's EC2 as templates describe them. Nothing on the laptop is held back by one."""

from __future__ import annotations

import json
from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType

_ENDS = ("CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId", "SourceSecurityGroupId")


def _tagged(request: Request, kind: str) -> Properties:
    tags = [{"Key": key, "Value": value} for key, value in request.tags().items()]
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]} if tags else {}


def _create_network(request: Request) -> Made:
    ec2, properties = request.client("ec2"), request.properties
    asked: Properties = {key: properties[key] for key in ("CidrBlock", "InstanceTenancy") if key in properties}
    network = request.call("ec2", "create_vpc", {**asked, **_tagged(request, "vpc")})["Vpc"]["VpcId"]
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        if name in properties:
            ec2.modify_vpc_attribute(VpcId=network, **{name: {"Value": properties[name]}})
            kept = ec2.describe_vpc_attribute(VpcId=network, Attribute=name[0].lower() + name[1:])[name]["Value"]
            if kept != properties[name]:
                request.refuse(f"moto does not keep {name}")
    return Made(network, {"VpcId": network, "CidrBlock": properties["CidrBlock"]})


def _delete_network(request: Request, made: Made) -> None:
    request.client("ec2").delete_vpc(VpcId=made.ref)


def _create_subnet(request: Request) -> Made:
    asked = request.without("MapPublicIpOnLaunch", "Tags")

    def read(answer: Any) -> Any:
        return {**answer["Subnet"], "TagSpecifications": tagged.get("TagSpecifications")}

    tagged = _tagged(request, "subnet")
    subnet = request.keep("ec2", "create_subnet", {**asked, **tagged}, read)["Subnet"]["SubnetId"]
    if request.properties.get("MapPublicIpOnLaunch"):
        request.refuse("the laptop has no public addresses")
    return Made(subnet, {"SubnetId": subnet})


def _delete_subnet(request: Request, made: Made) -> None:
    request.client("ec2").delete_subnet(SubnetId=made.ref)


def _create_routes(request: Request) -> Made:
    asked = {"VpcId": request.properties["VpcId"], **_tagged(request, "route-table")}
    table = request.call("ec2", "create_route_table", asked)["RouteTable"]["RouteTableId"]
    return Made(table, {"RouteTableId": table})


def _delete_routes(request: Request, made: Made) -> None:
    request.client("ec2").delete_route_table(RouteTableId=made.ref)


def _associate(request: Request) -> Made:
    return Made(request.call("ec2", "associate_route_table", request.properties)["AssociationId"])


def _dissociate(request: Request, made: Made) -> None:
    request.client("ec2").disassociate_route_table(AssociationId=made.ref)


def _create_endpoint(request: Request) -> Made:
    properties = request.without("Tags")
    if "PolicyDocument" in properties:
        properties["PolicyDocument"] = json.dumps(properties["PolicyDocument"])

    def read(answer: Any) -> Any:
        return answer["VpcEndpoint"]

    made = request.keep("ec2", "create_vpc_endpoint", properties, read)["VpcEndpoint"]["VpcEndpointId"]
    if tags := request.tags():
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        request.client("ec2").create_tags(Resources=[made], Tags=listed)
    return Made(made, {"Id": made})


def _delete_endpoint(request: Request, made: Made) -> None:
    request.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[made.ref])


def _create_group(request: Request) -> Made:
    ec2, properties = request.client("ec2"), request.properties
    asked = {"GroupName": request.name, "Description": properties["GroupDescription"], "VpcId": properties["VpcId"]}
    group = request.call("ec2", "create_security_group", {**asked, **_tagged(request, "security-group")})["GroupId"]
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    if "SecurityGroupEgress" in properties:  # instead of the one that lets everything out
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=found["IpPermissionsEgress"])
    for way in ("Egress", "Ingress"):
        for rule in properties.get(f"SecurityGroup{way}", []):
            _authorize(request, way.lower(), group, rule)
    return Made(group, {"GroupId": group, "VpcId": properties["VpcId"]})


def _authorize(request: Request, way: str, group: str, rule: Properties) -> None:
    permission = _permission(request, rule)
    request.call("ec2", f"authorize_security_group_{way}", {"GroupId": group, "IpPermissions": [permission]})


def _permission(request: Request, rule: Properties) -> Properties:
    """A rule as the API has it."""
    request.only(rule, f"Description FromPort GroupId IpProtocol ToPort {' '.join(_ENDS)}", "rule")
    described = {"Description": rule["Description"]} if "Description" in rule else {}
    ends = {
        "CidrIp": ("IpRanges", "CidrIp"),
        "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
        "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
        "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
        "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    }
    ports: Properties = {key: rule[key] for key in ("FromPort", "ToPort") if key in rule}
    to: Properties = {ends[key][0]: [{ends[key][1]: rule[key], **described}] for key in _ENDS if key in rule}
    return {"IpProtocol": rule["IpProtocol"], **ports, **to}


def _delete_group(request: Request, made: Made) -> None:
    request.client("ec2").delete_security_group(GroupId=made.ref)


def _add_ingress(request: Request) -> Made:
    _authorize(request, "ingress", request.properties["GroupId"], request.properties)
    return Made(f"{request.logical_id}-{request.properties['GroupId']}")


def _remove_ingress(request: Request, _made: Made) -> None:
    permission = _permission(request, request.properties)
    request.client("ec2").revoke_security_group_ingress(
        GroupId=request.properties["GroupId"], IpPermissions=[permission]
    )


def _create_flow_log(request: Request) -> Made:
    properties = request.without("ResourceId", "Tags")
    asked = {**properties, "ResourceIds": [request.properties["ResourceId"]], **_tagged(request, "vpc-flow-log")}
    answer = request.call("ec2", "create_flow_logs", asked)
    if answer["Unsuccessful"]:
        request.refuse(str(answer["Unsuccessful"][0]["Error"]))
    return Made(answer["FlowLogIds"][0], {"Id": answer["FlowLogIds"][0]})


def _delete_flow_log(request: Request, made: Made) -> None:
    request.client("ec2").delete_flow_logs(FlowLogIds=[made.ref])


TYPES = (
    ResourceType(
        "AWS::EC2::VPC",
        "CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Tags",
        _create_network,
        _delete_network,
    ),
    ResourceType(
        "AWS::EC2::Subnet",
        "AvailabilityZone CidrBlock MapPublicIpOnLaunch Tags VpcId",
        _create_subnet,
        _delete_subnet,
    ),
    ResourceType("AWS::EC2::RouteTable", "Tags VpcId", _create_routes, _delete_routes),
    ResourceType("AWS::EC2::SubnetRouteTableAssociation", "RouteTableId SubnetId", _associate, _dissociate),
    ResourceType(
        "AWS::EC2::VPCEndpoint",
        "PolicyDocument RouteTableIds ServiceName Tags VpcEndpointType VpcId",
        _create_endpoint,
        _delete_endpoint,
    ),
    ResourceType(
        "AWS::EC2::SecurityGroup",
        "GroupName GroupDescription SecurityGroupEgress SecurityGroupIngress Tags VpcId",
        _create_group,
        _delete_group,
        name_property="GroupName",
    ),
    ResourceType(
        "AWS::EC2::SecurityGroupIngress",
        "Description FromPort GroupId IpProtocol SourceSecurityGroupId ToPort",
        _add_ingress,
        _remove_ingress,
    ),
    ResourceType(
        "AWS::EC2::FlowLog",
        "DeliverLogsPermissionArn LogDestinationType LogGroupName ResourceId ResourceType Tags TrafficType",
        _create_flow_log,
        _delete_flow_log,
    ),
)
