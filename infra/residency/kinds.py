"""The resource types that the check understands, and of each the properties that it has judged.

A type or property that is not here is refused: nothing passes because nobody looked at it. A property is listed if a
rule reads it, or if it cannot carry data or permission anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a resource is to the data; the evidence is arranged by it."""

    STORE = "stores"
    KEY = "keys"
    CHANNEL = "queues and topics"
    PRINCIPAL = "roles"
    COMPUTE = "functions, schedules and state machines"
    LOG = "log groups"
    CATALOG = "databases, tables and workgroups"
    RULE = "policies, alarms and mappings"


@dataclass(frozen=True)
class Kind:
    """One resource type.

    Args:
        noun: What people call it.
        part: What it is to the data.
        properties: Those that the check has judged.
        name: The property with its physical name, or several that make it up; empty if it has none.
        arn: Its ARN after the partition, with {region}, {account}, {name}.
        ref: What `Ref` gives, with {arn}, {region}, {account}, {name}, {suffix}.
    """

    noun: str
    part: Part
    properties: frozenset[str]
    name: str = ""
    arn: str = ""
    ref: str = "{name}"


def _kind(noun: str, part: Part, properties: str, *, name: str = "", arn: str = "", ref: str = "{name}") -> Kind:
    named = {path.partition(".")[0] for path in name.split()}
    return Kind(noun, part, frozenset({*properties.split(), *named}), name, arn, ref)


