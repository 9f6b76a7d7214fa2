"""Ways in which a good template could let data out: each is one change of it, and what must be said about it."""

from tests.infra.mutations.addresses import ADDRESSES
from tests.infra.mutations.alone import STANDING_ALONE
from tests.infra.mutations.calls import CALLS
from tests.infra.mutations.change import Mutation
from tests.infra.mutations.databases import DATABASES
from tests.infra.mutations.functions import FUNCTIONS
from tests.infra.mutations.harmless import HARMLESS
from tests.infra.mutations.outside import GOING_OUTSIDE
from tests.infra.mutations.parts import PARTS
from tests.infra.mutations.policies import POLICIES
from tests.infra.mutations.principals import PRINCIPALS
from tests.infra.mutations.reports import REPORTS
from tests.infra.mutations.roles import ROLES
from tests.infra.mutations.stores import STORES
from tests.infra.mutations.targets import TARGETS
from tests.infra.mutations.texts import TEXTS
from tests.infra.mutations.webhooks import WEBHOOKS

MUTATIONS: list[Mutation] = [
    *ROLES,
    *POLICIES,
    *STORES,
    *TARGETS,
    *FUNCTIONS,
    *STANDING_ALONE,
    *TEXTS,
    *PRINCIPALS,
    *CALLS,
    *PARTS,
    *ADDRESSES,
    *WEBHOOKS,
    *GOING_OUTSIDE,
    *REPORTS,
    *DATABASES,
]

__all__ = ["DATABASES", "HARMLESS", "MUTATIONS", "Mutation"]
