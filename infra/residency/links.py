"""Every property by which one resource names another: where data, messages, logs or rights go without a statement."""

from __future__ import annotations

from dataclasses import dataclass

from infra.residency.actions import Verb


@dataclass(frozen=True)
class Link:
    """One property that names another resource.

    Args:
        path: The property; `[]` stands for each item of a list, `*` for each value of an object.
        to: What it may name, by noun.
        verb: What the resource does to the one that it names; None if nothing goes along it.
        towards: Whether data goes to the named resource, rather than from it.
    """

    path: str
    to: tuple[str, ...]
    verb: Verb | None = None
    towards: bool = True


_RECEIVERS = ("queue", "topic", "function", "state machine", "log group")
_DEAD_LETTERS = ("queue", "topic")
_SHOWN = Link("Definition.DataSetIdentifierDeclarations[].DataSetArn", ("QuickSight dataset",), Verb.READ)

LINKS = {
    "AWS::S3::Bucket": (
        Link("NotificationConfiguration.QueueConfigurations[].Queue", ("queue",), Verb.DELIVER),
        Link("NotificationConfiguration.TopicConfigurations[].Topic", ("topic",), Verb.DELIVER),
        Link("NotificationConfiguration.LambdaConfigurations[].Function", ("function",), Verb.DELIVER),
        Link("NotificationConfiguration.EventBridgeConfiguration", ()),
        Link("LoggingConfiguration.DestinationBucketName", ("bucket",), Verb.DELIVER),
    ),
    "AWS::S3::BucketPolicy": (Link("Bucket", ("bucket",)),),
    "AWS::KMS::Alias": (Link("TargetKeyId", ("key",)),),
    "AWS::SQS::Queue": (
        Link("RedrivePolicy.deadLetterTargetArn", ("queue",), Verb.DELIVER),
        Link("RedriveAllowPolicy.sourceQueueArns[]", ("queue",)),
    ),
    "AWS::SQS::QueuePolicy": (Link("Queues[]", ("queue",)),),
    "AWS::SNS::Topic": (
        Link("DataProtectionPolicy.Statement[].Operation.Audit.FindingsDestination.*.*", ("log group", "bucket")),
    ),
    "AWS::SNS::TopicPolicy": (Link("Topics[]", ("topic",)),),
    "AWS::SNS::Subscription": (Link("TopicArn", ("topic",)),),
    "AWS::IAM::Policy": (Link("Roles[]", ("role",)),),
    "AWS::IAM::ManagedPolicy": (Link("Roles[]", ("role",)),),
    "AWS::IAM::Role": (
        Link("ManagedPolicyArns[]", ("managed policy",)),
        Link("PermissionsBoundary", ("managed policy",)),
    ),
    "AWS::Lambda::Function": (
        Link("Role", ("role",), Verb.ACT_AS),
        Link("Layers[]", ("layer",), Verb.STAND_ON, towards=False),
        Link("DeadLetterConfig.TargetArn", _DEAD_LETTERS, Verb.DELIVER),
        Link("LoggingConfig.LogGroup", ("log group",), Verb.LOG),
        Link("KmsKeyArn", ("key",), Verb.KEY),
        Link("VpcConfig.SecurityGroupIds[]", ("security group",)),
        Link("VpcConfig.SubnetIds[]", ("subnet",)),
    ),
    "AWS::Lambda::Permission": (Link("FunctionName", ("function",)),),
    "AWS::Lambda::EventSourceMapping": (
        Link("EventSourceArn", ("queue",)),
        Link("FunctionName", ("function",)),
        Link("DestinationConfig.OnFailure.Destination", _DEAD_LETTERS),
    ),
    "AWS::Lambda::EventInvokeConfig": (
        Link("FunctionName", ("function",)),
        Link("DestinationConfig.OnFailure.Destination", _RECEIVERS),
        Link("DestinationConfig.OnSuccess.Destination", _RECEIVERS),
    ),
    "AWS::Logs::LogGroup": (
        Link(
            "DataProtectionPolicy.Statement[].Operation.Audit.FindingsDestination.*.*",
            ("log group", "bucket"),
            Verb.DELIVER,
        ),
    ),
    "AWS::Logs::MetricFilter": (Link("LogGroupName", ("log group",)),),
    "AWS::Logs::SubscriptionFilter": (
        Link("LogGroupName", ("log group",)),
        Link("DestinationArn", ("function",)),
        Link("RoleArn", ("role",)),
    ),
    "AWS::CloudWatch::Alarm": (
        Link("AlarmActions[]", ("topic",), Verb.DELIVER),
        Link("OKActions[]", ("topic",), Verb.DELIVER),
        Link("InsufficientDataActions[]", ("topic",), Verb.DELIVER),
    ),
    "AWS::Glue::Database": (Link("DatabaseInput.LocationUri", ("bucket",)),),
    "AWS::Glue::Table": (
        Link("TableInput.StorageDescriptor.Location", ("bucket",)),
        Link("TableInput.Parameters.storage~location~template", ("bucket",)),
    ),
    "AWS::Athena::WorkGroup": (
        Link("WorkGroupConfiguration.ResultConfiguration.OutputLocation", ("bucket",), Verb.DELIVER),
    ),
    "AWS::Scheduler::Schedule": (
        Link("Target.Arn", _RECEIVERS, Verb.DELIVER),
        Link("Target.DeadLetterConfig.Arn", _DEAD_LETTERS, Verb.DELIVER),
        Link("Target.RoleArn", ("role",), Verb.ACT_AS),
        Link("KmsKeyArn", ("key",), Verb.KEY),
    ),
    "AWS::Events::Rule": (
        Link("Targets[].Arn", _RECEIVERS, Verb.DELIVER),
        Link("Targets[].DeadLetterConfig.Arn", _DEAD_LETTERS, Verb.DELIVER),
        Link("Targets[].RoleArn", ("role",), Verb.ACT_AS),
        Link("RoleArn", ("role",), Verb.ACT_AS),
    ),
    "AWS::StepFunctions::StateMachine": (
        Link("RoleArn", ("role",), Verb.ACT_AS),
        Link("LoggingConfiguration.Destinations[].CloudWatchLogsLogGroup.LogGroupArn", ("log group",), Verb.LOG),
        Link("EncryptionConfiguration.KmsKeyId", ("key",), Verb.KEY),
    ),
    "AWS::ApiGatewayV2::Integration": (
        Link("ApiId", ("API",)),
        Link("IntegrationUri", ("function",)),
    ),
    "AWS::EC2::SecurityGroup": (Link("VpcId", ("network",)),),
    "AWS::EC2::SecurityGroupIngress": (Link("GroupId", ("security group",)),),
    "AWS::EC2::SecurityGroupEgress": (Link("GroupId", ("security group",)),),
    "AWS::EC2::Subnet": (Link("VpcId", ("network",)),),
    "AWS::EC2::RouteTable": (Link("VpcId", ("network",)),),
    "AWS::EC2::SubnetRouteTableAssociation": (Link("RouteTableId", ("route table",)), Link("SubnetId", ("subnet",))),
    "AWS::EC2::VPCEndpoint": (Link("VpcId", ("network",)), Link("RouteTableIds[]", ("route table",))),
    "AWS::EC2::FlowLog": (
        Link("ResourceId", ("network",)),
        Link("LogGroupName", ("log group",), Verb.LOG),
        Link("DeliverLogsPermissionArn", ("role",), Verb.ACT_AS),
    ),
    "AWS::RDS::DBCluster": (
        Link("DBSubnetGroupName", ("database subnets",)),
        Link("DBClusterParameterGroupName", ("database parameters",)),
        Link("VpcSecurityGroupIds[]", ("security group",)),
        Link("MasterUserSecret.KmsKeyId", ("key",), Verb.KEY),
    ),
    "AWS::RDS::DBInstance": (
        Link("DBClusterIdentifier", ("database cluster",)),
        Link("DBSubnetGroupName", ("database subnets",)),
    ),
    "AWS::RDS::DBSubnetGroup": (Link("SubnetIds[]", ("subnet",)),),
    "AWS::ApiGatewayV2::Route": (Link("ApiId", ("API",)),),
    "AWS::ApiGatewayV2::Stage": (
        Link("ApiId", ("API",)),
        Link("AccessLogSettings.DestinationArn", ("log group",)),
    ),
    "AWS::QuickSight::DataSource": (
        Link("DataSourceParameters.AthenaParameters.WorkGroup", ("workgroup",), Verb.RUN),
        Link("DataSourceParameters.AthenaParameters.RoleArn", ("role",), Verb.ACT_AS),
    ),
    "AWS::QuickSight::DataSet": (
        Link("PhysicalTableMap.*.RelationalTable.DataSourceArn", ("QuickSight source",), Verb.READ),
        Link("PhysicalTableMap.*.RelationalTable.Schema", ("database",)),
        Link("LogicalTableMap.*.Source.DataSetArn", ("QuickSight dataset",), Verb.READ),
        Link("RowLevelPermissionDataSet.Arn", ("QuickSight dataset",), Verb.READ),
    ),
    "AWS::QuickSight::RefreshSchedule": (Link("DataSetId", ("QuickSight dataset",), Verb.RUN),),
    "AWS::QuickSight::Analysis": (_SHOWN,),
    "AWS::QuickSight::Dashboard": (_SHOWN,),
}


# Where a resource names the key that encrypts what it holds.
KEYED = {
    "AWS::S3::Bucket": "BucketEncryption.ServerSideEncryptionConfiguration[].*.KMSMasterKeyID",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::Athena::WorkGroup": "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.KmsKey",
    "AWS::SecretsManager::Secret": "KmsKeyId",
    "AWS::RDS::DBCluster": "KmsKeyId",
}

# Resources that only join two others: what the one has goes to the other.
BETWEEN = {
    "AWS::Lambda::EventSourceMapping": (("EventSourceArn", ("queue",)), ("FunctionName", ("function",))),
    "AWS::ApiGatewayV2::Integration": (("ApiId", ("API",)), ("IntegrationUri", ("function",))),
    "AWS::ApiGatewayV2::Stage": (("ApiId", ("API",)), ("AccessLogSettings.DestinationArn", ("log group",))),
    "AWS::Logs::SubscriptionFilter": (("LogGroupName", ("log group",)), ("DestinationArn", ("function",))),
    "AWS::SNS::Subscription": (("TopicArn", ("topic",)), ("Endpoint", ("queue", "function"))),
}
