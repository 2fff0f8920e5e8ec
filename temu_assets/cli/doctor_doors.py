"""What ``doctor`` says of open ports: Dagster's UI, its code server and the upload page must be reachable from this machine only."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import Path

from temu_assets.cli.doctor_lines import About, Line, error, ok

DOORS: Mapping[int, str] = {
    3000: "Dagster's UI, which has no login and starts runs",
    3001: "the upload page",
    3002: "Dagster's UI for looking only, which has no login and shows all that runs",
    4000: "Dagster's code server, which runs whatever it is asked to",
}
"""The ports this program's parts listen on by default, and who answers there."""
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENS = "0A"
_OF_OUR_IMAGE = Path("/usr/local/bin/temu-assets-entrypoint")
"""There each service has a network of its own, where it must listen for the others; what the world sees is what Docker publishes."""


def doors_line(doors: Mapping[int, str] = DOORS) -> Line:
    """Which of the doors stand open to the network. Only Linux tells who listens."""
    if _OF_OUR_IMAGE.exists():
        return ok(About.DOORS, "in a container of the image: only the proxy's ports may be published (`docker ps` shows them)")
    tables = [path for path in _TABLES if path.is_file()]
    if not tables:
        return ok(About.DOORS, "not looked at on this system: nothing of this program may listen on another address than 127.0.0.1")
    listening = [each for path in tables for each in listeners(path.read_text(encoding="ascii"))]
    return judged(listening, doors)


def judged(listening: list[tuple[str, int]], doors: Mapping[int, str]) -> Line:
    """``listening``: address and port of everything that waits for connections here."""
    wide = {port: address for address, port in listening if port in doors and not ipaddress.ip_address(address).is_loopback}
    if wide:
        told = "; ".join(f"port {port} on {address} ({doors[port]})" for port, address in sorted(wide.items()))
        return error(
            About.DOORS,
            f"open to the network: {told}",
            "let it listen on 127.0.0.1 only (option -h of dagster-webserver and dagster code-server), behind a reverse proxy with a login "
            "(docs/deployment.md); if the port is another program's, give one of the two another port",
        )
    closed = sorted({port for _, port in listening if port in doors})
    return ok(
        About.DOORS, f"reachable from this machine only: {', '.join(map(str, closed))}" if closed else "none of this program's is open"
    )


def listeners(table: str) -> Iterator[tuple[str, int]]:
    """Address and port of each listening socket in a table of Linux's ``/proc/net/tcp`` or ``tcp6``."""
    for line in table.splitlines()[1:]:
        _, local, _, state, *_ = line.split()
        if state == _LISTENS:
            address, _, port = local.partition(":")
            yield _address(bytes.fromhex(address)), int(port, 16)


def _address(raw: bytes) -> str:
    """The kernel writes each 32 bits in the order of this machine's bytes, which is little-endian wherever this runs."""
    turned = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    address = ipaddress.ip_address(turned)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
