"""Hosts and regions in the variables of a function."""

from __future__ import annotations

from tests.infra.mutations.change import FUNCTION, VIRGINIA, Mutation, variable

ADDRESSES = [
    *(
        Mutation(
            f"a URL in a variable that is called {name}",
            variable(name, "https://collector.example.com/v1"),
            "foreign-host",
            FUNCTION,
            (FUNCTION, name, "collector.example.com"),
        )
        for name in ("Description", "Comment", "PolicyDocument")
    ),
    *(
        Mutation(
            f"a host written {host}", variable("COLLECTOR", host), "foreign-host", FUNCTION, (FUNCTION, "COLLECTOR")
        )
        for host in (
            "//collector.example.com",
            "smtp:collector.example.com.",
            "user@collector.example.com",
            "a.example.com, b.example.com",
            "host=collector.example.com",
            '{"host": "collector.example.com"}',
            "collector.xn--p1ai",
            "203.0.113.9/v1",
            "[2001:db8::1]:443",
            "2001:db8::1",
        )
    ),
    *(
        Mutation(
            f"a region written {region}",
            variable("PLACE", region),
            "foreign-region",
            FUNCTION,
            (FUNCTION, "PLACE", region.replace("_", "-")),
        )
        for region in (VIRGINIA.upper(), "us_east_1")
    ),
]
