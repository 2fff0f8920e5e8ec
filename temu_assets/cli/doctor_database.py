"""What ``doctor`` says of the ways to both databases, and of our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy.engine import URL

from temu_assets.cli.doctor_alerts import failing_lines
from temu_assets.cli.doctor_lines import About, Line, error, ok, warning
from temu_assets.cli.doctor_runs import history_line, read_history
from temu_assets.cli.doctor_sql import driver_line, server_line, tls_line
from temu_assets.errors import ConfigurationError, TransientError
from temu_assets.jtl.server import read_server
from temu_assets.settings import Settings
from temu_assets.sql.address import parse_url, place
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.problems import open_problems
from temu_assets.toci.revision import NEWEST, ensure_current, revision_of

_MOUNTS = Path("/proc/mounts")
_OVER_THE_NETWORK = ("nfs", "cifs", "smb", "afs", "ncpfs", "fuse.sshfs", "fuse.rclone", "fuse.davfs", "glusterfs", "ceph")


def way_lines(settings: Settings) -> Iterator[Line]:
    """Driver, encryption and place, looked at before anything is connected. Raises ConfigurationError for a URL that cannot be used."""
    urls = _urls(settings)
    servers = {name: url for name, url in urls.items() if url.get_backend_name() == "mssql"}
    yield from {driver_line(url): None for url in servers.values()}
    for name, url in servers.items():
        yield tls_line(name, url)
    files = [Path(url.database) for url in urls.values() if url.get_backend_name() == "sqlite" and url.database]
    if files:
        yield network_line(files, _file_systems())


def _urls(settings: Settings) -> dict[About, URL]:
    secrets = {About.OUR_TLS: ("TOCI_DATABASE_URL", settings.toci_url)}
    try:
        settings.jtl_url()
    except (ConfigurationError, TransientError):
        pass  # told where JTL is looked at
    else:
        secrets[About.JTL_TLS] = ("JTL_DATABASE_URL", settings.jtl_url)
    return {name: parse_url(read(), setting, "the example in .env.example") for name, (setting, read) in secrets.items()}


def network_line(files: list[Path], file_systems: Mapping[Path, str]) -> Line:
    """SQLite needs locks that drives in the network do not keep. ``file_systems``: kind by mount point."""
    remote = {path: kind for path in files if (kind := _kind(path, file_systems)).startswith(_OVER_THE_NETWORK)}
    if remote:
        told = ", ".join(f"{path} ({kind})" for path, kind in remote.items())
        return error(
            About.NETWORK_DRIVE,
            f"a SQLite file is on a drive in the network, where two writers damage it: {told}",
            "move it to a disk of this machine (TEMU_DATA_DIR, TOCI_DATABASE_URL), or take a database server",
        )
    return ok(About.NETWORK_DRIVE, f"SQLite files are on disks of this machine: {', '.join(map(str, files))}")


def _kind(path: Path, file_systems: Mapping[Path, str]) -> str:
    if str(path).startswith(("\\\\", "//")):
        return "smb share"
    return next((file_systems[folder] for folder in path.resolve().parents if folder in file_systems), "")


def _file_systems() -> dict[Path, str]:
    """Kind by mount point, as far as the system tells it in a file."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    return {Path(where.replace("\\040", " ")): kind for _, where, kind, *_ in (line.split() for line in lines)}


def our_lines(settings: Settings) -> Iterator[Line]:
    """Our database: an empty one is set up, an older one is left as it is. Raises TemuAssetsError for what hides the rest."""
    toci = Toci(open_engine(settings.toci_url(), settings.sql_limits()), settings.shop)
    try:
        if toci.engine.dialect.name == "mssql":
            yield from _our_server(toci)
        revision = revision_of(toci)
        if revision is not None and revision < NEWEST:
            yield older_line(place(toci.engine.url), revision, is_file=toci.engine.dialect.name == "sqlite")
            return
        ensure_current(toci)
        yield ok(About.OUR_DATABASE, f"{place(toci.engine.url)} is there and current (revision {NEWEST})")
        yield problems_line(len(toci.read(lambda connection: open_problems(connection, toci.shop))))
        yield history_line(read_history(toci))
        yield from failing_lines(toci)
    finally:
        toci.close()


def older_line(where: str, revision: str, *, is_file: bool) -> Line:
    """A database of an older version: a file is brought up by the next run, a server by a person."""
    found = f"{where} has revision {revision}, this version needs {NEWEST}"
    if is_file:
        return warning(About.OUR_DATABASE, f"{found}; the next run changes it", "make a backup first, then run `temu-assets migrate`")
    return error(About.OUR_DATABASE, f"{found}; every run stops", "make a backup, then run `temu-assets migrate`")


def problems_line(count: int) -> Line:
    """What waits for a person."""
    if not count:
        return ok(About.PROBLEMS, "none waits for a person")
    return warning(About.PROBLEMS, f"{count} wait for a person", "look at them with `temu-assets problems`")


def _our_server(toci: Toci) -> Iterator[Line]:
    """Raises ConfigurationError for JTL's own database, before a table of ours is made in it."""
    facts = toci.read(read_server)
    if facts.is_jtl:
        raise ConfigurationError(
            f"TOCI_DATABASE_URL (or SQL_DATABASE_TOCI) names {facts.database}, which is JTL's database.",
            remedy="create a database of its own for this program (docs/sql/toci-rights.sql); our tables do not belong into JTL's.",
        )
    yield server_line(About.OUR_SERVER, facts)
    yield ok(About.OUR_COLLATION, facts.collation)
