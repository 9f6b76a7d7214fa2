"""CloudFormation: a table of handlers, resource type by resource type. moto resolves functions, order and outputs."""
