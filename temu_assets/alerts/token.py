"""How long TEMU's access token is good: asked every few hours, remembered between."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from temu_assets.alerts.facts import Token
from temu_assets.errors import AuthorisationError, TemuAssetsError
from temu_assets.settings import Settings
from temu_assets.temu.client import TemuClient
from temu_assets.texts import cut
from temu_assets.toci import sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.sync_state import Mark

ASK_EVERY = timedelta(hours=6)
ASK_AGAIN_AFTER_FAILURE = timedelta(minutes=30)

ConnectTemu = Callable[[], AbstractContextManager[TemuClient]]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What TEMU said, about which access (its fingerprint), and when it was last asked, whatever came of it."""

    access: str
    tried_at: datetime
    token: Token | None


def remembered(connection: Connection, shop: str) -> Token | None:
    """What TEMU said when it last answered; of the token before while a new one has not been asked about."""
    seen = _read(connection, shop)
    return seen.token if seen else None


def ask_if_due(toci: Toci, settings: Settings, connect: ConnectTemu, *, now: datetime) -> None:
    """Ask TEMU about the token and remember the answer, when that is due: a new token at once, else every few hours.

    What TEMU does not answer stays as it was; that it is away, or not set up, is what runs tell. Raises the errors of ``Toci``.
    """
    try:
        access = settings.temu().fingerprint
    except TemuAssetsError:
        return
    seen = toci.read(lambda connection: _read(connection, toci.shop))
    if seen is not None and seen.access == access:
        is_answered = seen.token is not None and seen.token.asked_at == seen.tried_at
        if timedelta() <= now - seen.tried_at < (ASK_EVERY if is_answered else ASK_AGAIN_AFTER_FAILURE):
            return
    token = seen.token if seen else None
    try:
        with connect() as temu:
            token = Token(now, temu.account.token_info().expires_at)
    except AuthorisationError as error:
        token = Token(now, None, refused=cut(str(error), 1000))
    except TemuAssetsError:
        # No word about the token: what is known of it stays, and it is asked again soon.
        pass
    asked = _Seen(access, now, token)
    toci.write(lambda connection: sync_state.remember(connection, toci.shop, Mark.TOKEN_SEEN, _as_text(asked), now=now))


def _read(connection: Connection, shop: str) -> _Seen | None:
    found = sync_state.read(connection, shop, Mark.TOKEN_SEEN)
    if found is None:
        return None
    value = json.loads(found)
    token = value["token"]
    return _Seen(
        value["access"],
        _from_seconds(value["tried_at"]),
        token
        and Token(
            _from_seconds(token["asked_at"]),
            None if token["expires_at"] is None else _from_seconds(token["expires_at"]),
            token["refused"],
        ),
    )


def _as_text(seen: _Seen) -> str:
    token = seen.token and {
        "asked_at": int(seen.token.asked_at.timestamp()),
        "expires_at": None if seen.token.expires_at is None else int(seen.token.expires_at.timestamp()),
        "refused": seen.token.refused,
    }
    return json.dumps({"access": seen.access, "tried_at": int(seen.tried_at.timestamp()), "token": token}, ensure_ascii=False)


def _from_seconds(value: int) -> datetime:
    return datetime.fromtimestamp(value, UTC)
