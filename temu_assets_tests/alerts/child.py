"""A process of its own that looks once: it can be killed where nothing is cleaned up."""

from __future__ import annotations

import sys
from datetime import datetime

from temu_assets.alerts.looking import look
from temu_assets.alerts.ways import ways
from temu_assets.settings import load_settings
from temu_assets.toci.database import Toci, open_engine
from temu_assets_tests.alerts.jobs import JOBS

settings = load_settings()
toci = Toci(open_engine(settings.toci_url()), settings.shop)
outcome = look(toci, settings, ways(settings), JOBS, "a process", now=datetime.fromisoformat(sys.argv[1]), wait_seconds=30)
toci.close()
sys.stdout.write(" ".join(f"{way}={count}" for way, count in outcome.told.items()))
