"""Who may come in: the name the page was called by, where the request comes from, and the token, its cookie or the proxy's user."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.datastructures import Headers

COOKIE = "temu_assets_uploads"
SHORTEST_TOKEN = 16
"""Characters; a shorter one could be guessed."""
MOST_WRONG_TOKENS = 20
WRONG_TOKEN_SECONDS = 60.0
_LOOPBACK = ("127.0.0.1", "localhost")
_HARMLESS_METHODS = {"GET", "HEAD"}


class Entry(Enum):
    """What the doors say to a request."""

    OPEN = "known"
    UNKNOWN = "no token, or a wrong one"
    TOO_OFTEN = "too many wrong tokens"


@dataclass(slots=True)
class Doors:
    """``user_header``: in which a proxy names its user; empty: no proxy is trusted. ``hosts``: names the page has beside 127.0.0.1."""

    token: SecretStr
    user_header: str = ""
    hosts: Sequence[str] = ()
    clock: Callable[[], float] = time.monotonic
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _wrong: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_WRONG_TOKENS))

    @property
    def cookie(self) -> str:
        """What a browser is given instead of the token. The key is new with each start: who guesses has to guess the token."""
        return hmac.new(self._key, self.token.get_secret_value().encode(), "sha256").hexdigest()

    def is_called_right(self, headers: Headers) -> bool:
        """Whether the page was called by a name of its own; another one means a page elsewhere that points its name at this machine."""
        given = headers.getlist("host")
        if len(given) != 1:
            return False
        name = given[0].casefold()
        return name in self.hosts or host_of(name) in (*_LOOPBACK, *self.hosts)

    def is_from_here(self, method: str, headers: Headers) -> bool:
        """Whether the page itself asks, or no browser: another page may lead here by a link, and do nothing else.

        Raises nothing; a browser cannot be made to lie in these headers by a page.
        """
        site = headers.get("sec-fetch-site", "none")
        if method in _HARMLESS_METHODS:
            is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
            return site in {"none", "same-origin"} or is_link
        origin = headers.get("origin")
        if origin is None or origin == "null":
            # Who has the token itself in hand, and is no browser, needs no origin.
            return site == "same-origin" or (origin is None and "sec-fetch-site" not in headers and _bearer(headers) is not None)
        return site in {"none", "same-origin"} and _place(origin) == headers.get("host", "").casefold()

    def enter(self, headers: Headers, cookie: str | None) -> Entry:
        """Whether the request shows the token, the cookie made of it, or the user of the proxy that is trusted."""
        if cookie is not None and _same(cookie, self.cookie):
            return Entry.OPEN
        # Twice: the visitor's own beside the proxy's.
        if self.user_header and len(users := headers.getlist(self.user_header)) == 1 and users[0].strip():
            return Entry.OPEN
        token = _bearer(headers)
        return Entry.UNKNOWN if token is None else self.try_token(token)

    def try_token(self, token: str) -> Entry:
        """Whether this is the token; after too many that were not, nothing is for a while."""
        now = self.clock()
        if len(self._wrong) == MOST_WRONG_TOKENS and now - self._wrong[0] < WRONG_TOKEN_SECONDS:
            return Entry.TOO_OFTEN
        if _same(token, self.token.get_secret_value()):
            return Entry.OPEN
        self._wrong.append(now)
        return Entry.UNKNOWN


def host_of(name: str) -> str:
    """A host without its port."""
    host, colon, port = name.rpartition(":")
    return host if colon and port.isdigit() else name


def _place(origin: str) -> str:
    """Host and port of an origin, as the header Host would say it; empty for none."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return ""
    return parts.netloc.casefold() if parts.scheme in {"http", "https"} else ""


def _bearer(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.casefold() == "bearer" else None


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())
