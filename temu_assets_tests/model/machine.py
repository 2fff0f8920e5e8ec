"""The rules by which days are drawn, and what is looked at after each step and at the end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import timedelta
from typing import ClassVar, TypeVar

from hypothesis import currently_in_test_context, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from temu_assets.sandbox import shop_settings
from temu_assets_tests.killing import Point
from temu_assets_tests.model import judging
from temu_assets_tests.model import model as happens
from temu_assets_tests.model.dying import FAMILIES
from temu_assets_tests.model.expected import for_a_person, parcels_due
from temu_assets_tests.model.model import Order, Parcel
from temu_assets_tests.model.world import BUYERS_WORDS, SOLD, STOCKED, Ran, open_world
from temu_assets_tests.seller import ADDRESS, AMOUNTS, COMPANIES, CONFIRM, CORRECT, LIST, SHIPMENT
from temu_assets_tests.torture.world import room

ORDERS, TRACKING, STOCK, ALL_STOCK = "temu_orders_sync", "temu_tracking_sync", "temu_inventory_sync", "temu_inventory_full_sync"
CLEAN_ROUNDS = 3
MOST_ORDERS = 6
A_DAY = timedelta(hours=25)
"""What TEMU refused without a reason is left alone for a day."""
NUMBERS = {"DHL Paket": "00340434177{:09d}", "DPD Paket": "09981{:09d}", "GLS": "5{:010d}", "UPS": "1Z999AA1{:010d}"}
SKUS, SKU_STOCK, SET_STOCK = "bg.local.goods.sku.list.query", "temu.local.goods.sku.stock.query", "bg.local.goods.stock.edit"
READS = (LIST, ADDRESS, AMOUNTS, COMPANIES, SHIPMENT, SKUS, SKU_STOCK)
EFFECTS = (CONFIRM, CORRECT, SET_STOCK)
PAGES = ("empty_page", "repeat_page", "first_page", "shuffle_page", "double_rows")
REFUSAL = 2000000
"""A code that refuses one record and tells no reason."""

T = TypeVar("T")
some = st.integers(0, 99)
jobs = st.sampled_from((ORDERS, ORDERS, ORDERS, TRACKING, STOCK, ALL_STOCK))


class Days(RuleBasedStateMachine):
    """A seller's days. ``counts`` of all examples tell what was done."""

    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world = self.stack.enter_context(open_world(self.stack.enter_context(room())))
        self.seller = self.world.seller
        self.model = self.world.model()
        self.token_is_valid = self.jtl_is_there = True
        self.may_be_refused = self.was_listed = self.has_run = False
        self.numbers = self.faults = 0

    @initialize(count=st.integers(1, 3), reach=st.sampled_from((0, 1, 2, 3, 3, 3)))
    def the_days_before(self, count: int, reach: int) -> None:
        """Some orders, perhaps in JTL already, and a listing that was read."""
        for place in range(count):
            self._place([(SOLD[(place + reach) % 5], 2), ("BROTDOSE-SW", 1)] if place else [("FLASCHE-750-BL", 1)])
        if reach:
            self._run(ALL_STOCK)
            self._run(ORDERS)
        if reach > 1:
            self._import()
        if reach > 2:
            self._run(ORDERS)

    # TEMU's buyers

    @precondition(lambda self: len(self.model["orders"]) < MOST_ORDERS)
    @rule(items=st.lists(st.tuples(st.sampled_from(SOLD), st.integers(1, 3)), min_size=1, max_size=3, unique_by=lambda item: item[0]))
    def a_buyer_orders(self, items: list[tuple[str, int]]) -> None:
        """One to three lines."""
        self._place(items)

    @precondition(lambda self: len(self.model["orders"]) < MOST_ORDERS)
    @rule(code=st.sampled_from(SOLD), pieces=st.integers(1, 2))
    def a_buyer_orders_what_temu_still_checks(self, code: str, pieces: int) -> None:
        self._place([(code, pieces)], pending=True)

    def _place(self, items: list[tuple[str, int]], *, pending: bool = False) -> None:
        shipping = 251 if len(self.model["orders"]) % 2 else 0
        number, lines, street = self.world.place(items, pending=pending, shipping=shipping)
        self.model["orders"][number] = Order(
            lines=lines,
            shipping=shipping,
            street=street,
            state="pending" if pending else "open",
            asks=False,
            seen=[],
            given=None,
            imported=False,
            cancelled_in_jtl=False,
            unshipped=Counter(),
            reported=False,
        )
        happens.changed(self.model, number)
        self._did("order", f"{number}: {items}{' (pending)' if pending else ''}")

    @precondition(lambda self: self._orders(lambda order: order["state"] == "pending"))
    @rule(which=some)
    def temu_releases_an_order(self, which: int) -> None:
        number = self._one(which, lambda order: order["state"] == "pending")
        self.seller.sandbox.shop.finish_pending(number)
        self._change(number, "release", state="open")

    @precondition(lambda self: self._orders(_is_open))
    @rule(which=some, street=st.integers(2000, 8999))
    def a_buyer_moves(self, which: int, street: int) -> None:
        number = self._one(which, _is_open)
        self.seller.sandbox.shop.change_address(number, street=f"Geheimgasse {street}")
        self._change(number, "address", street=f"Geheimgasse {street}")

    @precondition(lambda self: self._orders(_can_be_cut))
    @rule(which=some, line=some)
    def pieces_are_cancelled(self, which: int, line: int) -> None:
        number = self._one(which, _can_be_cut)
        order = self.model["orders"][number]
        line_id = _pick(line, [key for key, each in order["lines"].items() if each["wanted"]])
        self.seller.sandbox.shop.cancel_line(number, line_id, 1)
        order["lines"][line_id]["wanted"] -= 1
        if not happens.wanted(order):
            order["state"], order["asks"] = "cancelled", False
        self._change(number, f"one piece of {line_id} cancelled")

    @precondition(lambda self: self._orders(_can_be_cut))
    @rule(which=some)
    def an_order_is_cancelled(self, which: int) -> None:
        number = self._one(which, _can_be_cut)
        self.seller.sandbox.shop.cancel_order(number)
        for line in self.model["orders"][number]["lines"].values():
            line["wanted"] = 0
        self._change(number, "cancelled", state="cancelled", asks=False)

    @precondition(lambda self: self._orders(lambda order: _is_open(order) and not order["asks"]))
    @rule(which=some)
    def a_buyer_wants_to_cancel(self, which: int) -> None:
        number = self._one(which, lambda order: _is_open(order) and not order["asks"])
        self.seller.sandbox.shop.request_cancellation(number)
        self._change(number, "buyer asks to cancel", asks=True)

    @precondition(lambda self: self._orders(lambda order: order["asks"]))
    @rule(which=some)
    def a_buyer_wants_the_goods_after_all(self, which: int) -> None:
        number = self._one(which, lambda order: order["asks"])
        self.seller.sandbox.shop.withdraw_cancellation(number)
        self._change(number, "buyer does not ask any more", asks=False)

    # JTL's people

    @precondition(lambda self: self.jtl_is_there and self._orders(lambda order: order["given"] is not None and not order["imported"]))
    @rule()
    def jtl_imports(self) -> None:
        self._import()

    def _import(self) -> None:
        self.seller.sandbox.jtl.run_worker()
        happens.jtl_imports(self.model)
        self._did("worker", "JTL's worker")

    @precondition(lambda self: self.jtl_is_there and self._orders(self._can_be_shipped))
    @rule(
        which=some, method=st.sampled_from((*NUMBERS, *NUMBERS, "Spedition Maier")), has_number=st.integers(0, 4), is_sent=st.integers(0, 4)
    )
    def the_rest_is_shipped(self, which: int, method: str, has_number: int, is_sent: int) -> None:
        number = self._one(which, self._can_be_shipped)
        self._ship(number, +self.model["orders"][number]["unshipped"], method, has_number=has_number > 0, is_sent=is_sent > 0)

    @precondition(lambda self: self.jtl_is_there and self._orders(self._can_be_split))
    @rule(which=some, method=st.sampled_from(tuple(NUMBERS)))
    def a_first_parcel_is_shipped(self, which: int, method: str) -> None:
        number = self._one(which, self._can_be_split)
        self._ship(number, _a_part(self.model["orders"][number]), method, has_number=True, is_sent=True)

    def _ship(self, number: str, contents: Counter[str], method: str, *, has_number: bool, is_sent: bool) -> None:
        tracking = self._number(method) if has_number else ""
        key = self.world.ship(number, contents, method=method, tracking=tracking, sent=is_sent)
        parcel = Parcel(order=number, method=method, numbers=[tracking], contents=contents, sent=is_sent)
        happens.jtl_packs(self.model, key, parcel)
        self._did("parcel", f"{key} of {number}: {dict(contents)} with {method} as {tracking!r}{'' if is_sent else ', not sent'}")

    def _number(self, method: str) -> str:
        self.numbers += 1
        return NUMBERS.get(method, NUMBERS["DHL Paket"]).format(self.numbers)

    @precondition(lambda self: self.jtl_is_there and self._parcels(lambda parcel: not parcel["sent"]))
    @rule(which=some)
    def a_packed_parcel_leaves(self, which: int) -> None:
        key = _pick(which, self._parcels(lambda parcel: not parcel["sent"]))
        self.seller.sandbox.jtl.send(key)
        self.model["parcels"][key]["sent"] = True
        self._did("parcel leaves", str(key))

    @precondition(lambda self: self.jtl_is_there and self._parcels(lambda parcel: True))
    @rule(which=some)
    def a_number_comes_late_or_is_corrected(self, which: int) -> None:
        key = _pick(which, self._parcels(lambda parcel: True))
        parcel = self.model["parcels"][key]
        tracking = self._number(parcel["method"])
        self.seller.sandbox.jtl.set_tracking(key, tracking)
        self._did("number", f"{key}: {parcel['numbers'][-1]!r} -> {tracking!r}")
        parcel["numbers"].append(tracking)

    @precondition(lambda self: self.jtl_is_there and self._orders(_is_to_be_cancelled_in_jtl))
    @rule(which=some)
    def a_person_cancels_in_jtl(self, which: int) -> None:
        number = self._one(which, _is_to_be_cancelled_in_jtl)
        self.seller.sandbox.jtl.cancel(number)
        happens.jtl_cancels(self.model, number)
        self._did("cancelled in JTL", number)

    @precondition(lambda self: self.jtl_is_there)
    @rule(code=st.sampled_from(STOCKED), pieces=st.integers(-4, 12))
    def goods_come_or_go(self, code: str, pieces: int) -> None:
        article = self.model["articles"][code]
        self.seller.sandbox.jtl.move_stock(code, pieces)
        article["shelf"] = max(0, article["shelf"] + pieces)
        self._did("stock", f"{code} {pieces:+d}")

    @precondition(lambda self: self.jtl_is_there)
    @rule(code=st.sampled_from(STOCKED))
    def an_article_sells_out(self, code: str) -> None:
        self.seller.sandbox.jtl.sell_out(code)
        self.model["articles"][code]["shelf"] = 0
        self._did("sold out", code)

    # what goes wrong

    @precondition(lambda self: self.token_is_valid and self.jtl_is_there)
    @rule(what=st.sampled_from(("token", "JTL")))
    def something_is_gone(self, what: str) -> None:
        if what == "token":
            shop_settings.expire_token(self.seller.sandbox.shop)
            self.token_is_valid = False
        else:
            self.seller.sandbox.jtl.go_away()
            self.jtl_is_there = False
        self._did("gone", what)

    @precondition(lambda self: not (self.token_is_valid and self.jtl_is_there))
    @rule()
    def it_is_there_again(self) -> None:
        shop_settings.renew_token(self.seller.sandbox.shop)
        self.seller.sandbox.jtl.come_back()
        self.token_is_valid = self.jtl_is_there = True
        self._did("back", "")

    @precondition(lambda self: self.faults < 2)
    @rule(
        endpoint=st.sampled_from((*READS, *EFFECTS, *EFFECTS)),
        kind=st.sampled_from(("unheard", "stall", "reset", "truncate", "bad_gzip")),
        times=st.sampled_from((1, 1, 2, 6)),
    )
    def answers_will_be_lost(self, endpoint: str, kind: str, times: int) -> None:
        self._fault(kind, endpoint, times=times)

    @precondition(lambda self: self.faults < 2)
    @rule(
        endpoint=st.sampled_from((*READS, *EFFECTS, *EFFECTS)),
        code=st.sampled_from((429, 500, 503, 4000000, 4000004, 7000000, REFUSAL)),
        times=st.sampled_from((1, 2, 6)),
        applied=st.booleans(),
    )
    def calls_will_fail(self, endpoint: str, code: int, times: int, applied: bool) -> None:
        if code < 1000:
            self._fault("http_status", endpoint, status=code, times=times, applied=applied)
            return
        self._fault("business_code", endpoint, code=code, times=times, applied=applied and code in (4000000, 7000000))
        self.may_be_refused = True

    @precondition(lambda self: self.faults < 2)
    @rule(endpoint=st.sampled_from((LIST, SKUS)), kind=st.sampled_from(PAGES), times=st.sampled_from((1, 2, 6)))
    def pages_will_be_wrong(self, endpoint: str, kind: str, times: int) -> None:
        self._fault(kind, endpoint, times=times)

    def _fault(self, kind: str, endpoint: str, **details: object) -> None:
        self.seller.fault(kind, endpoint, **details)
        self.faults += 1
        self._did("fault", f"{kind} of {endpoint} {details}")

    @precondition(lambda self: self.has_run)
    @rule(minutes=st.sampled_from((1, 10, 45, 120, 600)))
    def time_passes(self, minutes: int) -> None:
        self.seller.later += timedelta(minutes=minutes)
        self.has_run = False
        self._did("time", f"{minutes} minutes")

    # runs

    @rule(job=jobs)
    def a_run(self, job: str) -> None:
        self._run(job)

    @rule(job=jobs)
    def another_run(self, job: str) -> None:
        self._run(job)

    @rule(job=jobs, family=st.sampled_from(FAMILIES), occurrence=st.sampled_from((1, 1, 1, 2, 2, 3, 5, 9)))
    def a_run_that_dies(self, job: str, family: str, occurrence: int) -> None:
        self._run(job, dies=(family, occurrence))

    @precondition(lambda self: self.jtl_is_there and self.token_is_valid and self._orders(self._waits_for_jtl))
    @rule(where=st.sampled_from(("jtl_commit_before", "jtl_commit_after", "file_renamed")))
    def a_run_dies_over_a_new_order(self, where: str) -> None:
        self._run(ORDERS, dies=(where, 1))

    @precondition(lambda self: self.jtl_is_there and self.token_is_valid and self._orders(self._waits_for_temu))
    @rule(where=st.sampled_from(("temu_send", "temu_received")), job=st.sampled_from((ORDERS, TRACKING)))
    def a_run_dies_over_a_parcel(self, where: str, job: str) -> None:
        self._run(job, dies=(f"{where}:{CONFIRM}", 1))

    @rule(job=jobs, database=st.sampled_from(("toci", "jtl")), point=st.sampled_from(list(Point)))
    def a_run_that_loses_a_connection(self, job: str, database: str, point: Point) -> None:
        self._run(job, loses=(database, point))

    def _run(self, job: str, *, dies: tuple[str, int] | None = None, loses: tuple[str, Point] | None = None) -> Ran:
        is_free = self.token_is_valid and self.jtl_is_there and not self.seller.sandbox.server.faults.waiting() and not dies and not loses
        before, already = self.world.shown(), self._rows_handed_over()
        ran = self.world.run(job, dies=dies, loses=loses)
        self.has_run, self.faults = True, 0
        end = f"died at {ran.died_at}" if ran.died_at else "green" if ran.is_green else "red"
        self._did("run", f"{job}: {end}{', lost a connection' if ran.killed else ''}{'' if is_free else ' (something in its way)'}")
        self.counts["crash"] += ran.died_at is not None
        self.counts["connection lost"] += ran.killed
        self.counts["red run"] += not ran.is_green and ran.died_at is None
        self._require([f"Run {job} told a buyer's data." for word in BUYERS_WORDS if word in ran.told])
        if is_free and not ran.is_green:
            # Before TEMU's listing was read there is nothing to calculate stock for, and a run that does nothing is red.
            self._require([] if job == STOCK and not self.was_listed else [f"{job} is red, and nothing was in its way."])
        if is_free and job == ORDERS:
            happens.read_by_the_program(self.model)
        self._take_note_of_what_was_handed_over(already)
        self._take_note_of_what_was_reported()
        self._require(judging.wrong_in_stock_set(self.model, before, self.world))
        if job == ALL_STOCK and ran.is_green:
            self.was_listed = True
        if is_free:
            self._require_work_done(job)
        return ran

    def _rows_handed_over(self) -> int:
        return len(self.world.handed_over()) if self.jtl_is_there else 0

    def _take_note_of_what_was_handed_over(self, already: int) -> None:
        for handed in self.world.handed_over()[already:] if self.jtl_is_there else ():
            self._require(judging.wrong_in_what_was_handed_over(self.model, handed))
            happens.given_to_jtl(self.model, handed.order, handed.version)

    def _take_note_of_what_was_reported(self) -> None:
        for package in self.world.packages():
            self.model["orders"][package.order]["reported"] = True

    def _require_work_done(self, job: str) -> None:
        if job == ORDERS:
            self._require(judging.wrong_after_orders(self.model, self.world, may_be_refused=self.may_be_refused))
        if job in (STOCK, ALL_STOCK) and self.was_listed:
            self._require(judging.wrong_in_listing(self.model, self.world, may_be_refused=self.may_be_refused))

    # what is looked at

    @invariant()
    def nothing_is_wrong(self) -> None:
        """After each step."""
        if self.jtl_is_there:
            self._require(judging.wrong_at_any_time(self.model, self.world))

    def teardown(self) -> None:
        """Nothing goes wrong any more, and at most three rounds bring everything to agreement; nobody does anything."""
        try:
            self._converge()
        finally:
            self.stack.close()

    def _converge(self) -> None:
        if not self.model["orders"]:
            return
        self.world.end_all_trouble()
        self.token_is_valid = self.jtl_is_there = True
        if self.may_be_refused:
            self.seller.later += A_DAY
        wrong: list[str] = []
        for number in range(1, CLEAN_ROUNDS + 1):
            note(f"clean round {number}")
            for job in (ORDERS, ORDERS, ALL_STOCK):
                self._run(job)
                self.seller.sandbox.jtl.run_worker()
                happens.jtl_imports(self.model)
            self._require(judging.wrong_at_any_time(self.model, self.world))
            wrong = self._not_converged()
            if not wrong:
                self.counts["example"] += 1
                self.counts[f"converged in round {number}"] += 1
                return
        self._require(wrong)

    def _not_converged(self) -> list[str]:
        allowed = {key for number in self.model["orders"] for keys in for_a_person(self.model, number) for key in keys}
        refused = {key for kind, key in self.world.told() if kind in judging.REFUSED} if self.may_be_refused else set()
        # A parcel's number is a word in many sentences; its order's is in those about it.
        parcels = {key for key in allowed | refused if key.isdigit() and int(key) in self.model["parcels"]}
        decided = (allowed | refused) - parcels | {str(self.model["parcels"][int(key)]["order"]) for key in parcels}
        return [
            *judging.wrong_after_orders(self.model, self.world, may_be_refused=self.may_be_refused),
            *judging.wrong_in_listing(self.model, self.world, may_be_refused=self.may_be_refused),
            *judging.wrong_in_inbox(self.model, self.world, may_be_refused=self.may_be_refused),
            *(f"Order {number} is not in our tables." for number in self.model["orders"].keys() - self.world.known_orders()),
            *(each for each in self.world.books() if not decided & set(re.findall(r"[\w-]+", each))),
        ]

    # choosing

    def _orders(self, fits: Callable[[Order], bool]) -> list[str]:
        return [number for number, order in self.model["orders"].items() if fits(order)]

    def _one(self, which: int, fits: Callable[[Order], bool]) -> str:
        return _pick(which, self._orders(fits))

    def _parcels(self, fits: Callable[[Parcel], bool]) -> list[int]:
        return [key for key, parcel in self.model["parcels"].items() if fits(parcel)]

    def _can_be_shipped(self, order: Order) -> bool:
        on_shelf = all(
            self.model["articles"][code]["shelf"] >= pieces for code, pieces in happens.plain(self.model, order["unshipped"]).items()
        )
        return order["imported"] and not order["cancelled_in_jtl"] and bool(+order["unshipped"]) and on_shelf

    def _waits_for_jtl(self, order: Order) -> bool:
        return order["given"] is None and happens.may_go(self.model, order)

    def _waits_for_temu(self, order: Order) -> bool:
        return not order["reported"] and any(
            parcels_due(self.model, number) for number, each in self.model["orders"].items() if each is order
        )

    def _can_be_split(self, order: Order) -> bool:
        return self._can_be_shipped(order) and bool(_a_part(order))

    def _change(self, number: str, what: str, **fields: object) -> None:
        self.model["orders"][number].update(fields)  # type: ignore[typeddict-item]  # names of fields
        happens.changed(self.model, number)
        self._did("change", f"{number}: {what}")

    def _did(self, kind: str, what: str) -> None:
        self.counts["step"] += 1
        self.counts[kind] += 1
        if currently_in_test_context():
            note(f"{kind}: {what}")

    def _require(self, wrong: Iterable[str]) -> None:
        found = list(wrong)
        self.counts["wrong"] += bool(found)
        assert not found, "\n".join(found)


def _pick(which: int, choices: list[T]) -> T:
    return choices[which % len(choices)]


def _is_open(order: Order) -> bool:
    return order["state"] == "open" and not order["reported"]


def _can_be_cut(order: Order) -> bool:
    return order["state"] in ("pending", "open") and not order["reported"]


def _is_to_be_cancelled_in_jtl(order: Order) -> bool:
    untouched = order["given"] is not None and order["unshipped"] == order["given"]["pieces"]
    return order["state"] == "cancelled" and order["imported"] and not order["cancelled_in_jtl"] and untouched


def _a_part(order: Order) -> Counter[str]:
    """Something that can go in a parcel of its own, so that no piece is torn: one article of an order without bundles, or a whole line."""
    lines = [line for line in order["lines"].values() if line["wanted"]]
    left = +order["unshipped"]
    if all(len(line["articles"]) == 1 and line["articles"][0][1] == 1 for line in lines) and left.total() > 1:
        return Counter({min(left): 1})
    if len(lines) > 1:
        part = Counter({code: units * lines[0]["wanted"] for code, units in lines[0]["articles"]})
        if part <= left and part != left:
            return part
    return Counter()
