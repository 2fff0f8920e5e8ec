"""What the access token is good for (fact sheet temu-api, section 1.7): the cheapest call, used to test a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from temu_assets.temu.failures import TemuDataError, unreadable
from temu_assets.temu.fields import AnswerModel, Id, Number, Seconds, fit
from temu_assets.temu.transport import Transport

TOKEN_INFO = "bg.open.accesstoken.info.get"  # noqa: S105 - the name of an endpoint


def _scopes(value: object) -> object:
    return frozenset(value) if isinstance(value, list) and all(isinstance(scope, str) for scope in value) else value


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """The shop behind the token (``mall_type`` 100 is a local one), when the token ends (UTC), the endpoints it covers."""

    mall_id: str
    mall_type: int
    region_id: int
    expires_at: datetime
    scopes: frozenset[str]


class _Token(AnswerModel):
    mall_id: Id = Field(validation_alias="mallId")
    mall_type: Number = Field(validation_alias="mallType")
    region_id: Number = Field(validation_alias="regionId")
    expires_at: Seconds = Field(validation_alias="expiredTime")
    scopes: Annotated[frozenset[str], BeforeValidator(_scopes)] = Field(validation_alias="apiScopeList")


class AccountApi:
    """The token. Every call raises the classes of ``failures.py``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def token_info(self) -> TokenInfo:
        """What TEMU knows about the access token."""
        answer = self._transport.call(TOKEN_INFO, {})
        try:
            token = fit(_Token, answer.result, "Access token")
        except TemuDataError as error:
            raise unreadable(TOKEN_INFO, error.what, answer.request_id) from None
        return TokenInfo(token.mall_id, token.mall_type, token.region_id, token.expires_at, token.scopes)
