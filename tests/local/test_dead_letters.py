"""Dead-letter queues by themselves: everything is found, what is chosen moves, what is not stays as it was."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from watershed import dead_letters, names, redrive
from watershed.dead_letters import KILLED, NO_FOLDER, SEE_LOG, UNKNOWN, Letter, Line
from watershed.errors import ConfigurationError, Terminal
from watershed.given_up import DeadLetters
from watershed.messages import BronzePart, Refresh
from watershed.names import Stage

from local.aws.events import queue_contents
from tests.unit.dead_letter_queue import record

if TYPE_CHECKING:
    from local.aws import LocalAWS

REGION = "eu-central-1"
POISON, GONE = Terminal("Not ours.", remedy="Delete it."), ConfigurationError("No contract.", remedy="Add one.")


class Queues:
    """The stages' queues and dead-letter queues, with nobody to serve them."""

    def __init__(self, aws: LocalAWS) -> None:
        self.account = aws.account
        self.sqs = aws.client("sqs", REGION)
        for stage in Stage:
            for name in (names.queue(stage), names.dead_letter_queue(stage)):
                self.sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"} if "fifo" in name else {})

    def url(self, name: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=name)["QueueUrl"])

    def give_up(self, stage: Stage, message_id: str, body: str, error: Exception) -> None:
        letters = DeadLetters(self.sqs, self.url(names.dead_letter_queue(stage)), 3)
        group = BronzePart.from_json(body).dataset if stage is Stage.SILVER else None
        assert letters.settle(record(message_id, body, attempt=3, group=group), error)

    def holds(self, name: str) -> list[str]:
        """The bodies in a queue, in order."""
        return [held.body for held in queue_contents.contents(self.account, REGION, name)]

    def alive(self, stage: Stage) -> list[str]:
        return self.holds(names.queue(stage))

    def dead(self, stage: Stage) -> list[str]:
        return self.holds(names.dead_letter_queue(stage))

    def redrive(self, stage: Stage, **choice: Any) -> list[Letter]:
        return redrive.redrive(self.sqs, stage, datetime.now(UTC), **choice)


@pytest.fixture
def queues(aws: LocalAWS) -> Queues:
    return Queues(aws)


def arrival(dataset: str, number: int) -> str:
    where = {"bucket": {"name": "raw"}, "object": {"key": f"{dataset}/jane-doe-{number}.csv"}}
    return json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": where}]})


def part(dataset: str, number: int) -> str:
    return BronzePart(dataset, "default", "b" * 32, number, "k", 1, "s", "v", "2024-01-01T00:00:00+00:00").to_json()


def because(cause: str) -> Any:
    return lambda letter: letter.cause == cause


@pytest.mark.parametrize("stage", [Stage.BRONZE, Stage.SILVER])
def test_all_messages_move_in_order_and_leave_their_causes_behind(queues: Queues, stage: Stage) -> None:
    make = part if stage is Stage.SILVER else arrival
    bodies = [make("orders", number) for number in range(33)]
    for number, body in enumerate(bodies):
        queues.give_up(stage, f"m{number}", body, GONE if number % 3 else POISON)
    moved = queues.redrive(stage)
    assert Counter(letter.cause for letter in moved) == {"ConfigurationError": 22, "Terminal": 11}
    assert queues.alive(stage) == bodies
    assert queues.dead(stage) == []
    received = queues.sqs.receive_message(
        QueueUrl=queues.url(names.queue(stage)), MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )["Messages"]
    assert [message for message in received if "MessageAttributes" in message] == []


def test_a_schedules_message_goes_on_as_the_schedule_would_have_sent_it(queues: Queues) -> None:
    """What Scheduler cannot send it puts here as the request that failed."""
    daily = Refresh((), "daily").to_json()
    told = {
        "ERROR_CODE": "KMS.DisabledException",
        "ERROR_MESSAGE": "The key is disabled.",
        "SCHEDULE_ARN": f"arn:aws:scheduler:{REGION}:{queues.account}:schedule/default/{names.DAILY_REFRESH}",
        "TARGET_ARN": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
    }
    queues.sqs.send_message(
        QueueUrl=queues.url(names.dead_letter_queue(Stage.GOLD)),
        MessageBody=json.dumps({"MessageBody": daily, "QueueUrl": queues.url(names.queue(Stage.GOLD))}),
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in told.items()},
    )
    (letter,) = queues.redrive(Stage.GOLD)
    assert (letter.about, letter.cause, letter.why) == (
        "refresh: daily",
        "KMS.DisabledException",
        "the schedule could not send it: The key is disabled.",
    )
    assert queues.alive(Stage.GOLD) == [daily]


