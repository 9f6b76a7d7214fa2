"""The CDK app: one share-nothing stack per region, made of small constructs, one capability a file."""

import os

from layers.node import node

# The CDK library starts Node when it is imported; the one that came with the Python packages is always there.
if _node := node():
    os.environ.setdefault("JSII_NODE", str(_node))
