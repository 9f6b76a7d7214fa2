"""Who may do what in QuickSight. Actions are in the sets that it takes: a viewer's or an owner's, none in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.quicksight.setting import Identity

Properties = dict[str, Any]

SEE_DASHBOARD = ("quicksight:DescribeDashboard", "quicksight:ListDashboardVersions", "quicksight:QueryDashboard")
WORK_ON_ANALYSIS = (
    "quicksight:DeleteAnalysis",
    "quicksight:DescribeAnalysis",
    "quicksight:DescribeAnalysisPermissions",
    "quicksight:QueryAnalysis",
    "quicksight:RestoreAnalysis",
    "quicksight:UpdateAnalysis",
    "quicksight:UpdateAnalysisPermissions",
)
BUILD_ON_DATASET = (
    "quicksight:DescribeDataSet",
    "quicksight:DescribeDataSetPermissions",
    "quicksight:DescribeIngestion",
    "quicksight:ListIngestions",
    "quicksight:PassDataSet",
)


def permitted(identities: Iterable[Identity], actions: tuple[str, ...]) -> list[Properties]:
    """A resource's `Permissions`: these actions for each user and group, of whichever account it is deployed to."""
    return [
        {
            "Principal": f"arn:{cdk.Aws.PARTITION}:quicksight:{each.region}:{cdk.Aws.ACCOUNT_ID}:{each.resource}",
            "Actions": list(actions),
        }
        for each in dict.fromkeys(identities)
    ]
