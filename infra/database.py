"""The region's SQL database: Aurora PostgreSQL that sleeps while nobody asks, with gold's tables for people's tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from constructs import Construct
from watershed import names

from infra.log_groups import LOG_RETENTION, MASKED

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from infra.alarms import AlarmTopic
    from infra.network import Network

ENGINE = "aurora-postgresql"
_VERSION = rds.AuroraPostgresEngineVersion.VER_17_9
MOST_ACUS = 4  # about 8 GB of memory
PAUSE_AFTER = 300  # seconds without a connection; Aurora's shortest
BACKUP_DAYS = 7  # what is in it is made again from gold within one refresh; people's own roles and views are not
_PARAMETERS = {
    "rds.force_ssl": "1",
    # What PostgreSQL logs of a failed statement may quote rows: neither the statement, nor its context and details.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    # A window that somebody forgot would keep it awake, and paid for.
    "idle_session_timeout": "600000",  # milliseconds
}


class Database(Construct):
    """One writer and no reader: a second instance would cost as much again, and gold is there if this one is not.

    No proxy stands before it, because a proxy's connections would never let it sleep. It is protected from deletion:
    whoever removes the setting turns that off first, and the last snapshot stays.

    Args:
        scope: The region's stack.
        construct_id: Its id.
        network: Where it is.
        key: The region's.
        alarms: Where it is heard that it is too small.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, network: Network, key: kms.IKey, alarms: AlarmTopic
    ) -> None:
        super().__init__(scope, construct_id)
        self.network = network
        subnets = rds.CfnDBSubnetGroup(
            self, "Subnets", db_subnet_group_description="Where the database may be", subnet_ids=network.subnets
        )
        parameters = rds.CfnDBClusterParameterGroup(
            self,
            "Parameters",
            family=f"{ENGINE}{_VERSION.aurora_postgres_major_version}",
            description="TLS only, and no rows in logs",
            parameters=_PARAMETERS,
        )
        # Before the database, which else would make it itself: unencrypted, and for ever.
        group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=names.DATABASE_LOG,
            retention=LOG_RETENTION,
            encryption_key=key,
            data_protection_policy=MASKED,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        key_of_tag, value_of_tag = names.DATABASE_TAG
        self._cluster = rds.CfnDBCluster(
            self,
            "Cluster",
            db_cluster_identifier=names.DATABASE,
            database_name=names.DATABASE,
            engine=ENGINE,
            engine_version=_VERSION.aurora_postgres_full_version,
            port=names.DATABASE_PORT,
            master_username=names.DATABASE_OWNER,
            manage_master_user_password=True,
            master_user_secret=rds.CfnDBCluster.MasterUserSecretProperty(kms_key_id=key.key_arn),
            enable_iam_database_authentication=True,
            # SQL over AWS's API, for whom IAM lets: how the roles are made once, with no host in the network.
            enable_http_endpoint=True,
            storage_encrypted=True,
            kms_key_id=key.key_arn,
            db_subnet_group_name=subnets.ref,
            vpc_security_group_ids=[network.database],
            db_cluster_parameter_group_name=parameters.ref,
            serverless_v2_scaling_configuration=rds.CfnDBCluster.ServerlessV2ScalingConfigurationProperty(
                min_capacity=0, max_capacity=MOST_ACUS, seconds_until_auto_pause=PAUSE_AFTER
            ),
            backup_retention_period=BACKUP_DAYS,
            copy_tags_to_snapshot=True,
            tags=[cdk.CfnTag(key=key_of_tag, value=value_of_tag)],
            deletion_protection=True,
            enable_cloudwatch_logs_exports=["postgresql"],
        )
        self._cluster.apply_removal_policy(cdk.RemovalPolicy.SNAPSHOT)
        self._cluster.node.add_dependency(group)
        instance = rds.CfnDBInstance(
            self,
            "Instance",
            db_instance_identifier=names.DATABASE,
            db_cluster_identifier=self._cluster.ref,
            db_instance_class="db.serverless",
            engine=ENGINE,
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
        )
        instance.apply_removal_policy(cdk.RemovalPolicy.DESTROY)  # it holds nothing: the cluster's storage does
        alarms.on_full_database(self, names.DATABASE)
        self._outputs()

    @property
    def environment(self) -> dict[str, str]:
        """How the function that loads gold finds it."""
        return {
            "WATERSHED_DATABASE_HOST": self._cluster.attr_endpoint_address,
            "WATERSHED_DATABASE_PORT": self._cluster.attr_endpoint_port,
        }

    @property
    def publisher_arn(self) -> str:
        """Whom IAM lets sign in: one user of this cluster."""
        return cdk.Stack.of(self).format_arn(
            service="rds-db",
            resource="dbuser",
            resource_name=f"{self._cluster.attr_db_cluster_resource_id}/{names.DATABASE_PUBLISHER}",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )

    def _outputs(self) -> None:
        for name, value, what in (
            ("DatabaseHost", self._cluster.attr_endpoint_address, "Where the SQL database is, within its network"),
            ("DatabasePort", self._cluster.attr_endpoint_port, "Its port"),
            ("DatabaseSecret", self._cluster.attr_master_user_secret_secret_arn, "Its owner's password"),
            ("DatabaseReadersGroup", self.network.readers, "The security group that whatever reads it joins"),
        ):
            output = cdk.CfnOutput(self, name, value=value, description=what)
            output.override_logical_id(name)