KINDS = {
    "AWS::S3::Bucket": _kind(
        "bucket",
        Part.STORE,
        "BucketEncryption LifecycleConfiguration LoggingConfiguration NotificationConfiguration "
        "ObjectLockConfiguration ObjectLockEnabled OwnershipControls PublicAccessBlockConfiguration Tags "
        "VersioningConfiguration",
        name="BucketName",
        arn="s3:::{name}",
    ),
    "AWS::S3::BucketPolicy": _kind("bucket policy", Part.RULE, "Bucket PolicyDocument"),
    "AWS::KMS::Key": _kind(
        "key",
        Part.KEY,
        "Description EnableKeyRotation Enabled KeyPolicy KeySpec KeyUsage MultiRegion PendingWindowInDays "
        "RotationPeriodInDays Tags",
        arn="kms:{region}:{account}:key/{name}",
    ),
    "AWS::KMS::Alias": _kind(
        "key alias", Part.RULE, "TargetKeyId", name="AliasName", arn="kms:{region}:{account}:{name}"
    ),
    "AWS::SQS::Queue": _kind(
        "queue",
        Part.CHANNEL,
        "ContentBasedDeduplication DeduplicationScope DelaySeconds FifoQueue FifoThroughputLimit "
        "KmsDataKeyReusePeriodSeconds KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod "
        "ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy SqsManagedSseEnabled Tags VisibilityTimeout",
        name="QueueName",
        arn="sqs:{region}:{account}:{name}",
        ref="https://sqs.{region}.{suffix}/{account}/{name}",
    ),
    "AWS::SQS::QueuePolicy": _kind("queue policy", Part.RULE, "PolicyDocument Queues"),
    "AWS::SNS::Topic": _kind(
        "topic",
        Part.CHANNEL,
        "ContentBasedDeduplication DataProtectionPolicy DisplayName FifoTopic KmsMasterKeyId SignatureVersion Tags",
        name="TopicName",
        arn="sns:{region}:{account}:{name}",
        ref="{arn}",
    ),
    "AWS::SNS::TopicPolicy": _kind("topic policy", Part.RULE, "PolicyDocument Topics"),
    "AWS::SNS::Subscription": _kind(
        "subscription", Part.RULE, "Endpoint FilterPolicy FilterPolicyScope Protocol RawMessageDelivery TopicArn"
    ),
    "AWS::IAM::Role": _kind(
        "role",
        Part.PRINCIPAL,
        "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration PermissionsBoundary Policies Tags",
        name="RoleName",
        arn="iam::{account}:role/{name}",
    ),
    "AWS::IAM::Policy": _kind("policy", Part.RULE, "PolicyDocument Roles", name="PolicyName"),
    "AWS::IAM::ManagedPolicy": _kind(
        "managed policy",
        Part.RULE,
        "Description Path PolicyDocument Roles",
        name="ManagedPolicyName",
        arn="iam::{account}:policy/{name}",
        ref="{arn}",
    ),
    "AWS::Lambda::Function": _kind(
        "function",
        Part.COMPUTE,
        "Architectures Code DeadLetterConfig Description Environment EphemeralStorage Handler KmsKeyArn Layers "
        "LoggingConfig MemorySize PackageType ReservedConcurrentExecutions Role Runtime SnapStart Tags Timeout "
        "TracingConfig VpcConfig",
        name="FunctionName",
        arn="lambda:{region}:{account}:function:{name}",
    ),
    "AWS::Lambda::LayerVersion": _kind(
        "layer",
        Part.COMPUTE,
        "CompatibleArchitectures CompatibleRuntimes Content Description LicenseInfo",
        name="LayerName",
        arn="lambda:{region}:{account}:layer:{name}",
        ref="{arn}",
    ),
    "AWS::Lambda::Permission": _kind(
        "function permission", Part.RULE, "Action FunctionName Principal SourceAccount SourceArn"
    ),
    "AWS::Lambda::EventSourceMapping": _kind(
        "event source mapping",
        Part.RULE,
        "BatchSize DestinationConfig Enabled EventSourceArn FilterCriteria FunctionName FunctionResponseTypes "
        "MaximumBatchingWindowInSeconds ScalingConfig Tags",
    ),
    "AWS::Lambda::EventInvokeConfig": _kind(
        "invocation settings",
        Part.RULE,
        "DestinationConfig FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts Qualifier",
    ),
    "AWS::Logs::LogGroup": _kind(
        "log group",
        Part.LOG,
        "DataProtectionPolicy KmsKeyId LogGroupClass RetentionInDays Tags",
        name="LogGroupName",
        arn="logs:{region}:{account}:log-group:{name}:*",
    ),
    "AWS::Logs::MetricFilter": _kind(
        "metric filter",
        Part.RULE,
        "FilterPattern LogGroupName MetricTransformations",
        name="FilterName",
    ),
    "AWS::Logs::SubscriptionFilter": _kind(
        "log subscription", Part.RULE, "DestinationArn FilterPattern LogGroupName RoleArn", name="FilterName"
    ),
    "AWS::CloudWatch::Alarm": _kind(
        "alarm",
        Part.RULE,
        "ActionsEnabled AlarmActions AlarmDescription ComparisonOperator DatapointsToAlarm Dimensions "
        "EvaluationPeriods ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace OKActions Period "
        "Statistic Tags Threshold TreatMissingData Unit",
        name="AlarmName",
        arn="cloudwatch:{region}:{account}:alarm:{name}",
    ),
    "AWS::Glue::Database": _kind(
        "database",
        Part.CATALOG,
        "CatalogId",
        name="DatabaseInput.Name",
        arn="glue:{region}:{account}:database/{name}",
    ),
    "AWS::Glue::Table": _kind(
        "table",
        Part.CATALOG,
        "CatalogId",
        name="DatabaseName TableInput.Name",
        arn="glue:{region}:{account}:table/{name}",
    ),
    "AWS::Athena::WorkGroup": _kind(
        "workgroup",
        Part.CATALOG,
        "Description RecursiveDeleteOption State Tags WorkGroupConfiguration",
        name="Name",
        arn="athena:{region}:{account}:workgroup/{name}",
    ),
    "AWS::Athena::NamedQuery": _kind(
        "saved query", Part.CATALOG, "Database Description QueryString WorkGroup", name="Name"
    ),
    "AWS::Scheduler::Schedule": _kind(
        "schedule",
        Part.COMPUTE,
        "Description EndDate FlexibleTimeWindow GroupName KmsKeyArn ScheduleExpression ScheduleExpressionTimezone "
        "StartDate State Target",
        name="Name",
        arn="scheduler:{region}:{account}:schedule/default/{name}",
    ),
    "AWS::Events::Rule": _kind(
        "event rule",
        Part.COMPUTE,
        "Description EventPattern RoleArn ScheduleExpression State Targets",
        name="Name",
        arn="events:{region}:{account}:rule/{name}",
    ),
    "AWS::StepFunctions::StateMachine": _kind(
        "state machine",
        Part.COMPUTE,
        "DefinitionString DefinitionSubstitutions EncryptionConfiguration LoggingConfiguration RoleArn "
        "StateMachineType Tags TracingConfiguration",
        name="StateMachineName",
        arn="states:{region}:{account}:stateMachine:{name}",
        ref="{arn}",
    ),
    "AWS::DynamoDB::Table": _kind(
        "key-value table",
        Part.STORE,
        "AttributeDefinitions BillingMode DeletionProtectionEnabled KeySchema PointInTimeRecoverySpecification "
        "SSESpecification Tags TimeToLiveSpecification",
        name="TableName",
        arn="dynamodb:{region}:{account}:table/{name}",
    ),
    "AWS::SecretsManager::Secret": _kind(
        "secret",
        Part.STORE,
        "Description GenerateSecretString KmsKeyId Tags",
        name="Name",
        arn="secretsmanager:{region}:{account}:secret:{name}",
        ref="{arn}",
    ),
    # What comes in by it goes to the function behind it; what goes out is that function's answer.
    "AWS::ApiGatewayV2::Api": _kind(
        "API",
        Part.COMPUTE,
        "Description DisableExecuteApiEndpoint Name ProtocolType Tags",
        arn="execute-api:{region}:{account}:{name}",
    ),
    "AWS::ApiGatewayV2::Integration": _kind(
        "integration",
        Part.RULE,
        "ApiId Description IntegrationMethod IntegrationType IntegrationUri PayloadFormatVersion TimeoutInMillis",
    ),
    "AWS::ApiGatewayV2::Route": _kind("route", Part.RULE, "ApiId AuthorizationType RouteKey Target"),
    "AWS::ApiGatewayV2::Stage": _kind(
        "API stage", Part.RULE, "AccessLogSettings ApiId AutoDeploy DefaultRouteSettings RouteSettings StageName Tags"
    ),
    # What QuickSight keeps (SPICE) and shows stays in the region that the dataset is in.
    "AWS::QuickSight::DataSource": _kind(
        "QuickSight source",
        Part.CATALOG,
        "AwsAccountId DataSourceParameters Name SslProperties Type",
        name="DataSourceId",
        arn="quicksight:{region}:{account}:datasource/{name}",
    ),
    "AWS::QuickSight::DataSet": _kind(
        "QuickSight dataset",
        Part.STORE,
        "AwsAccountId DataSetUsageConfiguration FieldFolders ImportMode IngestionWaitPolicy LogicalTableMap Name "
        "Permissions PhysicalTableMap RowLevelPermissionDataSet UseAs",
        name="DataSetId",
        arn="quicksight:{region}:{account}:dataset/{name}",
    ),
    "AWS::QuickSight::RefreshSchedule": _kind("QuickSight refresh", Part.COMPUTE, "AwsAccountId DataSetId Schedule"),
    "AWS::QuickSight::Analysis": _kind(
        "QuickSight analysis",
        Part.CATALOG,
        "AwsAccountId Definition Name Permissions ValidationStrategy",
        name="AnalysisId",
        arn="quicksight:{region}:{account}:analysis/{name}",
    ),
    "AWS::QuickSight::Dashboard": _kind(
        "QuickSight dashboard",
        Part.CATALOG,
        "AwsAccountId DashboardPublishOptions Definition Name Permissions ValidationStrategy",
        name="DashboardId",
        arn="quicksight:{region}:{account}:dashboard/{name}",
    ),
    "AWS::EC2::VPC": _kind(
        "network",
        Part.RULE,
        "CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Tags",
        arn="ec2:{region}:{account}:vpc/{name}",
    ),
    "AWS::EC2::Subnet": _kind(
        "subnet",
        Part.RULE,
        "AvailabilityZone CidrBlock MapPublicIpOnLaunch Tags VpcId",
        arn="ec2:{region}:{account}:subnet/{name}",
    ),
    # Routes are resources of their own, and forbidden; an endpoint of S3 adds its own to the tables that it names.
    "AWS::EC2::RouteTable": _kind("route table", Part.RULE, "Tags VpcId"),
    "AWS::EC2::SubnetRouteTableAssociation": _kind("subnet's routes", Part.RULE, "RouteTableId SubnetId"),
    "AWS::EC2::VPCEndpoint": _kind(
        "network endpoint",
        Part.RULE,
        "PolicyDocument RouteTableIds ServiceName Tags VpcEndpointType VpcId",
        arn="ec2:{region}:{account}:vpc-endpoint/{name}",
    ),
    "AWS::EC2::FlowLog": _kind(
        "flow log",
        Part.RULE,
        "DeliverLogsPermissionArn LogDestinationType LogFormat LogGroupName MaxAggregationInterval ResourceId "
        "ResourceType Tags TrafficType",
    ),
    "AWS::EC2::SecurityGroupIngress": _kind(
        "ingress rule",
        Part.RULE,
        "CidrIp CidrIpv6 Description FromPort GroupId IpProtocol SourcePrefixListId SourceSecurityGroupId ToPort",
    ),
    "AWS::EC2::SecurityGroupEgress": _kind(
        "egress rule",
        Part.RULE,
        "CidrIp CidrIpv6 Description DestinationPrefixListId DestinationSecurityGroupId FromPort GroupId IpProtocol "
        "ToPort",
    ),
    "AWS::RDS::DBCluster": _kind(
        "database cluster",
        Part.STORE,
        "BackupRetentionPeriod CopyTagsToSnapshot DBClusterParameterGroupName DBSubnetGroupName DatabaseName "
        "DeletionProtection EnableCloudwatchLogsExports EnableHttpEndpoint EnableIAMDatabaseAuthentication Engine "
        "EngineVersion KmsKeyId ManageMasterUserPassword MasterUserSecret MasterUsername Port "
        "PreferredBackupWindow PreferredMaintenanceWindow ServerlessV2ScalingConfiguration StorageEncrypted "
        "StorageType Tags VpcSecurityGroupIds",
        name="DBClusterIdentifier",
        arn="rds:{region}:{account}:cluster:{name}",
    ),
    "AWS::RDS::DBInstance": _kind(
        "database instance",
        Part.COMPUTE,
        "AutoMinorVersionUpgrade CACertificateIdentifier DBClusterIdentifier DBInstanceClass DBSubnetGroupName Engine "
        "PreferredMaintenanceWindow PromotionTier PubliclyAccessible Tags",
        name="DBInstanceIdentifier",
        arn="rds:{region}:{account}:db:{name}",
    ),
    "AWS::RDS::DBSubnetGroup": _kind(
        "database subnets", Part.RULE, "DBSubnetGroupDescription SubnetIds Tags", name="DBSubnetGroupName"
    ),
    "AWS::RDS::DBClusterParameterGroup": _kind(
        "database parameters", Part.RULE, "Description Family Parameters Tags", name="DBClusterParameterGroupName"
    ),
    "AWS::EC2::SecurityGroup": _kind(
        "security group",
        Part.RULE,
        "GroupDescription SecurityGroupEgress SecurityGroupIngress Tags VpcId",
        name="GroupName",
        arn="ec2:{region}:{account}:security-group/{name}",
    ),
}

