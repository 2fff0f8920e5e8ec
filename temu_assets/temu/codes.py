"""TEMU's error codes as data: what each means, what this program does, what a person does.

Sources: fact sheet temu-api, sections 1.5 (gateway), 3.2 to 3.5 (orders), 4.3 and 4.5 (shipments), 5.6 (stock), 7.1, 7.4.
A code that is not here is a refusal of the one record that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType


class Reaction(Enum):
    """What the client does with a code."""

    SLOW_DOWN = auto()
    """Repeat at a lower pace."""
    RETRY = auto()
    RETRY_ONCE = auto()
    CORRECT_CLOCK = auto()
    """Repeat once, with TEMU's time instead of ours."""
    NOT_READY = auto()
    """TEMU is still calculating: ask again in a later run, not now."""
    CONFIGURATION = auto()
    NOT_PERMITTED = auto()
    """This one API is not granted; the others work."""
    AUTHORISATION = auto()
    STOP = auto()
    REFUSE = auto()
    """This order, parcel or SKU is refused; the rest goes on."""
    BUG = auto()


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """One row of the table."""

    reaction: Reaction
    meaning: str
    remedy: str


_AUTHORISE = (
    "Authorise the app again in TEMU's Seller Center (open platform, client management) and set TEMU_ACCESS_TOKEN. "
    "Nothing is lost: the work stays pending."
)
_REPORT = "Report this with the request id; nothing was changed."
_LATER = "The next run tries again. If it stays, ask TEMU's support with the request id."
_APP = "Compare TEMU_APP_KEY and TEMU_APP_SECRET with the app in TEMU's Partner platform."
_SCOPE = "Ask TEMU to grant this API to the app, then authorise the app again with this scope and set TEMU_ACCESS_TOKEN."
_SELLER_CENTER = "Settle it in TEMU's Seller Center; the record is then taken up again."
_NUMBER = "Check carrier and tracking number of the parcel in JTL and correct them there."
_CARRIER = "Correct the carrier in the carrier map (TEMU_CARRIER_MAP)."
_NUMBER_OR_CARRIER = "One of both is wrong: correct the tracking number in JTL, or the carrier in the carrier map (TEMU_CARRIER_MAP)."
_WAREHOUSE = "Check the shipping warehouses in TEMU's Seller Center."
_READ_BACK = "The shipment at TEMU is read first: same number means done. Otherwise check the number in JTL."
_CLOCK = "Set this machine's clock (time synchronisation)."
_REGION = "Set TEMU_API_ENDPOINT to the host of the region in which the token was issued."

