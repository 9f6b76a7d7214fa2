"""The laptop's AWS as one object: moto in this process, patched, with deployment, events and functions around it."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from moto import mock_aws
from watershed import names
from watershed.clock import Clock, system_clock

from local import athena
from local.aws import postgres, server
from local.aws.assets import Publisher
from local.aws.clients import Clients
from local.aws.cloudformation.stack import Stacks
from local.aws.deploy import Deployed, deploy
from local.aws.environment import isolated
from local.aws.events import queue_contents, schedules
from local.aws.events.deliveries import Deliveries
from local.aws.events.pump import Pump
from local.aws.events.targets import Targets
from local.aws.http_apis import HttpApis
from local.aws.patches.all_patches import install
from local.aws.patches.patcher import Hooks
from local.aws.runtime.lambda_runtime import Invocation, LambdaRuntime

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from local.aws.events.report import PumpReport
    from local.aws.http_apis import HttpAnswer, HttpRequest

ACCOUNT = "123456789012"
_KEPT_INVOCATIONS = 10_000


class LocalAWS:
    """A context manager: inside it, every boto3 call of this process goes to the laptop's AWS.

    There is one at a time in a process, because moto's state belongs to the process.

    Args:
        account: the AWS account, 12 digits.
        clock: what schedules and log streams take for the current time.
        port: also serve HTTP on 127.0.0.1 at this port; 0 takes a free one.
        deliveries: how at-least-once delivery shows; by default it does not.

    Attributes:
        account: the AWS account.
        invocations: the last 10,000 finished invocations, in order.
    """

    _active: LocalAWS | None = None

    def __init__(
        self,
        account: str = ACCOUNT,
        clock: Clock = system_clock,
        port: int | None = None,
        deliveries: Deliveries | None = None,
    ) -> None:
        self.account = account
        self._endpoint = ""
        self.invocations: deque[Invocation] = deque(maxlen=_KEPT_INVOCATIONS)
        self._clock = clock
        self._port = port
        self._deliveries = deliveries or Deliveries()
        self._regions: dict[str, None] = {}  # in the order of deployment
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        """Start.

        Raises:
            RuntimeError: if another one is active in this process.
        """
        if LocalAWS._active is not None:
            raise RuntimeError("Another LocalAWS is active in this process; leave it first.")
        with ExitStack() as exits:
            exits.enter_context(isolated(self.account))
            exits.enter_context(mock_aws(config={"stepfunctions": {"execute_state_machine": True}}))
            self._clients = Clients()
            self._runtime = LambdaRuntime(self._clock, self.invocations.append)
            exits.callback(self._runtime.close)
            self._pump = Pump(self.account, self._clients, self._runtime, self._deliveries)
            self._targets = Targets(self._clients, self._pump.invoke_later)
            self._http_apis = HttpApis(self.account, self._clients, self._runtime)
            hooks = Hooks(self._invoke, self._pump.invoke_later, self._targets.deliver)
            exits.callback(install(hooks, Stacks(self._clients)).undo)
            exits.enter_context(postgres.stopped_in_the_end())
            athena.install(self._clock)
            exits.callback(athena.uninstall)
            if self._port is not None:
                self._endpoint = exits.enter_context(server.serving(self._port, self.ask))
            LocalAWS._active = self
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and forget everything."""
        LocalAWS._active = None
        self._exits.close()

    @property
    def endpoint(self) -> str:
        """The address of the HTTP server.

        Raises:
            RuntimeError: if no port was given.
        """
        if not self._endpoint:
            raise RuntimeError("This LocalAWS serves no HTTP; give it a port.")
        return self._endpoint

    def client(self, service: str, region: str) -> Any:
        """The boto3 client of `service` in `region`, made once."""
        return self._clients.client(service, region)

    def deploy(self, assembly: Path, regions: Collection[str] | None = None) -> list[Deployed]:
        """Deploy every stack of a `cdk.out` folder, or bring the deployed ones up to date.

        Args:
            assembly: the folder.
            regions: only their stacks; None means all.

        Raises:
            UnsupportedResource: if a template holds what the laptop would drop.
            DeploymentRejected: if AWS would refuse a template.
            LayerMismatch: if a third-party layer pins other versions than are installed here.
        """
        deployed = deploy(assembly, self._clients, Publisher(self._clients, self.account), regions)
        self._regions |= dict.fromkeys(stack.region for stack in deployed)
        return deployed

    def pump(
        self, regions: Iterable[str] | None = None, on_event: Callable[[Invocation], None] | None = None
    ) -> PumpReport:
        """Deliver all that waits until everything is quiet.

        Args:
            regions: where; by default wherever stacks were deployed.
            on_event: told of every finished invocation.
        """
        return self._pump.run(tuple(regions or self._regions), on_event)

    def ask(self, region: str, request: HttpRequest, api: str = names.DOOR) -> HttpAnswer:
        """What an HTTP API of the region answers; the same that HTTP gives under `<endpoint>/_door/<region>/…`.

        Raises:
            LookupError: if the region has no such API.
        """
        return self._http_apis.ask(region, api, request)

    def fire_schedule(self, region: str, name: str) -> None:
        """Fire a schedule of EventBridge Scheduler now, by the clock.

        Raises:
            LookupError: if the region has no such schedule.
        """
        schedules.fire(self._clients, self._targets, self._clock, region, name)

    def forget_deduplication(self, region: str) -> None:
        """Let the five minutes pass in which FIFO queues drop repeated deduplication ids."""
        queue_contents.forget_deduplication(self.account, region)

    def _invoke(self, function: Any, event: Any) -> tuple[str, bool, str]:
        invocation = self._runtime.invoke(function, event)
        return invocation.payload, invocation.error is not None, invocation.log
