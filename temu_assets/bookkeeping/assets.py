"""The bookkeeping as Dagster shows and runs it. What the stages do is in ``stages``, loaded when one runs.

Metadata, previews and log lines name files, lines, codes and counts, never what a booking says.
"""

import dagster as dg

from temu_assets.resources import Clock, JtlResource, SettingsResource, TociResource
from temu_assets.stage import told_plainly

GROUP = "bookkeeping"


@dg.asset(
    group_name=GROUP,
    owners=["team:shop"],
    kinds={"python", "csv"},
    deps=["datev_inbox"],
    metadata={"dagster/table_name": "datev_batches"},
)
def datev_batches(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """DATEV files dropped into data/csv_verarbeiter/eingang, taken: one row each, the original unchanged in the archive.

    **Identity:** the content. What was processed before by the same rules is not processed again; by other rules, or where what it became
    is gone, it is. **ZIPs:** opened in memory; anything but CSV files side by side refuses all of it. What is refused has a row that says
    why. **When red:** a folder cannot be read or written; no file is lost.
    """
    with told_plainly():
        from temu_assets.bookkeeping import stages

        return stages.take(context, settings, toci, clock)


@dg.asset(group_name=GROUP, owners=["team:shop"], kinds={"python", "csv"}, deps=["datev_batches", "jtl_orders"])
def datev_processed(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, jtl: JtlResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Every taken DATEV file checked, corrected as far as DATEV_CORRECTIONS asks, and written to data/csv_verarbeiter/ausgang.

    **Without corrections** a file leaves byte for byte as it came. **JTL** is asked only for K1 with customer numbers; while it is away no
    file is written. **A name in the output folder** belongs to one input: another file of the same name gets ``_2``. **When red:** JTL, our
    database or a folder is away, and what was not processed waits in the archive.
    """
    with told_plainly():
        from temu_assets.bookkeeping import stages

        return stages.process(context, settings, toci, jtl, clock)


@dg.asset(group_name=GROUP, owners=["team:shop"], kinds={"python", "excel"}, deps=["datev_processed", "jtl_orders"])
def datev_report(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, jtl: JtlResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """What was found and changed in the DATEV files since the last report: data/csv_verarbeiter/reports/auswertung_<day>_<time>.xlsx.

    **Sheets:** overview, changes, order numbers not found, findings with those across files, refused files, sums, headers; a JSON twin
    beside it. **Nothing new:** no report. **Old reports** are kept for ever, unless DATEV_KEEP_REPORTS_DAYS says how long. **When red:**
    the folder cannot be written, or JTL is away and DATEV_JTL_SUMS wants it; the next run reports on the same files.
    """
    with told_plainly():
        from temu_assets.bookkeeping import stages

        return stages.report(context, settings, toci, jtl, clock)


BOOKKEEPING_ASSETS = [datev_batches, datev_processed, datev_report]
