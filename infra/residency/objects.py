"""Of every object within a property that names a destination, a key or a right: the keys that have been judged.

A property may be good and hold a door all the same: Athena's workgroup takes a role for Spark, a function's code may
stand in the template, a metric may be made of a row's value. An object that is text instead is refused as well:
CloudFormation takes JSON as text in many places, and nothing here would look into it.
"""

from __future__ import annotations

_DOCUMENT = "Id Statement Version"
_REPORT = "FindingsDestination"
_TARGET = "Arn DeadLetterConfig Input RetryPolicy RoleArn"
_PROTECTION = {
    "DataProtectionPolicy": "Configuration Description Name Statement Version",
    "DataProtectionPolicy.Statement[]": "DataDirection DataIdentifier Operation Principal Sid",
    "DataProtectionPolicy.Statement[].Operation": "Audit Deidentify Deny",
    "DataProtectionPolicy.Statement[].Operation.Audit": f"{_REPORT} SampleRate",
    f"DataProtectionPolicy.Statement[].Operation.Audit.{_REPORT}": "CloudWatchLogs S3",
    f"DataProtectionPolicy.Statement[].Operation.Audit.{_REPORT}.CloudWatchLogs": "LogGroup",
    f"DataProtectionPolicy.Statement[].Operation.Audit.{_REPORT}.S3": "Bucket",
}
_FAILURES = {
    "DestinationConfig": "OnFailure",
    "DestinationConfig.OnFailure": "Destination",
}
# Of a page, what shows columns. No action of a visual: it opens any address with a row's values in it. No text but
# plain one, no picture, no page of elsewhere.
_DRAWN = {
    "Permissions[]": "Actions Principal",
    "Definition": "CalculatedFields ColumnConfigurations DataSetIdentifierDeclarations FilterGroups Sheets",
    "Definition.CalculatedFields[]": "DataSetIdentifier Expression Name",
    "Definition.ColumnConfigurations[]": "Column FormatConfiguration Role",
    "Definition.DataSetIdentifierDeclarations[]": "DataSetArn Identifier",
    "Definition.Sheets[]": (
        "ContentType Description FilterControls Layouts Name SheetControlLayouts SheetId Title Visuals"
    ),
    "Definition.Sheets[].FilterControls[]": "Dropdown",
    "Definition.Sheets[].Visuals[]": "BarChartVisual InsightVisual KPIVisual",
    "Definition.Sheets[].Visuals[].*": (
        "ChartConfiguration DataSetIdentifier InsightConfiguration Subtitle Title VisualContentAltText VisualId"
    ),
    "Definition.Sheets[].Visuals[].*.InsightConfiguration": "Computations CustomNarrative",
    "Definition.Sheets[].Visuals[].*.Title": "FormatText Visibility",
    "Definition.Sheets[].Visuals[].*.Title.FormatText": "PlainText",
    "Definition.Sheets[].Visuals[].*.Subtitle": "Visibility",
}

