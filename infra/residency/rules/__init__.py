"""The rules, one family a file. To add one, write a function that yields flaws, and name it in its family's RULES."""

from infra.residency.rule import Rule
from infra.residency.rules import (
    addresses,
    buckets,
    catalog,
    databases,
    doors,
    encryption,
    functions,
    isolation,
    known,
    networks,
    outside,
    permissions,
    reports,
    resource_policies,
    targets,
)

# From the particular to the general: where two would say the same of one place, the first one speaks.
FAMILIES = {
    "Stands alone": isolation.RULES,
    "Databases": databases.RULES,
    "Roles": permissions.RULES,
    "Resource policies": resource_policies.RULES,
    "Encryption": encryption.RULES,
    "Buckets": buckets.RULES,
    "Targets": targets.RULES,
    "Networks": networks.RULES,
    "Functions": functions.RULES,
    "Doors": doors.RULES,
    "Outside": outside.RULES,
    "Queries": catalog.RULES,
    "Reports": reports.RULES,
    "Addresses": addresses.RULES,
    "What is known": known.RULES,
}
RULES: tuple[Rule, ...] = tuple(rule for rules in FAMILIES.values() for rule in rules)
