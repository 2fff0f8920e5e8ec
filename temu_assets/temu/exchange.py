"""One HTTP exchange with TEMU's router: send a signed body, read the whole answer, say what went wrong if anything.

What becomes of a failed exchange is decided in ``transport.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

import httpx

from temu_assets.crash_points import crash_point
from temu_assets.redaction import keep_values_out_of_logs
from temu_assets.temu.answers import Envelope, UnreadableAnswerError, read_envelope
from temu_assets.temu.deadline import DeadlineTransport, ends_after
from temu_assets.temu.failures import TemuConfiguration
from temu_assets.temu.retry import Trouble, http_date, retry_after_seconds

CONNECT_S = 5.0
READ_S = 15.0
MAX_BODY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A readable answer, with TEMU's own time (Unix seconds) from the HTTP header."""

    envelope: Envelope
    temu_time: float | None


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt without a usable answer. ``said`` is a whole sentence for messages, without anything from the answer."""

    trouble: Trouble
    said: str
    code: int | None = None
    request_id: str | None = None
    retry_after_s: float | None = None


class Exchange:
    """The HTTP connections to one router. Thread-safe."""

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        keep_values_out_of_logs()
        self._url = url
        self._host = httpx.URL(url).host
        self._clock = clock
        self._monotonic = monotonic
        self._client = httpx.Client(
            transport=transport or DeadlineTransport(),
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
            headers={"Content-Type": "application/json", "Accept-Encoding": "gzip", "User-Agent": "temu-assets"},
            follow_redirects=False,
            # Neither a proxy nor ~/.netrc of the machine takes part in a signed call.
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(self, endpoint: str, content: bytes, seconds: float) -> Received | Failed:
        """Send ``content`` and read the whole answer within ``seconds``; ``endpoint`` is for messages.

        Raises TemuConfiguration if the server is not TEMU's router.
        """
        # "from None": an httpx error carries the request, and with it the token.
        try:
            crash_point(f"temu_send:{endpoint}")
            status, headers, body = self._post(content, seconds)
            crash_point(f"temu_received:{endpoint}")
            if status == HTTPStatus.OK:
                temu_time = http_date(headers.get("Date"))
                return Received(read_envelope(body), temu_time.timestamp() if temu_time else None)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise _wrong_endpoint(endpoint, "its TLS certificate cannot be verified") from None
            said = f"{endpoint}: no connection to TEMU at {self._host}, the host of TEMU_API_ENDPOINT ({type(error).__name__})."
            return Failed(Trouble.NOT_CONNECTED, said)
        except httpx.TimeoutException:
            return Failed(Trouble.ANSWER_LOST, f"{endpoint}: TEMU did not answer in time.")
        except (httpx.TransportError, httpx.DecodingError) as error:
            return Failed(Trouble.ANSWER_LOST, f"{endpoint}: the connection to TEMU broke off ({type(error).__name__}).")
        except UnreadableAnswerError as error:
            return Failed(Trouble.ANSWER_LOST, f"{endpoint}: the answer is unreadable, {error}.")
        return self._refused(endpoint, status, headers)

    def _post(self, content: bytes, seconds: float) -> tuple[int, httpx.Headers, bytes]:
        end = self._monotonic() + seconds
        body = bytearray()
        with ends_after(seconds), self._client.stream("POST", self._url, content=content) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise UnreadableAnswerError(f"it is larger than {MAX_BODY_BYTES} bytes")
                if self._monotonic() > end:
                    raise httpx.ReadTimeout("the answer as a whole took too long")
        return response.status_code, response.headers, bytes(body)

    def _refused(self, endpoint: str, status: int, headers: httpx.Headers) -> Failed:
        """What an HTTP status other than 200 means."""
        now = http_date(headers.get("Date")) or datetime.fromtimestamp(self._clock(), UTC)
        retry_after_s = retry_after_seconds(headers.get("Retry-After"), now)
        said = f"{endpoint}: TEMU's server answered HTTP {status}."
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return Failed(Trouble.TOO_FREQUENT, said, retry_after_s=retry_after_s)
        if status < HTTPStatus.MULTIPLE_CHOICES or status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Failed(Trouble.ANSWER_LOST, said, retry_after_s=retry_after_s)
        raise _wrong_endpoint(endpoint, f"the server answered HTTP {status}")


def _wrong_endpoint(endpoint: str, what: str) -> TemuConfiguration:
    return TemuConfiguration(
        f"{endpoint}: TEMU_API_ENDPOINT is not TEMU's router, {what}.",
        remedy="Set TEMU_API_ENDPOINT to the full router URL, for example https://openapi-b-eu.temu.com/openapi/router.",
        endpoint=endpoint,
    )
