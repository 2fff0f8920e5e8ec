"""The stages of the invoices as Dagster shows and runs them. What they do is in ``stages``, loaded when one of them runs."""

import dagster as dg

from temu_assets.resources import Clock, SettingsResource, TociResource
from temu_assets.stage import told_plainly

GROUP = "invoices"


@dg.asset(
    group_name=GROUP,
    owners=["team:shop"],
    kinds={"python", "file"},
    deps=["invoice_inbox"],
    metadata={"dagster/table_name": "invoice_documents"},
)
def invoice_documents(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Files dropped into data/pdf_reader/eingang/rechnungen and .../werbung, taken: one row each, the original unchanged in the archive.

    **Other sources:** the folders of INVOICE_FOLDERS. **Identity:** the content. A file dropped twice is taken once; dropped into the other
    folder it changes lanes. A file somebody is still writing is left for the next run. **When red:** a folder cannot be read or written; no
    file is lost.
    """
    with told_plainly():
        from temu_assets.invoices import stages

        return stages.take(context, settings, toci, clock)


@dg.asset(group_name=GROUP, owners=["team:shop"], kinds={"python", "excel"}, deps=["invoice_documents"])
def invoices(context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    """Invoices and credit notes of suppliers and marketplaces: one row per document in data/pdf_reader/ausgang/rechnungen.xlsx.

    **Evidence:** embedded or bare XML, then the text of the pages, then OCR; each value tells where it stood. What is missing, does not
    add up or contradicts itself is marked "prüfen" with the reason, and no amount is ever guessed. A file that cannot be read has a row
    too. **When red:** the Excel file is open somewhere, or our database is away; what was read is kept.
    """
    with told_plainly():
        from temu_assets.invoices import stages

        return stages.read_invoices(context, settings, toci, clock)


@dg.asset(group_name=GROUP, owners=["team:shop"], kinds={"python", "excel"}, deps=["invoice_documents"])
def advertising_invoices(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Invoices for advertising: one row per document in data/pdf_reader/ausgang/werbung.xlsx. Otherwise as ``invoices``.

    A document that is none for advertising is marked "prüfen", and says into which folder it belongs.
    """
    with told_plainly():
        from temu_assets.invoices import stages

        return stages.read_advertising(context, settings, toci, clock)


INVOICE_ASSETS = [invoice_documents, invoices, advertising_invoices]