# By type: path, and the keys that an object there may have.
OBJECTS: dict[str, dict[str, str]] = {
    "AWS::S3::Bucket": {
        "BucketEncryption": "ServerSideEncryptionConfiguration",
        "BucketEncryption.ServerSideEncryptionConfiguration[]": "BucketKeyEnabled ServerSideEncryptionByDefault",
        "BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault": (
            "KMSMasterKeyID SSEAlgorithm"
        ),
        "LoggingConfiguration": "DestinationBucketName LogFilePrefix TargetObjectKeyFormat",
        "NotificationConfiguration": (
            "EventBridgeConfiguration LambdaConfigurations QueueConfigurations TopicConfigurations"
        ),
        "NotificationConfiguration.LambdaConfigurations[]": "Event Filter Function",
        "NotificationConfiguration.QueueConfigurations[]": "Event Filter Queue",
        "NotificationConfiguration.TopicConfigurations[]": "Event Filter Topic",
        "OwnershipControls": "Rules",
        "OwnershipControls.Rules[]": "ObjectOwnership",
    },
    "AWS::S3::BucketPolicy": {"PolicyDocument": _DOCUMENT},
    "AWS::KMS::Key": {"KeyPolicy": _DOCUMENT},
    "AWS::SQS::Queue": {
        "RedriveAllowPolicy": "redrivePermission sourceQueueArns",
        "RedrivePolicy": "deadLetterTargetArn maxReceiveCount",
    },
    "AWS::SQS::QueuePolicy": {"PolicyDocument": _DOCUMENT},
    "AWS::SNS::Topic": _PROTECTION,
    "AWS::SNS::TopicPolicy": {"PolicyDocument": _DOCUMENT},
    "AWS::IAM::Role": {
        "AssumeRolePolicyDocument": _DOCUMENT,
        "Policies[]": "PolicyDocument PolicyName",
        "Policies[].PolicyDocument": _DOCUMENT,
    },
    "AWS::IAM::Policy": {"PolicyDocument": _DOCUMENT},
    "AWS::IAM::ManagedPolicy": {"PolicyDocument": _DOCUMENT},
    "AWS::Lambda::Function": {
        "Code": "S3Bucket S3Key S3ObjectVersion",
        "DeadLetterConfig": "TargetArn",
        "Environment": "Variables",
        "LoggingConfig": "ApplicationLogLevel LogFormat LogGroup SystemLogLevel",
        "VpcConfig": "SecurityGroupIds SubnetIds",
    },
    "AWS::Lambda::LayerVersion": {"Content": "S3Bucket S3Key S3ObjectVersion"},
    "AWS::Lambda::EventSourceMapping": _FAILURES,
    "AWS::Lambda::EventInvokeConfig": {
        **_FAILURES,
        "DestinationConfig": "OnFailure OnSuccess",
        "DestinationConfig.OnSuccess": "Destination",
    },
    "AWS::Logs::LogGroup": _PROTECTION,
    "AWS::Logs::MetricFilter": {"MetricTransformations[]": "DefaultValue MetricName MetricNamespace MetricValue Unit"},
    "AWS::Glue::Database": {
        "DatabaseInput": "Description FederatedDatabase LocationUri Name Parameters TargetDatabase"
    },
    "AWS::Glue::Table": {
        "TableInput": "Description Name Parameters PartitionKeys StorageDescriptor TableType TargetTable",
        "TableInput.StorageDescriptor": "Columns InputFormat Location OutputFormat SerdeInfo",
        "TableInput.StorageDescriptor.SerdeInfo": "Parameters SerializationLibrary",
    },
    "AWS::Athena::WorkGroup": {
        "WorkGroupConfiguration": (
            "BytesScannedCutoffPerQuery EnforceWorkGroupConfiguration EngineVersion PublishCloudWatchMetricsEnabled "
            "ResultConfiguration"
        ),
        "WorkGroupConfiguration.ResultConfiguration": "EncryptionConfiguration ExpectedBucketOwner OutputLocation",
        "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration": "EncryptionOption KmsKey",
    },
    "AWS::Scheduler::Schedule": {"Target": f"{_TARGET} SqsParameters", "Target.DeadLetterConfig": "Arn"},
    "AWS::Events::Rule": {
        "Targets[]": f"{_TARGET} Id InputPath InputTransformer SqsParameters",
        "Targets[].DeadLetterConfig": "Arn",
    },
    "AWS::StepFunctions::StateMachine": {
        "EncryptionConfiguration": "KmsDataKeyReusePeriodSeconds KmsKeyId Type",
        "LoggingConfiguration": "Destinations IncludeExecutionData Level",
        "LoggingConfiguration.Destinations[]": "CloudWatchLogsLogGroup",
        "LoggingConfiguration.Destinations[].CloudWatchLogsLogGroup": "LogGroupArn",
    },
    "AWS::DynamoDB::Table": {
        "PointInTimeRecoverySpecification": "PointInTimeRecoveryEnabled RecoveryPeriodInDays",
        "SSESpecification": "SSEEnabled SSEType",
        "TimeToLiveSpecification": "AttributeName Enabled",
    },
    "AWS::SecretsManager::Secret": {
        "GenerateSecretString": (
            "ExcludeCharacters ExcludePunctuation GenerateStringKey IncludeSpace PasswordLength SecretStringTemplate"
        ),
    },
    "AWS::ApiGatewayV2::Stage": {"AccessLogSettings": "DestinationArn Format"},
    "AWS::QuickSight::DataSource": {
        "DataSourceParameters": "AthenaParameters",
        "DataSourceParameters.AthenaParameters": "RoleArn WorkGroup",
    },
    "AWS::QuickSight::DataSet": {
        "LogicalTableMap.*": "Alias DataTransforms Source",
        "LogicalTableMap.*.DataTransforms[]": "ProjectOperation RenameColumnOperation TagColumnOperation",
        "LogicalTableMap.*.Source": "DataSetArn PhysicalTableId",
        "Permissions[]": "Actions Principal",
        "PhysicalTableMap.*": "RelationalTable",
        "PhysicalTableMap.*.RelationalTable": "Catalog DataSourceArn InputColumns Name Schema",
        "RowLevelPermissionDataSet": "Arn FormatVersion Namespace PermissionPolicy Status",
    },
    "AWS::QuickSight::Analysis": _DRAWN,
    "AWS::QuickSight::Dashboard": _DRAWN,
    "AWS::EC2::VPCEndpoint": {"PolicyDocument": _DOCUMENT},
    "AWS::RDS::DBCluster": {
        "MasterUserSecret": "KmsKeyId",
        "ServerlessV2ScalingConfiguration": "MaxCapacity MinCapacity SecondsUntilAutoPause",
    },
    "AWS::EC2::SecurityGroup": {
        "SecurityGroupIngress[]": (
            "CidrIp CidrIpv6 Description FromPort IpProtocol SourcePrefixListId SourceSecurityGroupId ToPort"
        ),
        "SecurityGroupEgress[]": (
            "CidrIp CidrIpv6 Description DestinationPrefixListId DestinationSecurityGroupId FromPort IpProtocol ToPort"
        ),
    },
}

# What a resource may have beside its properties; all of it is for CloudFormation, and none names a place.
ATTRIBUTES = frozenset(
    [
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    ]
)
