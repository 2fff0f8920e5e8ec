"""What the UI shows as different between TEMU, our tables and JTL. None of it stops a sync."""

from __future__ import annotations

import dagster as dg

from temu_assets.problem_checks import Watch, checks_of, open_problems_of
from temu_assets.reconciliation.kinds import Kind
from temu_assets.toci.kinds import DOUBLE

ERROR = dg.AssetCheckSeverity.ERROR

RECONCILIATION_CHECKS = [
    checks_of(
        "reconciliation",
        Watch(
            "no_order_was_lost",
            "Every order TEMU lists is in our tables. One that is not was listed before our tables were complete, and passed over.",
            open_problems_of(Kind.ORDER_LOST),
            ERROR,
        ),
        Watch(
            "every_order_is_as_temu_lists_it",
            "State and pieces of every order are here as TEMU lists them. If not, a change was passed over.",
            open_problems_of(Kind.ORDER_OUTDATED),
            ERROR,
        ),
        Watch(
            "every_order_is_in_jtl",
            "JTL has every order it was given, and every order that is ready was given to it.",
            open_problems_of(Kind.ORDER_NOT_IN_JTL),
            ERROR,
        ),
        Watch(
            "no_open_order_is_cancelled_in_jtl",
            "No order TEMU wants shipped is cancelled in JTL: nobody would ship it.",
            open_problems_of(Kind.ORDER_CANCELLED_IN_JTL),
            ERROR,
        ),
        Watch(
            "every_order_of_jtl_is_at_temu",
            "Behind every order in JTL with a number like TEMU's stands an order at TEMU.",
            open_problems_of(Kind.ORDER_NOT_AT_TEMU),
        ),
        Watch(
            "no_order_became_two_in_jtl",
            "JTL has every order once, also one it took long ago.",
            open_problems_of(DOUBLE),
            ERROR,
        ),
        Watch(
            "pieces_and_cents_agree",
            "JTL sells the pieces TEMU sold, for what the buyer pays.",
            open_problems_of(Kind.ORDER_DIFFERS),
            ERROR,
        ),
        Watch(
            "jtl_reads_its_import_table",
            "No order waits in JTL's import table for longer than JTL_CONFIRM_HOURS, and none waits there twice.",
            open_problems_of(Kind.IMPORT_ROW_UNREAD),
            ERROR,
        ),
        Watch(
            "every_sent_parcel_is_at_temu",
            "TEMU shows every parcel JTL sent more than a day ago.",
            open_problems_of(Kind.PARCEL_NOT_AT_TEMU),
            ERROR,
        ),
        Watch(
            "every_parcel_at_temu_was_sent",
            "JTL sent every parcel TEMU shows, and each has a number of its own.",
            open_problems_of(Kind.PARCEL_DIFFERS),
            ERROR,
        ),
        Watch(
            "temu_shows_the_stock_it_showed",
            "TEMU shows the stock it was last seen to show. If not, somebody else set it; the night's full run sets it right.",
            open_problems_of(Kind.LISTED_STOCK_DIFFERS),
        ),
    )
]
