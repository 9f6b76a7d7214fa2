"""All of a region's QuickSight, put together from what the lake says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_quicksight as quicksight
from constructs import Construct
from watershed import names

from infra.nag import accept
from infra.quicksight import access, dataset, schedule
from infra.quicksight.definition import definition
from infra.quicksight.permissions import BUILD_ON_DATASET, SEE_DASHBOARD, WORK_ON_ANALYSIS, permitted
from infra.quicksight.rules import rule_columns
from infra.quicksight.visuals import LONGEST_TITLE
from infra.roles import role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_athena as athena
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from watershed.catalog import Catalog
    from watershed.gold.model import GoldModel
    from watershed.names import Layer
    from watershed.pages import Page

    from infra.alarms import AlarmTopic
    from infra.quicksight.setting import QuickSight

Properties = dict[str, Any]

_LEGACY = {
    "CloudFormation-Validate::W9009": "The properties are those of QuickSight's first way to prepare data, which it "
    "calls legacy, and takes. Of the new one there is little to go by yet; docs/quicksight.md says more."
}
# Readers see the page as it is. Exports and filters of one's own would lead to single rows; and the answers, stories
# and summaries of QuickSight's language models may be worked out in other regions.
_AS_IT_IS = {
    option: {"AvailabilityStatus": "DISABLED"}
    for option in (
        "AdHocFilteringOption",
        "DataQAEnabledOption",
        "DataStoriesSharingOption",
        "ExecutiveSummaryOption",
        "ExportToCSVOption",
        "ExportWithHiddenFieldsOption",
        "QuickSuiteActionsOption",
    )
}


class QuickSightReports(Construct):
    """A source, a dataset for each shown model, the rules of who sees which rows, and a dashboard for each page."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        setting: QuickSight,
        zone: str,
        catalog: Catalog,
        key: kms.IKey,
        buckets: Mapping[Layer, s3.Bucket],
        workgroup: athena.CfnWorkGroup,
        alarms: AlarmTopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self._setting, self._zone = setting, zone
        models, by = catalog.shown_models, rule_columns(catalog)
        taken = role(
            self,
            names.role(names.QUICKSIGHT, cdk.Stack.of(self).region),
            "quicksight.amazonaws.com",
            access.statements(self, models=list(models), rules=sorted(set(by.values())), key=key, buckets=buckets),
            wildcards=access.WILDCARDS,
        )
        self._source = self._data_source(taken, workgroup)
        rules = {column: self._rules(column) for column in sorted(set(by.values()))}
        shown = {model.name: self._dataset(model, rules.get(by.get(model.name, ""))) for model in models.values()}
        if setting.spice:
            alarms.on_stale_reports(self)
        for page in catalog.pages.values():
            self._page(page, models[page.table], shown[page.table].get_att("Arn").to_string())

    def _data_source(self, taken: iam.Role, workgroup: athena.CfnWorkGroup) -> quicksight.CfnDataSource:
        source = quicksight.CfnDataSource(
            self,
            "Source",
            aws_account_id=cdk.Aws.ACCOUNT_ID,
            data_source_id=names.quicksight(),
            name="Watershed",
            type="ATHENA",
            data_source_parameters=quicksight.CfnDataSource.DataSourceParametersProperty(
                athena_parameters=quicksight.CfnDataSource.AthenaParametersProperty(
                    role_arn=taken.role_arn, work_group=workgroup.name
                )
            ),
            ssl_properties=quicksight.CfnDataSource.SslPropertiesProperty(disable_ssl=False),
        )
        source.add_resource_dependency(workgroup)
        return source

    def _rules(self, column: str) -> str:
        """The ARN of the dataset of rules for a column."""
        made = self._resource("DataSet", f"Rules{_logical(column)}", dataset.of_rules(column, self._source.attr_arn))
        accept(made, _LEGACY)
        return made.get_att("Arn").to_string()

    def _dataset(self, model: GoldModel, rules: str | None) -> cdk.CfnResource:
        properties = dataset.of_model(model, self._setting, self._source.attr_arn, rules)
        # Without rules it would tell in sum what the rules hide, so it is for nobody until an administrator says so.
        if rules and self._setting.authors:
            properties["Permissions"] = permitted(self._setting.authors, BUILD_ON_DATASET)
        made = self._resource("DataSet", f"Model{_logical(model.name)}", properties)
        accept(made, _LEGACY)
        if self._setting.spice:
            refreshed = self._resource(
                "RefreshSchedule",
                f"Refresh{_logical(model.name)}",
                {
                    "AwsAccountId": cdk.Aws.ACCOUNT_ID,
                    "DataSetId": names.quicksight(model.name),
                    "Schedule": schedule.daily(self._zone),
                },
            )
            refreshed.add_resource_dependency(made)
        return made

    def _page(self, page: Page, model: GoldModel, arn: str) -> None:
        setting, named = self._setting, names.quicksight("page", page.name)
        drawn: Properties = {
            "AwsAccountId": cdk.Aws.ACCOUNT_ID,
            "Name": page.title[:LONGEST_TITLE],
            "Definition": definition(page, model, arn),
            "ValidationStrategy": {"Mode": "STRICT"},
        }
        analysis: Properties = {**drawn, "AnalysisId": named}
        if setting.authors:
            analysis["Permissions"] = permitted(setting.authors, WORK_ON_ANALYSIS)
        dashboard = {
            **drawn,
            "DashboardId": named,
            "DashboardPublishOptions": _AS_IT_IS,
            "Permissions": permitted((*setting.readers, *setting.authors), SEE_DASHBOARD),
        }
        self._resource("Analysis", f"Analysis{_logical(page.name)}", analysis)
        self._resource("Dashboard", f"Dashboard{_logical(page.name)}", dashboard)

    def _resource(self, kind: str, logical: str, properties: Properties) -> cdk.CfnResource:
        return cdk.CfnResource(self, logical, type=f"AWS::QuickSight::{kind}", properties=properties)


def _logical(name: str) -> str:
    return name.title().replace("_", "")
