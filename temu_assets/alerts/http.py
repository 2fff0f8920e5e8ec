"""One HTTP request to a webhook or a heartbeat: bounded in time and size, no redirect followed, certificate checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import httpx
from pydantic import SecretStr

from temu_assets.errors import ConfigurationError, TransientError
from temu_assets.redaction import keep_values_out_of_logs
from temu_assets.temu.deadline import DeadlineTransport, ends_after

TOTAL_SECONDS = 10.0
_MOST_READ = 4096


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and the beginning of the body."""

    status: int
    text: str

    @property
    def is_good(self) -> bool:
        """Whether it was taken."""
        return httpx.codes.is_success(self.status)


def ask(
    method: Literal["GET", "POST"],
    url: SecretStr,
    name: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = TOTAL_SECONDS,
) -> Answer:
    """The answer, whatever its status. ``name`` is what messages call the other side: a URL is a secret.

    Raises TransientError when there is no answer within ``seconds``, ConfigurationError for a certificate nobody trusts.
    """
    keep_values_out_of_logs()
    try:
        with (
            ends_after(seconds),
            httpx.Client(transport=DeadlineTransport(), timeout=seconds, follow_redirects=False) as client,
            client.stream(method, url.get_secret_value().strip(), content=body, headers=dict(headers or {})) as response,
        ):
            return Answer(response.status_code, _beginning(response))
    except httpx.TimeoutException:
        failed: ConfigurationError | TransientError = TransientError(
            f"{name} did not answer within {seconds:g} s.", remedy="nothing; it is tried again. If it stays so, look at that service."
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            failed = ConfigurationError(
                f"{name} shows a certificate that is not trusted.",
                remedy="use the name that is in the certificate; for one of your own making let SSL_CERT_FILE name its file.",
            )
        else:
            failed = TransientError(
                f"{name} cannot be reached ({type(error).__name__}).", remedy="check the URL, the name server and the firewall."
            )
    raise failed from None


def _beginning(response: httpx.Response) -> str:
    read = b""
    for chunk in response.iter_bytes():
        read += chunk
        if len(read) >= _MOST_READ:
            break
    return read[:_MOST_READ].decode("utf-8", "replace")
