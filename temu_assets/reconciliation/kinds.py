"""The kinds of differences, as the error inbox knows them. What is told under ``toci.kinds`` already is not told again."""

from enum import StrEnum


class Kind(StrEnum):
    """What can differ. The key is the order's number, of ``LISTED_STOCK_DIFFERS`` the SKU id."""

    ORDER_LOST = "order_lost"
    """TEMU lists an order that is not in our tables."""
    ORDER_OUTDATED = "order_outdated"
    """An order is in our tables, but not as TEMU lists it."""
    ORDER_NOT_IN_JTL = "order_not_in_jtl"
    """JTL neither has an order nor is it about to take it."""
    ORDER_CANCELLED_IN_JTL = "order_cancelled_in_jtl"
    """JTL has cancelled an order that TEMU wants shipped."""
    ORDER_NOT_AT_TEMU = "order_not_at_temu"
    """JTL has an order under a number like TEMU's, and TEMU has none."""
    ORDER_DIFFERS = "order_differs"
    """Pieces or cents in JTL are not TEMU's."""
    IMPORT_ROW_UNREAD = "import_row_unread"
    """JTL leaves an order in its import table, or is about to take it twice."""
    PARCEL_NOT_AT_TEMU = "parcel_not_at_temu"
    """JTL sent a parcel, and TEMU does not show it."""
    PARCEL_DIFFERS = "parcel_differs"
    """TEMU shows a parcel JTL did not send, or one number twice."""
    LISTED_STOCK_DIFFERS = "listed_stock_differs"
    """TEMU shows another stock than it was last seen to show."""