_R = Reaction
_BUSINESS_EXCEPTION = 2000000
_ROWS: dict[tuple[int, ...], CodeFacts] = {
    # Gateway
    (_BUSINESS_EXCEPTION,): CodeFacts(_R.REFUSE, "business exception", "Look at the record in TEMU's Seller Center."),
    (3000000,): CodeFacts(_R.BUG, "parameters wrong or of a wrong type", _REPORT),
    (3000001, 7000015): CodeFacts(_R.CONFIGURATION, "signature invalid: the app secret does not fit", _APP),
    (3000002, 3000003, 3000004): CodeFacts(_R.BUG, "endpoint name missing, unknown or retired", _REPORT),
    (3000010,): CodeFacts(_R.BUG, "timestamp missing", _REPORT),
    (3000011,): CodeFacts(_R.CORRECT_CLOCK, "timestamp too far in the future", _CLOCK),
    (3000012,): CodeFacts(_R.CORRECT_CLOCK, "timestamp expired", _CLOCK),
    (3000013, 3000014): CodeFacts(_R.BUG, "data_type missing or not JSON", _REPORT),
    (3000019, 3000020, 3000021, 3000022): CodeFacts(_R.CONFIGURATION, "the app is of another kind", _APP),
    (3000025, 3000026): CodeFacts(_R.CONFIGURATION, "app key missing or unknown", _APP),
    (3000027,): CodeFacts(_R.NOT_PERMITTED, "the app has no permission for this API", _SCOPE),
    (3000028,): CodeFacts(_R.STOP, "the app is suspended", "Ask TEMU why, before anything is sent again."),
    (3000030, 3000031, 7000003, 7000018): CodeFacts(_R.AUTHORISATION, "access token missing or unknown", _AUTHORISE),
    (3000032,): CodeFacts(_R.NOT_PERMITTED, "the access token does not cover this API", _SCOPE),
    (3000033, 7000006): CodeFacts(_R.CONFIGURATION, "the access token belongs to another app", _APP),
    (3000034,): CodeFacts(_R.AUTHORISATION, "access token expired or replaced by a newer one", _AUTHORISE),
    (3000040,): CodeFacts(_R.BUG, "signature missing", _REPORT),
    (4000000,): CodeFacts(_R.RETRY, "temporary failure of TEMU's system", _LATER),
    (4000004,): CodeFacts(_R.SLOW_DOWN, "too many requests", "Lower TEMU_REQUESTS_PER_SECOND if it stays; other tools share the limit."),
    (5000000,): CodeFacts(_R.CONFIGURATION, "authorisation not allowed", _APP),
    (5000003,): CodeFacts(
        _R.CONFIGURATION,
        "this machine's IP address is not on the app's list",
        "Enter the current public IP address in TEMU's Partner platform.",
    ),
    (6000001, 7000000): CodeFacts(_R.RETRY_ONCE, "a service behind the gateway failed", _LATER),
    (7000002,): CodeFacts(_R.BUG, "parameters wrong", _REPORT),
    # Orders and addresses
    (140020001,): CodeFacts(_R.CONFIGURATION, "the API is for another kind of shop", "Use the token of a local shop."),
    (140020002,): CodeFacts(_R.REFUSE, "order not found", "Look for the order in TEMU's Seller Center."),
    (140020003, 120011031): CodeFacts(_R.CONFIGURATION, "an agreement is not signed", _SELLER_CENTER),
    (140020008, 140020009): CodeFacts(_R.NOT_READY, "TEMU is still calculating", "Nothing to do: a later run asks again."),
    (140020012, 140020013, 140020014): CodeFacts(_R.BUG, "time window wrong", _REPORT),
    (140020015,): CodeFacts(_R.NOT_PERMITTED, "the API is not offered for this site", _SCOPE),
    (180020001,): CodeFacts(_R.REFUSE, "the API is not open for this country", _SELLER_CENTER),
    (180020003, 180020004): CodeFacts(_R.REFUSE, "order number or business type not accepted", _SELLER_CENTER),
    (180020008,): CodeFacts(_R.NOT_PERMITTED, "the data protection agreement is not signed", "Sign it in TEMU's Seller Center."),
    (180020030, 120012034): CodeFacts(
        _R.STOP, "the shop is restricted from shipping by itself", "Ask TEMU why, before anything is sent again."
    ),
    (200020001,): CodeFacts(_R.REFUSE, "TEMU does not answer this query for invoices", "Look at the order in TEMU's Seller Center."),
    # Shipments
    (120012004,): CodeFacts(_R.REFUSE, "the order is already shipped", _READ_BACK),
    (120014001,): CodeFacts(_R.REFUSE, "tracking number blank", _NUMBER),
    (120014003,): CodeFacts(_R.REFUSE, "tracking number twice in one call", _READ_BACK),
    (120014004,): CodeFacts(_R.REFUSE, "tracking number already used", _READ_BACK),
    (120014005, 120014008, 120014020, 120014023, 120015559): CodeFacts(_R.REFUSE, "tracking number not recognised", _NUMBER),
    (120014006,): CodeFacts(_R.RETRY, "temporary failure of TEMU's shipment service", _LATER),
    (120014019,): CodeFacts(_R.REFUSE, "the tracking number was made by TEMU itself", _SELLER_CENTER),
    (120014022,): CodeFacts(_R.REFUSE, "tracking number does not fit the carrier", _NUMBER_OR_CARRIER),
    (120015002,): CodeFacts(_R.REFUSE, "unknown carrier", _CARRIER),
    (120015026, 120015030, 120015037): CodeFacts(_R.REFUSE, "carrier not allowed for this order", _CARRIER),
    (120012007, 120012016): CodeFacts(
        _R.REFUSE, "order or line invalid, or not belonging together", "Look at the order in TEMU's Seller Center."
    ),
    (120012015,): CodeFacts(
        _R.REFUSE,
        "combined parcel: addresses differ",
        "If the orders left in parcels of their own, correct the numbers in JTL. Otherwise confirm them in TEMU's Seller Center.",
    ),
    (120012020,): CodeFacts(_R.REFUSE, "a parcel with a label bought from TEMU exists", _SELLER_CENTER),
    (120012023,): CodeFacts(_R.REFUSE, "a change of address is requested", _SELLER_CENTER),
    (120012030, 120017007): CodeFacts(_R.REFUSE, "a cancellation is requested", _SELLER_CENTER),
    (120012031,): CodeFacts(_R.REFUSE, "a risk alert is open", _SELLER_CENTER),
    (120012041,): CodeFacts(_R.REFUSE, "the same line twice in one parcel", _REPORT),
    (120012063, 120012064): CodeFacts(_R.REFUSE, "order not valid for this warehouse", _WAREHOUSE),
    (120011006, 120011085, 120011020): CodeFacts(_R.REFUSE, "warehouse invalid", _WAREHOUSE),
    (120011086, 120011065): CodeFacts(_R.REFUSE, "data of the warehouse incomplete", _WAREHOUSE),
    (120015527,): CodeFacts(_R.REFUSE, "the shipping warehouse is missing in the call", _WAREHOUSE),
    (120011011,): CodeFacts(_R.REFUSE, "the warehouse cannot deliver to this address", _SELLER_CENTER),
    (120011030,): CodeFacts(_R.REFUSE, "the order belongs to a cooperative warehouse", _SELLER_CENTER),
    (120011045, 120011098): CodeFacts(_R.REFUSE, "extra parcels: quantity above 1 or more than 10 parcels", _REPORT),
    (120011059, 120011092): CodeFacts(_R.REFUSE, "own numbers of this carrier are restricted", _SELLER_CENTER),
    (120011072,): CodeFacts(_R.CONFIGURATION, "wrong region", _REGION),
    (120015528,): CodeFacts(_R.REFUSE, "cash on delivery needs a label bought from TEMU", _SELLER_CENTER),
    (120015518, 120015537, 120015539, 120015543, 120018021): CodeFacts(
        _R.REFUSE, "this kind of shipment is not allowed for the order", _SELLER_CENTER
    ),
    (120012043,): CodeFacts(_R.REFUSE, "extra parcels can be added once only", _SELLER_CENTER),
    (120015520, 120015529): CodeFacts(_R.REFUSE, "the shipment can no longer be changed", _SELLER_CENTER),
    (120018010, 120018015): CodeFacts(_R.REFUSE, "the parcel is cancelled at TEMU", _SELLER_CENTER),
    (120018027,): CodeFacts(_R.REFUSE, "parcel number invalid", _REPORT),
    (120018049,): CodeFacts(_R.REFUSE, "a pickup is booked for the parcel", _SELLER_CENTER),
    # Goods and stock
    (150010002, 150010003): CodeFacts(_R.REFUSE, "TEMU does not accept these goods or SKUs", _SELLER_CENTER),
    (150010005,): CodeFacts(_R.RETRY, "temporary failure of TEMU's goods service", _LATER),
    (150013001,): CodeFacts(_R.REFUSE, "the same SKU twice in one call", _REPORT),
    (150013002,): CodeFacts(_R.REFUSE, "stock outside 0 to 1,000,000", "Check the stock of the article in JTL."),
    (150013003,): CodeFacts(_R.BUG, "absolute and relative stock in one call", _REPORT),
    # Cancellations and authorisation
    (130010001,): CodeFacts(_R.BUG, "parameters of the cancellation list wrong", _REPORT),
    (110020001,): CodeFacts(_R.RETRY, "temporary failure of TEMU's authorisation service", _LATER),
}

CODES: Mapping[int, CodeFacts] = MappingProxyType({code: facts for codes, facts in _ROWS.items() for code in codes})

_UNKNOWN_APP = CodeFacts(_R.CONFIGURATION, "app key unknown", _APP)
_UNLISTED = CodeFacts(
    _R.REFUSE,
    "not a documented code",
    "Look at the record in TEMU's Seller Center; ask TEMU's support with the request id.",
)


def facts_of(code: int | None, text: str) -> CodeFacts:
    """What ``code`` means. ``text`` is TEMU's message: a temporary failure with one certain text means an unknown app."""
    if code == 4000000 and "application information query is abnormal" in text.lower():
        return _UNKNOWN_APP
    return _UNLISTED if code is None else CODES.get(code, _UNLISTED)


def tells_a_reason(code: int | None) -> bool:
    """Whether a refusal with this code says what is wrong with the record; "business exception" and unknown codes do not."""
    return code in CODES and code != _BUSINESS_EXCEPTION
