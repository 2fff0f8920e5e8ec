"""How long the token is good: asked of a real (sandbox) TEMU, seldom, and remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from temu_assets.alerts import token
from temu_assets.alerts.facts import Token
from temu_assets.resources import TemuResource
from temu_assets.settings import load_settings
from temu_assets.toci.revision import ensure_current
from temu_assets_tests.seller import Seller

INFO = "bg.open.accesstoken.info.get"
DAY = timedelta(days=1)


@pytest.fixture
def shop(new_seller: Seller) -> Seller:
    ensure_current(new_seller.toci)
    new_seller.calls()
    return new_seller


def ask(shop: Seller) -> Token | None:
    token.ask_if_due(shop.toci, load_settings(), TemuResource().connect, now=shop.now())
    return shop.toci.read(lambda connection: token.remembered(connection, shop.toci.shop))


def test_temu_is_asked_every_few_hours_and_the_answer_is_remembered(shop: Seller) -> None:
    first = ask(shop)
    assert first is not None
    assert first.expires_at is not None
    assert abs(first.expires_at.timestamp() - shop.sandbox.shop.state.access.expires_at) < 2
    assert ask(shop) == first
    assert shop.calls() == {INFO: 1}
    shop.later += token.ASK_EVERY
    later = ask(shop)
    assert later is not None
    assert later.asked_at > first.asked_at
    assert shop.calls() == {INFO: 1}


def test_a_new_token_is_asked_about_at_once_and_the_old_answer_stays_until_then(shop: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ask(shop)
    shop.sandbox.shop.state.access.token = "a-new-token-of-the-shop"
    monkeypatch.setenv("TEMU_ACCESS_TOKEN", "a-new-token-of-the-shop")
    shop.later += timedelta(minutes=1)
    shop.fault("http_status", INFO, status=500, times=9)
    assert ask(shop) == before
    shop.sandbox.server.faults.clear()
    shop.later += token.ASK_AGAIN_AFTER_FAILURE
    after = ask(shop)
    assert after is not None
    assert before is not None
    assert after.asked_at > before.asked_at


def test_a_token_that_is_refused_is_known_as_that(shop: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMU_ACCESS_TOKEN", "not-the-token")
    found = ask(shop)
    assert found is not None
    assert found.expires_at is None
    assert "What to do" in found.refused
    assert "not-the-token" not in found.refused
    ask(shop)
    assert sum(shop.calls().values()) == 1


def test_without_temu_nothing_is_asked_and_nothing_known(shop: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEMU_APP_SECRET")
    assert ask(shop) is None
