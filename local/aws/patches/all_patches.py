"""The list of patches, and how they are put in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.aws.patches import change_sets, cloudformation, core, eventbridge, functions, glue, s3, sqs
from local.aws.patches.patcher import Hooks, Patch, Patcher

if TYPE_CHECKING:
    from local.aws.cloudformation.stack import Stacks

PATCHES: tuple[Patch, ...] = (
    core.share_service_models,
    change_sets.tell_stacks_apart,
    change_sets.execute_as_stacks_do,
    change_sets.parse_json_as_json,
    change_sets.find_templates_by_address,
    s3.skip_conditional_statements,
    s3.complete_notifications,
    s3.announce_uploads_once,
    s3.correct_event_bridge_events,
    sqs.remember_deduplication_ids,
    sqs.lock_queues,  # after all that replaces methods of queues, so that those are locked too
    sqs.prefer_one_group,
    sqs.poll_instead_of_push,
    sqs.read_the_clock_cheaply,
    sqs.show_at_once,
    functions.run_in_process,
    functions.queue_asynchronous_invocations,
    functions.keep_settings,
    eventbridge.deliver_to_all_targets,
    glue.enforce_table_versions,
)


def install(hooks: Hooks, stacks: Stacks) -> Patcher:
    """Put all patches in place; `undo` on the result removes them."""
    patcher = Patcher()
    cloudformation.use_handlers(patcher, stacks)
    cloudformation.parse_json_as_json(patcher)
    for patch in PATCHES:
        patch(patcher, hooks)
    return patcher