# Types that have no place in a lake whose regions share nothing, whatever their properties say.
NEVER = {
    "AWS::ApiGatewayV2::DomainName": "answers under a name of the public internet",
    "AWS::Athena::DataCatalog": "lets queries read what another account or region keeps",
    "AWS::CloudFormation::Stack": "holds resources in a template that is not in this one",
    "AWS::CloudFormation::StackSet": "deploys into other regions and accounts",
    "AWS::CloudFront::Distribution": "copies what it serves to edge locations everywhere",
    "AWS::DynamoDB::GlobalTable": "replicates its items between regions",
    "AWS::EC2::EgressOnlyInternetGateway": "is a way to the public internet",
    "AWS::EC2::InternetGateway": "is a way to the public internet",
    "AWS::EC2::NatGateway": "is a way to the public internet",
    "AWS::EC2::Route": "leads out of its network",
    "AWS::EC2::TransitGatewayAttachment": "is a way into other networks",
    "AWS::EC2::VPCGatewayAttachment": "gives a network a way out",
    "AWS::EC2::VPCPeeringConnection": "is a way into another network",
    "AWS::Events::Endpoint": "replicates events between regions",
    "AWS::KMS::ReplicaKey": "decrypts in one region what another one keeps",
    "AWS::Lambda::Url": "answers under an address of the public internet",
    "AWS::Logs::Destination": "takes logs across accounts",
    "AWS::QuickSight::VPCConnection": "is a way into another network",
    "AWS::RAM::ResourceShare": "shares resources with other accounts",
    "AWS::RDS::GlobalCluster": "replicates its rows between regions",
    "AWS::RDS::Integration": "copies its rows into another store",
    "AWS::S3::AccessPoint": "has a policy of its own beside its bucket's",
    "AWS::S3::MultiRegionAccessPoint": "sends requests to buckets of several regions",
}
