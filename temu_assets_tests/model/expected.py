"""What must be true in the end because of what happened, and what must be true at any moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from temu_assets_tests.model.model import BRANDS, UNTRACKED_PIECES, Article, Line, Model, Order, Parcel, may_go, wanted


def parcels_of(model: Model, number: str) -> dict[int, Parcel]:
    """The parcels of an order, sent or not."""
    return {key: parcel for key, parcel in model["parcels"].items() if parcel["order"] == number}


def is_cut(order: Order) -> bool:
    """Whether JTL was given more than TEMU wants by now."""
    return order["given"] is not None and order["given"]["pieces"] != wanted(order)


def has_left_well(model: Model, number: str) -> bool:
    """Whether TEMU must be told that the order has left: all of it is under way under numbers, and nothing speaks against it."""
    order, parcels = model["orders"][number], parcels_of(model, number)
    return (
        bool(parcels)
        and order["state"] == "open"
        and not order["asks"]
        and not is_cut(order)
        and not +order["unshipped"]
        and all(parcel["sent"] and parcel["numbers"][-1] for parcel in parcels.values())
    )


def parcels_due(model: Model, number: str) -> dict[int, Parcel]:
    """The parcels of an order that TEMU must know in the end."""
    parcels = parcels_of(model, number)
    return parcels if has_left_well(model, number) and all(parcel["method"] in BRANDS for parcel in parcels.values()) else {}


def for_a_person(model: Model, number: str) -> tuple[set[str], set[str]]:
    """Keys that must be in the inbox in the end because of an order, and those that may be there as well."""
    order, parcels = model["orders"][number], parcels_of(model, number)
    keys = {number, *map(str, parcels)}
    if order["given"] is None:
        is_held = order["state"] == "open" and not may_go(model, order)
        return ({number} if is_held else set()), set()
    if order["state"] == "cancelled":
        return (set(), set()) if order["cancelled_in_jtl"] else ({number}, keys)
    if order["reported"]:
        return ({number}, keys) if _left(parcels) - wanted(order) else (set(), keys if is_cut(order) else set())
    if order["asks"] or is_cut(order) or order["given"]["street"] != order["street"]:
        return {number}, keys
    if has_left_well(model, number):
        return {str(key) for key, parcel in parcels.items() if parcel["method"] not in BRANDS}, set()
    return set(), set()


def _left(parcels: dict[int, Parcel]) -> Counter[str]:
    return sum((parcel["contents"] for parcel in parcels.values() if parcel["sent"]), Counter[str]())


# stock


def may_be_sold(model: Model, code: str) -> int | None:
    """What TEMU ought to show of a SKU; None where nobody can know it."""
    return _offer(model, code, _on_the_way(model, lambda line: line["wanted"], ("pending", "open")))


def least_offer(model: Model, code: str) -> int | None:
    """The same if the program does not know of any cancellation yet."""
    return _offer(model, code, _on_the_way(model, lambda line: line["original"], ("pending", "open", "cancelled")))


def _on_the_way(model: Model, pieces: Callable[[Line], int], states: tuple[str, ...]) -> Counter[str]:
    """Units by article of orders JTL does not have."""
    units: Counter[str] = Counter()
    for order in model["orders"].values():
        if order["state"] in states and not order["imported"]:
            for line in order["lines"].values():
                for code, each in line["articles"]:
                    units[code] += each * pieces(line)
    return units


def _offer(model: Model, code: str, on_the_way: Counter[str]) -> int | None:
    if code in model["sets"]:
        parts = model["sets"][code]["parts"]
        whole = max(0, min(_free(model["articles"][part]) // units for part, units in parts.items()))
        return max(0, whole - model["sets"][code]["buffer"] - on_the_way[code])
    if code not in model["articles"]:
        return None
    article = model["articles"][code]
    return max(0, _free(article) - on_the_way[code]) if article["tracked"] else UNTRACKED_PIECES


def _free(article: Article) -> int:
    return article["shelf"] - article["reserved"] - article["buffer"]
