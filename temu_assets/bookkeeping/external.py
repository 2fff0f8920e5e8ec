"""The world outside as the bookkeeping sees it: where DATEV files come from, and where they go. Nothing here is executed."""

from __future__ import annotations

import dagster as dg

GROUP = "outside"

EXTERNAL_ASSETS = (
    dg.AssetSpec(
        "datev_inbox",
        group_name=GROUP,
        kinds={"csv"},
        description="DATEV files (EXTF, CSV or ZIP) that JTL2DATEV or JTL-Ameise wrote, dropped into data/csv_verarbeiter/eingang.",
    ),
    dg.AssetSpec(
        "tax_adviser",
        deps=["datev_processed", "datev_report"],
        group_name=GROUP,
        kinds={"csv"},
        description="Whoever gets what lies in data/csv_verarbeiter/ausgang, with the report. A person hands it over.",
    ),
)
