"""One region of the lake, whole: no stack refers to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from watershed import names
from watershed.names import Layer, Stage

from infra.alarms import AlarmTopic
from infra.athena import Questions, Workgroups
from infra.backfill import Backfill
from infra.boundary import Boundary
from infra.database import Database
from infra.door import Door
from infra.freshness import Freshness
from infra.functions import StageFunction
from infra.key import Key
from infra.layers import Layers
from infra.network import Network
from infra.permissions import Permissions
from infra.polls import Polls, SourceSecrets, polled
from infra.queues import StageQueue
from infra.quicksight.construct import QuickSightReports
from infra.quicksight.rules import rule_columns
from infra.schedules import DailyRefresh, NightlyMaintenance
from infra.storage import Storage
from infra.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct
    from watershed.catalog import Catalog

    from infra.config import RegionConfig
    from infra.layers import LayerAsset

# Which stage sends to which: the function is told the queue's address.
SENDS_TO = {
    Stage.BRONZE: Stage.SILVER,
    Stage.SILVER: Stage.GOLD,
    Stage.GOLD: Stage.PUBLISH,  # where there is one
    Stage.MAINTENANCE: Stage.MAINTENANCE,
}


class RegionStack(cdk.Stack):
    """Everything that one region needs, and nothing that it shares.

    The region is fixed; the account is left open until the deployment, so a template is the same for every account.

    Args:
        scope: The app.
        config: The region.
        catalog: What the lake holds.
        assets: What the layers are made from.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        config: RegionConfig,
        catalog: Catalog,
        assets: Mapping[str, LayerAsset],
    ) -> None:
        super().__init__(
            scope,
            names.stack(config.region),
            env=cdk.Environment(region=config.region),
            # One each: a synthesizer that stacks share gives each the other's assets to upload.
            synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
            suppress_template_indentation=True,  # a template has a megabyte at most, and white space counts
            description=f"Watershed: the lake in {config.name}",
        )
        Boundary(self, "Boundary", quicksight=config.quicksight is not None, database=config.postgres)
        key = Key(self, "Key", organization=config.organization, database=config.postgres).key
        alarms = AlarmTopic(self, "Alarms", key=key)
        queues = {
            stage: StageQueue(self, f"{stage.title()}Queue", stage=stage, key=key, alarms=alarms)
            for stage in config.stages
        }
        storage = Storage(self, "Storage", config=config, key=key, arrivals=queues[Stage.BRONZE].queue)
        rules = sorted(set(rule_columns(catalog).values())) if config.quicksight else ()
        Tables(self, "Tables", catalog=catalog, buckets=storage.buckets, rules=rules)
        workgroups = Workgroups(self, "Athena", key=key, results=storage.buckets[Layer.RESULTS])
        Questions(self, "Questions", questions=catalog.questions.values(), workgroup=workgroups.analysts)
        database = None
        if config.postgres:
            network = Network(self, "Network", key=key, gold=storage.buckets[Layer.GOLD])
            database = Database(self, "Database", network=network, key=key, alarms=alarms)
        layers = Layers(self, "Layers", assets=assets)
        sources = [each for each in catalog.connectors.values() if each.region == config.region]
        pulls = polled(sources, config.region)
        permissions = Permissions(
            self,
            key,
            storage.buckets,
            queues,
            config.time_zones,
            pushing=[source.name for source in sources if source.push],
            polled=list(pulls),
            poll_secrets=SourceSecrets(self, "SourceSecrets", pulls=pulls, key=key).arns,
            database=database,
        )
        functions = {}
        place = {"WATERSHED_JURISDICTION": ",".join(config.jurisdiction)}
        for stage in config.stages:
            environment = dict(place)
            if stage is Stage.GOLD:
                environment["WATERSHED_TIME_ZONES"] = ",".join(config.time_zones)
            if stage in SENDS_TO:
                receiver = SENDS_TO[stage]
                if receiver in queues:
                    environment[f"WATERSHED_{receiver.upper()}_QUEUE_URL"] = queues[receiver].queue.queue_url
            functions[stage] = StageFunction(
                self,
                f"{stage.title()}Function",
                stage=stage,
                layers=layers,
                permissions=permissions,
                alarms=alarms,
                environment=environment,
            )
        Freshness(
            self,
            "Freshness",
            contracts=catalog.contracts.values(),
            log_group=functions[Stage.BRONZE].log_group,
            alarms=alarms,
        )
        door = Door(
            self,
            "Door",
            connectors=sources,
            layers=layers,
            permissions=permissions,
            alarms=alarms,
            environment=place,
        )
        Backfill(
            self,
            "Backfill",
            key=key,
            ledger=storage.buckets[Layer.LEDGER],
            bronze=functions[Stage.BRONZE].function,
        )
        Polls(self, "Polls", pulls=pulls, key=key, poll=queues[Stage.POLL], function=functions[Stage.POLL].function)
        DailyRefresh(self, "DailyRefresh", key=key, gold=queues[Stage.GOLD])
        NightlyMaintenance(
            self, "NightlyMaintenance", key=key, maintenance=queues[Stage.MAINTENANCE], zone=config.time_zones[0]
        )
        if config.quicksight:
            QuickSightReports(
                self,
                "QuickSight",
                setting=config.quicksight,
                zone=config.time_zones[0],
                catalog=catalog,
                key=key,
                buckets=storage.buckets,
                workgroup=workgroups.analysts,
                alarms=alarms,
            )
        cdk.CfnOutput(self, "RawBucket", value=storage.buckets[Layer.RAW].bucket_name, description="Drop files here")
        cdk.CfnOutput(self, "DoorAddress", value=door.api.attr_api_endpoint, description="Send webhooks here")
        cdk.CfnOutput(self, "AlarmTopic", value=alarms.topic.topic_arn, description="Subscribe to hear alarms")
