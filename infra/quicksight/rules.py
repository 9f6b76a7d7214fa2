"""Which column of a model says who may see which of its rows: the one that a page goes by. Needs no CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError

if TYPE_CHECKING:
    from watershed.catalog import Catalog

USER, GROUP = "UserName", "GroupName"  # as QuickSight looks for them, while Glue has lower case only


def rule_columns(catalog: Catalog) -> dict[str, str]:
    """The column by model, for each shown model that has one.

    Raises:
        ConfigurationError: for a model that has several, since QuickSight takes one set of rules for a dataset.
    """
    wanted = sorted({page.by for page in catalog.pages.values()})
    found: dict[str, str] = {}
    for model in catalog.shown_models.values():
        having = [column for column in wanted if model.column(column)]
        if len(having) > 1:
            raise ConfigurationError(
                f"Pages go by {' and '.join(having)}, and the gold model {model.name} has all of them: QuickSight "
                "takes one set of rules for a dataset.",
                remedy="Let all pages go by the same column, or leave `quicksight` out of cdk.json.",
            )
        if having:
            found[model.name] = having[0]
    return found
