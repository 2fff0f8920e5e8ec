"""Everything ``doctor`` looks at: all at once, each on its own, and none for longer than LIMIT_SECONDS.

One that fails hides no other, and one that gets no answer is given up. What the lines mean is in docs/doctor.md.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from temu_assets.cli.doctor_lines import About, Level, Line, error, ok
from temu_assets.errors import TemuAssetsError
from temu_assets.redaction import bug
from temu_assets.settings import Settings, load_settings

LIMIT_SECONDS = 30.0
"""After this long the command ends, whatever does not answer."""


@dataclass(slots=True)
class Check:
    """One thing to look at. ``about`` names the line for what goes wrong with the look itself."""

    about: About
    look: Callable[[], Iterable[Line]]
    lines: list[Line] = field(default_factory=list)
    is_done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Take the lines as they come, so that those before an error or a wait stay."""
        try:
            self.lines.extend(self.look())
        except TemuAssetsError as wrong:
            self.lines.append(error(self.about, wrong.what, wrong.remedy))
        except Exception as wrong:  # noqa: BLE001 — nothing is swallowed: it is told, without its values
            self.lines.append(error(self.about, (told := bug(wrong)).what, told.remedy))
        finally:
            self.is_done.set()


def examine() -> list[Line]:
    """All lines there are, in the order of docs/doctor.md; after the limit those there are until then."""
    began = time.monotonic()
    limit = LIMIT_SECONDS
    settings, first = _settings()
    checks = _checks(settings, is_complete=first.level is Level.OK)
    for check in checks:
        # A daemon thread does not keep the program alive, whatever it waits for.
        threading.Thread(target=check.run, name=f"doctor: {check.about}", daemon=True).start()
    lines = [first]
    for check in checks:
        is_done = check.is_done.wait(max(0.0, began + limit - time.monotonic()))
        lines += tuple(check.lines)
        if not is_done:
            lines.append(_given_up(check.about, limit))
    return [*lines, ok(About.TIME, f"looked for {time.monotonic() - began:.1f} s, {limit:.0f} s at most")]


def _given_up(about: About, limit: float) -> Line:
    return error(
        about,
        f"no answer within {limit:.0f} s, so it was not looked at further",
        "see whether the host can be reached from this machine (name, firewall, VPN) and whether it is overloaded",
    )


def _settings() -> tuple[Settings | None, Line]:
    from temu_assets.cli.doctor_settings import settings_line

    try:
        settings = load_settings()
    except TemuAssetsError as wrong:
        return None, error(About.SETTINGS, wrong.what, wrong.remedy)
    return settings, settings_line(settings)


def _checks(settings: Settings | None, *, is_complete: bool) -> Sequence[Check]:
    """What can be looked at: without settings only this machine and Dagster; with half of them everything but TEMU and JTL."""
    from temu_assets.cli import doctor_dagster, doctor_doors, doctor_machine

    always = [
        Check(About.PYTHON, lambda: [doctor_machine.python_line()]),
        Check(About.PACKAGES, lambda: [doctor_machine.packages_line()]),
        Check(About.TIME_ZONES, lambda: [doctor_machine.time_zone_line()]),
        Check(About.DOORS, lambda: [doctor_doors.doors_line()]),
        Check(About.JOBS_FILE, lambda: [doctor_dagster.jobs_file_line(settings)]),
        Check(About.DAGSTER_HOME, lambda: doctor_dagster.home_lines(settings)),
    ]
    if settings is None:
        return always
    return [*_of_settings(settings), *always, *_of_both_sides(settings, is_complete=is_complete), *_of_the_office(settings)]


def _of_settings(settings: Settings) -> list[Check]:
    from temu_assets.cli import doctor_files, doctor_machine, doctor_settings

    return [
        Check(About.GIVEN_TWICE, doctor_settings.given_twice_lines),
        Check(About.SECRETS, lambda: [doctor_settings.secrets_line(settings)]),
        Check(About.SANDBOX, lambda: doctor_settings.sandbox_lines(settings)),
        Check(About.DRY_RUN, lambda: [doctor_settings.dry_run_line(settings)]),
        Check(About.ALERTS, lambda: [doctor_settings.alerts_line(settings)]),
        Check(About.DATA_FOLDER, lambda: [doctor_machine.data_folder_line(settings)]),
        Check(About.DISK, lambda: [doctor_machine.disk_line(settings)]),
        Check(About.FILE_RIGHTS, lambda: [doctor_files.rights_line(settings)]),
    ]


def _of_both_sides(settings: Settings, *, is_complete: bool) -> list[Check]:
    from temu_assets.cli import doctor_database, doctor_jtl, doctor_temu

    ours = [
        Check(About.SQL_DRIVER, lambda: doctor_database.way_lines(settings)),
        Check(About.OUR_DATABASE, lambda: doctor_database.our_lines(settings)),
    ]
    if not is_complete:
        return ours
    return [
        *ours,
        Check(About.TEMU, lambda: doctor_temu.temu_lines(settings)),
        Check(About.JTL, lambda: doctor_jtl.jtl_lines(settings)),
    ]


def _of_the_office(settings: Settings) -> list[Check]:
    from temu_assets.cli import doctor_office

    return [
        Check(About.INVOICES, lambda: doctor_office.invoice_lines(settings)),
        Check(About.DATEV, lambda: doctor_office.datev_lines(settings)),
    ]
