"""Athena's workgroups: where results go, encrypted, and how much one query may read. And the questions, saved there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from constructs import Construct
from watershed import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from watershed.questions import Question

_DIGITS = 8
MOST_BYTES_PER_QUERY = 100 * 1024**3  # half a dollar; a query that reads more was not meant


class Workgroups(Construct):
    """One for the lake's functions and keepers, one for analysts, who must not read the others' results.

    Their settings are enforced: no client can send results elsewhere or leave them in the clear.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, results: s3.Bucket) -> None:
        super().__init__(scope, construct_id)
        self._key, self._results = key, results
        self._workgroup("Workgroup", names.WORKGROUP, "Queries of the lake's functions and keepers")
        self.analysts = self._workgroup("Analysts", names.ANALYSTS_WORKGROUP, "Queries on gold", names.ANALYSTS_RESULTS)

    def _workgroup(self, logical: str, name: str, description: str, folder: str = "") -> athena.CfnWorkGroup:
        return athena.CfnWorkGroup(
            self,
            logical,
            name=name,
            description=description,
            recursive_delete_option=True,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=MOST_BYTES_PER_QUERY,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=f"s3://{self._results.bucket_name}/{folder}",
                    expected_bucket_owner=cdk.Aws.ACCOUNT_ID,
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_KMS", kms_key=self._key.key_arn
                    ),
                ),
            ),
        )


class Questions(Construct):
    """The business questions as saved queries: an analyst who opens Athena's console finds them under their names."""

    def __init__(
        self, scope: Construct, construct_id: str, *, questions: Iterable[Question], workgroup: athena.CfnWorkGroup
    ) -> None:
        super().__init__(scope, construct_id)
        for question in questions:
            # A saved query cannot be changed, so one that says something else is another resource.
            said = f"{question.question}\0{question.sql}"
            digest = hashlib.sha256(said.encode()).hexdigest()[:_DIGITS]
            saved = athena.CfnNamedQuery(
                self,
                f"{question.name.title().replace('_', '')}{digest}",
                name=question.name,
                description=question.question,
                database=names.GOLD_DB,
                query_string=question.sql,
                work_group=workgroup.name,
            )
            saved.add_resource_dependency(workgroup)
