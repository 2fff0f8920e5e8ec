"""An empty database of ours, on SQLite or the server ``TEST_TOCI_URL`` names."""

from __future__ import annotations

from temu_assets_tests.toci.conftest import database_file, database_url, empty_toci

__all__ = ["database_file", "database_url", "empty_toci"]
