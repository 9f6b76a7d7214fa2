"""Number formats of gold's headers, e.g. `#,##0.00`, as QuickSight writes them."""

from __future__ import annotations

import re
from typing import Any

from watershed.errors import ConfigurationError

_FORMAT = re.compile(r"(?P<grouped>#,##)?0(?:\.(?P<decimals>0{1,20}))?(?P<percent>%)?")


def number_format(text: str, where: str) -> dict[str, Any]:
    """The value of a `NumericFormatConfiguration`.

    Args:
        text: The format, with or without thousands, decimals and a percent sign.
        where: Whose it is, for the error.

    Raises:
        ConfigurationError: for any other format.
    """
    found = _FORMAT.fullmatch(text)
    if found is None:
        raise ConfigurationError(
            f"{where} has the format {text!r}, which QuickSight is not told how to write.",
            remedy="Use one like #,##0, #,##0.00, 0.00 or 0.00%.",
        )
    separators: dict[str, Any] = {"DecimalSeparator": "DOT"}
    separators["ThousandsSeparator"] = (
        {"Symbol": "COMMA", "Visibility": "VISIBLE"} if found["grouped"] else {"Visibility": "HIDDEN"}
    )
    shown = {
        "DecimalPlacesConfiguration": {"DecimalPlaces": len(found["decimals"] or "")},
        "SeparatorConfiguration": separators,
    }
    if found["percent"]:
        return {"PercentageDisplayFormatConfiguration": shown}
    # Without it QuickSight shortens 161,838,583.72 to 161.84M.
    return {"NumberDisplayFormatConfiguration": {**shown, "NumberScale": "NONE"}}
