"""What is needed to talk to one TEMU shop: where, as which app, with which token, how fast."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from temu_assets.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TemuConnection:
    """Endpoint and credentials of one shop (fact sheet temu-api, sections 1.1 and 1.7).

    ``endpoint`` is the full router URL; plain ``http`` is accepted for loopback hosts only. ``requests_per_second`` is
    taken as given, however high. Raises ConfigurationError.
    """

    endpoint: str
    app_key: str
    app_secret: SecretStr
    access_token: SecretStr
    requests_per_second: float = 10.0

    def __post_init__(self) -> None:
        _check_endpoint(self.endpoint)
        if not (math.isfinite(self.requests_per_second) and self.requests_per_second > 0):
            raise ConfigurationError(
                "TEMU_REQUESTS_PER_SECOND is not a number above 0.",
                remedy="Set it to a number such as 10, or remove it.",
            )


def _check_endpoint(endpoint: str) -> None:
    remedy = "Set TEMU_API_ENDPOINT to the full router URL, for example https://openapi-b-eu.temu.com/openapi/router."
    try:
        url = urlsplit(endpoint)
        host = url.hostname
        port_fits = url.port is None or url.port > 0
    except ValueError:
        host, port_fits = None, False
    if not host or not port_fits or url.username is not None:
        # The URL itself is not repeated: somebody may have written a password into it.
        raise ConfigurationError("TEMU_API_ENDPOINT is not a URL this program can use.", remedy=remedy)
    if url.scheme == "https" or (url.scheme == "http" and _is_loopback(host)):
        return
    raise ConfigurationError(
        f"TEMU_API_ENDPOINT for host {host} does not start with https://; the access token would travel unprotected.",
        remedy=remedy,
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
