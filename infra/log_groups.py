"""How long logs are kept, and what they do not show."""

from __future__ import annotations

from aws_cdk import aws_logs as logs

LOG_RETENTION = logs.RetentionDays.THREE_MONTHS
# No line is meant to hold any of these; should one, it is shown without, and there is no report to send anywhere.
MASKED = logs.DataProtectionPolicy(
    name="masked",
    description="What a person could be known by is not shown",
    identifiers=[logs.DataIdentifier.EMAILADDRESS, logs.DataIdentifier.CREDITCARDNUMBER, logs.DataIdentifier.ADDRESS],
)
