"""Services that a state machine may call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.infra.mutations.change import MACHINE, Mutation, both, defined, put
from tests.infra.mutations.targets import INVOKE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.infra.mutations.change import Template


def state(name: str, **parts: Any) -> Callable[[Template], None]:
    return defined({"StartAt": name, "States": {name: {"Type": "Task", "End": True, **parts}}})


TWICE = (
    '{"States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke",'
    f' "Resource": "{INVOKE}", "Parameters": {{"FunctionName": "${{bronze}}"}}}}}}}}'
)

CALLS = [
    *(
        Mutation(
            f"a call of the internet by a state that is called {name}",
            state(name, Resource="arn:aws:states:::http:invoke"),
            "foreign-call",
            MACHINE,
            (MACHINE, f"States.{name}", "http:invoke"),
        )
        for name in ("Result", "Parameters", "Arguments")
    ),
    Mutation(
        "a call that is put into a text",
        both(
            defined('{"StartAt": "A", "States": {"A": {"Comment": "${words}"}}}'),
            put(
                "StepFunctions::StateMachine",
                "Backfill",
                "DefinitionSubstitutions.words",
                '", "Resource": "arn:aws:states:::http:invoke", "Type": "Task',
            ),
        ),
        "foreign-call",
        MACHINE,
        (MACHINE, "States.A", "http:invoke"),
    ),
    Mutation(
        "a call whose target the run decides",
        state("Call", Resource=INVOKE, Parameters={"FunctionName": "${bronze}", "FunctionName.$": "$.f"}),
        "foreign-call",
        MACHINE,
        (MACHINE, "States.Call"),
    ),
    Mutation(
        "a call that is said in two languages",
        state(
            "Call", Resource=INVOKE, Parameters={"FunctionName": "${bronze}"}, Arguments={"FunctionName": "{% $f %}"}
        ),
        "foreign-call",
        MACHINE,
        (MACHINE, "States.Call"),
    ),
    Mutation(
        "a call whose arguments the run decides",
        state("Call", Resource=INVOKE, QueryLanguage="JSONata", Arguments="{% $states.input %}"),
        "foreign-call",
        MACHINE,
        (MACHINE, "States.Call"),
    ),
    Mutation(
        "a call of what is no text",
        state("Call", Resource={"Ref": "elsewhere"}),
        "foreign-call",
        MACHINE,
        (MACHINE, "States.Call"),
    ),
    Mutation("a definition that says a thing twice", defined(TWICE), "foreign-call", MACHINE, ()),
]
