"""Policies that hold people and roles, too, to a region: made from the region's name alone, without CDK.

The boundary is also part of the region's stack. The others are attached by hand, to an account or to what the
organization groups it in; `watershed residency policies` writes them.
"""
