"""A service control policy for a region with a SQL database: neither it nor its network gets a way out."""

from __future__ import annotations

from watershed import names

from infra.guardrails.place import Document, Place, deny, policy

# Copies and reports of a database, by what RDS offers. A copy into another region is asked for there, and allowed here.
_WAYS_OUT = (
    "rds:AddRoleToDBCluster",  # by which SQL writes to buckets
    "rds:CopyDBClusterSnapshot",
    "rds:ModifyDBClusterSnapshotAttribute",  # shares it
    "rds:StartActivityStream",
    "rds:RemoveTagsFromResource",  # by which the rest is known
)
# What names no database, or one by another name: nobody in the region may.
_EXPORTS = ("rds:CreateGlobalCluster", "rds:CreateIntegration", "rds:StartExportTask")
# What would give its network a way out, or let others in.
_NETWORK = (
    "ec2:AttachInternetGateway",
    "ec2:AuthorizeSecurityGroup*",
    "ec2:CreateNatGateway",
    "ec2:CreateRoute",
    "ec2:CreateTransitGatewayVpcAttachment",
    "ec2:CreateVpcEndpoint",
    "ec2:DeleteTags",
    "ec2:ModifySubnetAttribute",
    "ec2:ModifyVpcEndpoint",
)
_PEERING = ("ec2:AcceptVpcPeeringConnection", "ec2:CreateVpcPeeringConnection")


def database(place: Place) -> Document:
    """What nobody may do with the database, its snapshots and its network; by their tag, which others do not have."""
    name, value = names.DATABASE_TAG
    ours = {"StringEquals": {f"aws:ResourceTag/{name}": value}}
    by_hand = {"ArnNotLike": {"aws:PrincipalArn": place.role(f"cdk-*-cfn-exec-role-*-{place.region}")}}
    here = place.arn("ec2:{place}:vpc/*")
    return policy(
        [
            deny("DatabaseStays", _WAYS_OUT, [place.arn("rds:{place}:*")], ours),
            deny("NoExports", _EXPORTS, ["*"], {"StringEquals": {"aws:RequestedRegion": place.region}}),
            deny("NetworkByDeployment", _NETWORK, [place.arn("ec2:{place}:*")], {**ours, **by_hand}),
            # Where people's tools are is theirs to say, as long as it is this region and account.
            *(
                deny(f"Peers{end}Here", _PEERING, [here], {**ours, "ArnNotLike": {f"ec2:{end}Vpc": here}})
                for end in ("Accepter", "Requester")
            ),
        ]
    )
