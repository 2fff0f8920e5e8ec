"""The number TEMU gives an order."""

from __future__ import annotations

import re

PREFIX = "PO-"
_NUMBER = re.compile(r"PO-\d{3}-\d{10,20}", re.ASCII)


def is_order_number(text: str) -> bool:
    """Whether a text has the shape of a TEMU order number (fact sheet temu-api, section 3.1)."""
    return _NUMBER.fullmatch(text) is not None
