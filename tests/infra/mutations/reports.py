"""QuickSight, made to read or show something outside."""

from __future__ import annotations

from tests.infra.mutations.change import ACCOUNT, STRANGER, VIRGINIA, Mutation, add, foreign, put

SOURCE = ("QuickSight::DataSource", "QuickSightSource")
SALES = ("QuickSight::DataSet", "QuickSightModelSales")
DASHBOARD = ("QuickSight::Dashboard", "QuickSightDashboardRevenue")
ATHENA = "DataSourceParameters.AthenaParameters"
TABLE = "PhysicalTableMap.sales"
VISUAL = "Definition.Sheets.0.Visuals.0.KPIVisual"
NARRATIVE = "Definition.Sheets.0.Visuals.8.InsightVisual.InsightConfiguration.CustomNarrative.Narrative"
READER = "Permissions.0.Principal"

REPORTS = [
    Mutation(
        "a source that is a database somewhere",
        put(*SOURCE, "Type", "POSTGRESQL"),
        "foreign-source",
        "QuickSight source watershed",
        ("Type", "POSTGRESQL"),
    ),
    Mutation(
        "a source in the account's primary workgroup",
        put(*SOURCE, f"{ATHENA}.-WorkGroup", None),
        "foreign-source",
        "QuickSight source watershed",
        ("no WorkGroup", "the account's own"),
    ),
    Mutation(
        "a source in another workgroup",
        put(*SOURCE, f"{ATHENA}.WorkGroup", "theirs"),
        "foreign-target",
        "QuickSight source watershed",
        ("WorkGroup", "theirs"),
    ),
    Mutation(
        "a source that reads as QuickSight itself",
        put(*SOURCE, f"{ATHENA}.-RoleArn", None),
        "foreign-source",
        "QuickSight source watershed",
        ("no RoleArn", "the account's own"),
    ),
    Mutation(
        "a source that reads as another account's role",
        put(*SOURCE, f"{ATHENA}.RoleArn", foreign("iam", "role/theirs", region="", account=STRANGER)),
        "foreign-target",
        "QuickSight source watershed",
        ("RoleArn", STRANGER),
    ),
    Mutation(
        "a source that goes on to another account's role",
        put(
            *SOURCE,
            f"{ATHENA}.ConsumerAccountRoleArn",
            foreign("iam", "role/theirs", region="", account=STRANGER),
        ),
        "foreign-arn",
        "QuickSight source watershed",
        ("ConsumerAccountRoleArn", STRANGER),
    ),
    Mutation(
        "a source that is a list of files elsewhere",
        put(
            *SOURCE,
            "DataSourceParameters",
            {"S3Parameters": {"ManifestFileLocation": {"Bucket": "theirs", "Key": "manifest.json"}}},
        ),
        "foreign-source",
        "QuickSight source watershed",
        ("S3Parameters", "theirs"),
    ),
    Mutation(
        "a source in another network",
        put(*SOURCE, "VpcConnectionProperties", {"VpcConnectionArn": "theirs"}),
        "foreign-source",
        "QuickSight source watershed",
        ("VpcConnectionProperties", "theirs"),
    ),
    Mutation(
        "a way for QuickSight into another network",
        add("Way", "AWS::QuickSight::VPCConnection", VPCConnectionId="way"),
        "forbidden-type",
        "AWS::QuickSight::VPCConnection Way",
        ("outside the region",),
    ),
    Mutation(
        "a dataset of another region's source",
        put(*SALES, f"{TABLE}.RelationalTable.DataSourceArn", foreign("quicksight", "datasource/watershed")),
        "foreign-target",
        "QuickSight dataset watershed-sales",
        ("DataSourceArn", VIRGINIA),
    ),
    Mutation(
        "a dataset of another catalog",
        put(*SALES, f"{TABLE}.RelationalTable.Catalog", "theirs"),
        "foreign-table",
        "QuickSight dataset watershed-sales",
        ("Catalog", "theirs"),
    ),
    Mutation(
        "a dataset of another database",
        put(*SALES, f"{TABLE}.RelationalTable.Schema", "theirs"),
        "foreign-target",
        "QuickSight dataset watershed-sales",
        ("Schema", "theirs"),
    ),
    Mutation(
        "a dataset of a statement",
        put(*SALES, TABLE, {"CustomSql": {"SqlQuery": "SELECT 1"}}),
        "foreign-table",
        "QuickSight dataset watershed-sales",
        ("CustomSql", "SELECT 1"),
    ),
    Mutation(
        "a dataset of files",
        put(*SALES, TABLE, {"S3Source": {"DataSourceArn": "theirs"}}),
        "foreign-table",
        "QuickSight dataset watershed-sales",
        ("S3Source", "theirs"),
    ),
    Mutation(
        "a dataset that stands on another account's",
        put(
            *SALES,
            "LogicalTableMap.sales.Source",
            {"DataSetArn": foreign("quicksight", "dataset/sales", account=STRANGER)},
        ),
        "foreign-target",
        "QuickSight dataset watershed-sales",
        ("Source.DataSetArn", STRANGER),
    ),
    Mutation(
        "rules of another region",
        put(*SALES, "RowLevelPermissionDataSet.Arn", foreign("quicksight", "dataset/rules")),
        "foreign-target",
        "QuickSight dataset watershed-sales",
        ("RowLevelPermissionDataSet.Arn", VIRGINIA),
    ),
    Mutation(
        "a dataset that another account's user may build on",
        put(*SALES, READER, foreign("quicksight", "user/default/ana", account=STRANGER)),
        "foreign-reader",
        "QuickSight dataset watershed-sales",
        ("Principal", STRANGER),
    ),
    Mutation(
        "a dashboard for another account's group",
        put(*DASHBOARD, READER, foreign("quicksight", "group/default/readers", account=STRANGER)),
        "foreign-reader",
        "QuickSight dashboard watershed-page-revenue",
        ("Principal", STRANGER),
    ),
    Mutation(
        "a dashboard for everybody in a namespace",
        put(*DASHBOARD, READER, foreign("quicksight", "namespace/default")),
        "foreign-reader",
        "QuickSight dashboard watershed-page-revenue",
        ("Principal", "namespace/default"),
    ),
    Mutation(
        "a dashboard for all groups",
        put(*DASHBOARD, READER, foreign("quicksight", "group/default/*")),
        "foreign-reader",
        "QuickSight dashboard watershed-page-revenue",
        ("Principal", "group/default/*"),
    ),
    Mutation(
        "a dashboard for an account's root",
        put(*DASHBOARD, READER, foreign("iam", "root", region="")),
        "foreign-reader",
        "QuickSight dashboard watershed-page-revenue",
        ("Principal", "root"),
    ),
    Mutation(
        "a dashboard for whoever has its address",
        put(*DASHBOARD, "LinkSharingConfiguration", {"Permissions": []}),
        "unknown-property",
        "QuickSight dashboard watershed-page-revenue",
        (),
    ),
    Mutation(
        "a dashboard of another account's dataset",
        put(
            *DASHBOARD,
            "Definition.DataSetIdentifierDeclarations.0.DataSetArn",
            foreign("quicksight", "dataset/watershed-sales", account=STRANGER),
        ),
        "foreign-target",
        "QuickSight dashboard watershed-page-revenue",
        ("DataSetArn", STRANGER),
    ),
    Mutation(
        "a visual that opens an address with what was clicked",
        put(*DASHBOARD, f"{VISUAL}.Actions", [{"URLTemplate": "https://example.com/<<amount>>"}]),
        "unknown-property",
        "QuickSight dashboard watershed-page-revenue",
        (),
    ),
    Mutation(
        "a visual that is another site's page",
        put(*DASHBOARD, "Definition.Sheets.0.Visuals.0", {"CustomContentVisual": {"ContentUrl": "example.com"}}),
        "unknown-property",
        "QuickSight dashboard watershed-page-revenue",
        (),
    ),
    Mutation(
        "a title with a link in it",
        put(*DASHBOARD, f"{VISUAL}.Title.FormatText", {"RichText": "<visual-title><a>more</a></visual-title>"}),
        "unknown-property",
        "QuickSight dashboard watershed-page-revenue",
        (),
    ),
    Mutation(
        "words that fetch a picture",
        put(*DASHBOARD, NARRATIVE, "<narrative><img src='https://example.com/p.png'/></narrative>"),
        "foreign-host",
        "QuickSight dashboard watershed-page-revenue",
        ("Narrative", "example.com"),
    ),
    *(
        Mutation(
            f"a dashboard with {option}",
            put(*DASHBOARD, f"DashboardPublishOptions.{option}.AvailabilityStatus", "ENABLED"),
            "report-by-model",
            "QuickSight dashboard watershed-page-revenue",
            (option, "another region"),
        )
        for option in (
            "DataQAEnabledOption",
            "DataStoriesSharingOption",
            "ExecutiveSummaryOption",
            "QuickSuiteActionsOption",
        )
    ),
    Mutation(
        "a dashboard that does not say what it leaves out",
        put(*DASHBOARD, "-DashboardPublishOptions", None),
        "report-by-model",
        "QuickSight dashboard watershed-page-revenue",
        ("another region",),
    ),
    Mutation(
        "a dataset in another account",
        put(*SALES, "AwsAccountId", STRANGER),
        "foreign-report",
        "QuickSight dataset watershed-sales",
        ("AwsAccountId", STRANGER),
    ),
    Mutation(
        "a refresh of another dataset",
        put("QuickSight::RefreshSchedule", "QuickSightRefreshSales", "DataSetId", "theirs"),
        "foreign-target",
        "QuickSight refresh",
        ("DataSetId", "theirs"),
    ),
    Mutation(
        "a topic that answers questions",
        add("Topic", "AWS::QuickSight::Topic", AwsAccountId=ACCOUNT, TopicId="sales"),
        "unknown-type",
        "AWS::QuickSight::Topic Topic",
        (),
    ),
]