def test_what_comes_back_while_this_goes_on_is_left_alone(queues: Queues, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a function is quicker than this command: each poison message is given up again at once."""
    for number in range(25):
        queues.give_up(Stage.BRONZE, f"m{number}", f"poison {number}", POISON)
    send, alive = queues.sqs.send_message, queues.url(names.queue(Stage.BRONZE))

    def send_and_fail(**request: Any) -> Any:
        answer = send(**request)
        if request["QueueUrl"] == alive:
            queues.give_up(Stage.BRONZE, answer["MessageId"], request["MessageBody"], POISON)
        return answer

    monkeypatch.setattr(queues.sqs, "send_message", send_and_fail)
    assert len(queues.redrive(Stage.BRONZE)) == 25
    assert sorted(queues.dead(Stage.BRONZE)) == sorted(f"poison {number}" for number in range(25))
    seen, besides = redrive.look(queues.sqs, Stage.BRONZE)
    assert (len(seen), besides) == (25, 0), "and visible at once"


def test_what_is_given_up_long_after_the_start_is_left_for_the_next_time(queues: Queues) -> None:
    queues.give_up(Stage.BRONZE, "m", "poison", POISON)
    assert redrive.redrive(queues.sqs, Stage.BRONZE, datetime.now(UTC) - timedelta(minutes=6)) == []
    assert len(queues.dead(Stage.BRONZE)) == 1
    assert len(redrive.redrive(queues.sqs, Stage.BRONZE, datetime.now(UTC) - timedelta(minutes=4))) == 1


def test_of_a_standard_queue_the_chosen_move_and_the_others_stay_visible(queues: Queues) -> None:
    for number in range(24):
        queues.give_up(Stage.BRONZE, f"m{number}", arrival("orders", number), GONE if number % 2 else POISON)
    assert len(queues.redrive(Stage.BRONZE, choose=because("ConfigurationError"))) == 12
    assert len(queues.alive(Stage.BRONZE)) == 12
    seen, besides = redrive.look(queues.sqs, Stage.BRONZE)
    assert (Counter(letter.cause for letter in seen), besides) == ({"Terminal": 12}, 0)


def test_of_a_fifo_queue_the_chosen_move_from_behind_others_which_keep_order_and_cause(queues: Queues) -> None:
    for number in range(24):
        queues.give_up(Stage.SILVER, f"m{number}", part("orders", number), POISON if number < 20 else GONE)
    queues.give_up(Stage.SILVER, "s", part("stores", 0), POISON)
    assert len(queues.redrive(Stage.SILVER, choose=because("ConfigurationError"))) == 4
    assert queues.alive(Stage.SILVER) == [part("orders", number) for number in range(20, 24)]
    kept = queues.dead(Stage.SILVER)
    assert [body for body in kept if "orders" in body] == [part("orders", number) for number in range(20)]
    moved = queues.redrive(Stage.SILVER)
    assert dead_letters.summary(moved) == [
        Line("orders", "Terminal", 20, str(POISON)),
        Line("stores", "Terminal", 1, str(POISON)),
    ]
    assert moved[0].message_id == "m0", "the attributes stayed as they were"


def test_looking_moves_nothing_and_says_what_it_could_not_see(queues: Queues) -> None:
    for number in range(25):
        queues.give_up(Stage.SILVER, f"m{number}", part("orders", number), POISON)
    for _ in range(2):
        seen, besides = redrive.look(queues.sqs, Stage.SILVER)
        assert (len(seen), besides) == (10, 15)
    assert queues.dead(Stage.SILVER) == [part("orders", number) for number in range(25)]


def test_an_interrupted_redrive_leaves_nothing_out_of_sight_and_loses_nothing(
    queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(15):
        queues.give_up(Stage.SILVER, f"m{number}", part("orders", number), POISON)

    def fail(**_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(queues.sqs, "delete_message", fail)  # sent, and not deleted
        with pytest.raises(KeyboardInterrupt):
            queues.redrive(Stage.SILVER)
    assert len(queues.dead(Stage.SILVER)) == 15
    assert len(queues.redrive(Stage.SILVER)) == 15
    assert queues.alive(Stage.SILVER) == [part("orders", number) for number in range(15)]


def test_what_sqs_moved_says_only_where_to_look(queues: Queues) -> None:
    queues.sqs.send_message(QueueUrl=queues.url(names.dead_letter_queue(Stage.BRONZE)), MessageBody=arrival("a", 1))
    seen, _ = redrive.look(queues.sqs, Stage.BRONZE)
    assert dead_letters.summary(seen) == [Line("a", KILLED, 1, SEE_LOG)]


def test_a_summary_counts_causes_and_gives_the_commonest_reason() -> None:
    letters = [
        Letter("orders", "NoSuchKey", "a is gone", "1"),
        Letter("orders", "NoSuchKey", "b is gone", "2"),
        Letter("orders", "NoSuchKey", "b is gone", "3"),
        Letter("stores", "NoSuchKey", "c is gone", "4"),
        Letter("orders", "AccessDenied", "no", "5"),
    ]
    assert dead_letters.summary(letters) == [
        Line("orders", "NoSuchKey", 3, "b is gone"),
        Line("orders", "AccessDenied", 1, "no"),
        Line("stores", "NoSuchKey", 1, "c is gone"),
    ]


def test_what_a_message_is_about_names_no_file() -> None:
    loose = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "raw"}, "object": {"key": "jane-doe.csv"}}}
    assert dead_letters.subject(Stage.BRONZE, json.dumps({"Records": [loose]})) == NO_FOLDER
    assert dead_letters.subject(Stage.BRONZE, '{"Event": "s3:TestEvent"}') == NO_FOLDER
    assert dead_letters.subject(Stage.BRONZE, arrival("orders", 1)) == "orders"
    assert dead_letters.subject(Stage.SILVER, "{}") == UNKNOWN
    assert Letter("orders, stores", "", "", "").concerns("stores")
    assert not Letter("orders, stores", "", "", "").concerns("store")
