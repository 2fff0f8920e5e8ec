"""Who comes in, over real HTTP: every form of the token, names, origins, proxies; and what browsers are told."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from temu_assets.uploads import serving
from temu_assets.uploads.doors import MOST_WRONG_TOKENS, WRONG_TOKEN_SECONDS, Doors, Entry
from temu_assets_tests.uploads.conftest import PDF, TOKEN, Open, open_page, until

BEHIND_DOORS = [
    "/style.css", "/page.js", "/icon.svg", "/lanes", "/outcomes", "/results", "/results/datev.zip", "/results/rechnungen/rechnungen.xlsx",
    "/nothing",
]  # fmt: skip


@pytest.fixture
def stranger(quiet_page: Open) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=quiet_page.url, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("address", BEHIND_DOORS)
@pytest.mark.parametrize(
    "shown", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}, {"Cookie": f"temu_assets_uploads={TOKEN}"}]
)
def test_nothing_is_shown_to_a_stranger(address: str, shown: dict[str, str], quiet_page: Open, stranger: httpx.Client) -> None:
    quiet_page.page.doors._wrong.clear()
    answer = stranger.get(address, headers=shown)
    assert answer.status_code == 401
    assert "Link" in answer.json()["error"]


def test_a_stranger_uploads_nothing_and_starts_nothing(quiet_page: Open, stranger: httpx.Client) -> None:
    before = quiet_page.waiting()
    origin = {"Origin": quiet_page.url}
    assert stranger.post("/uploads/rechnungen?name=a.pdf", content=PDF, headers=origin).status_code == 401
    assert stranger.post("/runs/rechnungen", headers=origin).status_code == 401
    assert quiet_page.waiting() == before


def test_a_stranger_reads_how_to_come_in_and_whether_the_page_lives(stranger: httpx.Client) -> None:
    page = stranger.get("/")
    assert page.status_code == 401
    assert "Bitte mit dem Link öffnen" in page.text
    assert stranger.get("/healthz").text == "ok"


def test_the_link_gives_a_cookie_that_is_not_the_token_and_leaves_the_address_bar(quiet_page: Open, stranger: httpx.Client) -> None:
    answer = stranger.get("/", params={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip().casefold() for part in cookie.split(";")}
    assert stranger.get("/").status_code == 200
    assert stranger.get("/outcomes").status_code == 200
    assert stranger.post("/runs/rechnungen", headers={"Origin": quiet_page.url}).status_code == 202


def test_a_cookie_is_worth_nothing_to_another_start(tmp_path: Path, stranger: httpx.Client) -> None:
    stranger.get("/", params={"token": TOKEN})
    with open_page(tmp_path, command=None) as other:
        assert httpx.get(f"{other.url}/outcomes", cookies=stranger.cookies, trust_env=False).status_code == 401


def test_the_token_opens_as_a_header_but_not_in_other_addresses(quiet_page: Open, stranger: httpx.Client) -> None:
    assert stranger.get("/outcomes", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200
    assert stranger.get("/outcomes", params={"token": TOKEN}).status_code == 401
    assert stranger.post("/uploads/rechnungen", params={"name": "a.pdf", "token": TOKEN}, content=PDF,
                         headers={"Origin": quiet_page.url}).status_code == 401  # fmt: skip


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "tökén", TOKEN.upper()])
def test_a_wrong_link_opens_nothing(token: str, quiet_page: Open, stranger: httpx.Client) -> None:
    quiet_page.page.doors._wrong.clear()
    answer = stranger.get("/", params={"token": token})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_after_many_wrong_tokens_even_the_right_one_waits_but_who_is_in_stays_in(tmp_path: Path) -> None:
    with open_page(tmp_path, command=None) as page, httpx.Client(base_url=page.url, trust_env=False) as guest:
        guest.get("/", params={"token": TOKEN})
        for number in range(MOST_WRONG_TOKENS):
            assert httpx.get(page.url, params={"token": str(number)}, trust_env=False).status_code == 401
        assert httpx.get(page.url, params={"token": TOKEN}, trust_env=False).status_code == 429
        assert page.visitor.get("/outcomes").status_code == 429
        assert guest.get("/outcomes").status_code == 200


def test_the_wait_after_wrong_tokens_ends() -> None:
    time = [0.0]
    doors = Doors(SecretStr(TOKEN), clock=lambda: time[0])
    for _ in range(MOST_WRONG_TOKENS):
        assert doors.try_token("wrong") is Entry.UNKNOWN
    assert doors.try_token(TOKEN) is Entry.TOO_OFTEN
    time[0] = WRONG_TOKEN_SECONDS
    assert doors.try_token(TOKEN) is Entry.OPEN


def asked_as(page: Open, *headers: tuple[str, str], method: str = "GET", address: str = "/outcomes") -> int:
    """The status of a request with exactly these headers."""
    connection = http.client.HTTPConnection("127.0.0.1", int(page.url.rpartition(":")[2]))
    connection.putrequest(method, address, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


KNOWN = ("Authorization", f"Bearer {TOKEN}")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:3001", "localhost", "LocalHost:1"])
def test_the_page_answers_to_its_own_names(host: str, quiet_page: Open) -> None:
    assert asked_as(quiet_page, ("Host", host), KNOWN) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:3001", "0.0.0.0", "[::1]", "127.0.0.1@evil.example", ""]
)
@pytest.mark.parametrize("address", ["/", "/outcomes", "/healthz", f"/?token={TOKEN}"])
def test_a_name_that_was_pointed_here_from_elsewhere_is_refused(host: str, address: str, quiet_page: Open) -> None:
    assert asked_as(quiet_page, ("Host", host), KNOWN, address=address) == 400


def test_two_names_or_none_are_refused(quiet_page: Open) -> None:
    assert asked_as(quiet_page, ("Host", "127.0.0.1"), ("Host", "evil.example"), KNOWN) == 400
    assert asked_as(quiet_page, KNOWN) == 400


def test_a_proxys_names_are_set(tmp_path: Path) -> None:
    with open_page(tmp_path, command=None, upload_hosts="belege.example.invalid, intern.example.invalid:8443") as page:
        assert asked_as(page, ("Host", "Belege.example.invalid"), KNOWN) == 200
        assert asked_as(page, ("Host", "belege.example.invalid:443"), KNOWN) == 200
        assert asked_as(page, ("Host", "intern.example.invalid:8443"), KNOWN) == 200
        assert asked_as(page, ("Host", "intern.example.invalid"), KNOWN) == 400


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "http://localhost", "null", "file://", "http://[", ""])
@pytest.mark.parametrize("address", ["/uploads/rechnungen?name=a.pdf", "/runs/rechnungen"])
@pytest.mark.parametrize("way", ["cookie", "token"])
def test_another_page_changes_nothing_here(origin: str, address: str, way: str, quiet_page: Open) -> None:
    entry = KNOWN if way == "token" else ("Cookie", f"temu_assets_uploads={quiet_page.page.doors.cookie}")
    host = ("Host", quiet_page.url.removeprefix("http://"))
    before = quiet_page.waiting()
    assert asked_as(quiet_page, host, entry, ("Origin", origin), ("Content-Length", "0"), method="POST", address=address) == 403
    assert quiet_page.waiting() == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "SAME"}, 202),
        ({"Origin": "SAME", "Sec-Fetch-Site": "same-origin"}, 202),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "SAME", "Sec-Fetch-Site": "cross-site"}, 403),
        ({}, 403),
    ],
)
def test_with_the_cookie_only_the_page_itself_changes_something(headers: dict[str, str], status: int, quiet_page: Open) -> None:
    host = quiet_page.url.removeprefix("http://")
    given = [(name, value.replace("SAME", quiet_page.url)) for name, value in headers.items()]
    cookie = ("Cookie", f"temu_assets_uploads={quiet_page.page.doors.cookie}")
    assert asked_as(quiet_page, ("Host", host), cookie, ("Content-Length", "0"), *given, method="POST", address="/runs/datev") == status


def test_another_page_reads_nothing_and_may_only_lead_here(quiet_page: Open) -> None:
    host = ("Host", "127.0.0.1")
    for site in ("cross-site", "same-site"):
        assert asked_as(quiet_page, host, KNOWN, ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors")) == 403
        framed = (("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe"))
        assert asked_as(quiet_page, host, KNOWN, ("Sec-Fetch-Site", site), *framed, address="/") == 403
        link = (("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))
        assert asked_as(quiet_page, host, KNOWN, ("Sec-Fetch-Site", site), *link, address="/") == 200


def test_whoever_is_led_here_by_a_link_is_asked_again_by_the_page_itself(stranger: httpx.Client) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert stranger.get("/", headers=link).headers["refresh"] == "0; url=/"
    assert "refresh" not in stranger.get("/", headers=link | {"Sec-Fetch-Site": "same-origin"}).headers


@pytest.mark.parametrize("header", ["X-Forwarded-User", "X-Remote-User", "Remote-User"])
def test_a_users_header_means_nothing_unless_it_is_set(header: str, stranger: httpx.Client) -> None:
    assert stranger.get("/outcomes", headers={header: "chef"}).status_code == 401


def test_the_user_of_a_proxy_that_is_trusted_comes_in(tmp_path: Path) -> None:
    with open_page(tmp_path, command=None, upload_proxy_user_header="X-Forwarded-User", upload_hosts="belege.example.invalid") as page:
        host = ("Host", "belege.example.invalid")
        assert asked_as(page, host, ("x-forwarded-user", "chef")) == 200
        assert asked_as(page, host, ("X-Forwarded-User", "  ")) == 401
        assert asked_as(page, host, ("X-Remote-User", "chef")) == 401
        # The visitor's own beside the proxy's.
        assert asked_as(page, host, ("X-Forwarded-User", "chef"), ("X-Forwarded-User", "visitor")) == 401
        post = {"method": "POST", "address": "/runs/datev"}
        user, empty = ("X-Forwarded-User", "chef"), ("Content-Length", "0")
        assert asked_as(page, host, user, empty, ("Origin", "https://belege.example.invalid"), **post) == 202
        assert asked_as(page, host, user, empty, ("Origin", "https://evil.example"), **post) == 403
        assert asked_as(page, host, user, empty, **post) == 403


def test_browsers_are_told_to_be_careful_on_every_answer(quiet_page: Open, stranger: httpx.Client) -> None:
    for answer in (
        quiet_page.visitor.get("/"),
        quiet_page.visitor.get("/outcomes"),
        quiet_page.visitor.get("/nothing"),
        quiet_page.upload("x.exe"),
        stranger.get("/"),
        stranger.get("/outcomes"),
        stranger.get("/", params={"token": TOKEN}),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


def test_it_listens_on_this_machine_only(quiet_page: Open) -> None:
    assert serving.HOST == "127.0.0.1"
    with serving.listen(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_nothing_the_server_logs_says_the_token(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with open_page(tmp_path, command=None) as page:
        page.visitor.get("/", params={"token": TOKEN})
        page.visitor.get("/outcomes", params={"token": TOKEN})
        # A bug while answering.
        page.page._received.append(None)  # type: ignore[arg-type]
        broken = page.visitor.get("/outcomes", params={"token": TOKEN})
    assert broken.status_code == 500
    assert "nosniff" in broken.headers["x-content-type-options"]
    out, err = capfd.readouterr()
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith(("uvicorn", "temu_assets")))
    assert "A bug of this program" in ours
    assert TOKEN not in out + err + ours


def test_who_never_says_what_is_wanted_is_shown_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.2)
    with open_page(tmp_path, command=None) as page, socket.create_connection(("127.0.0.1", int(page.url.rpartition(":")[2]))) as slow:
        slow.settimeout(0.05)

        def is_shown_out() -> bool:
            try:
                slow.sendall(b"G")
                return slow.recv(1) == b""
            except TimeoutError:
                return False
            except OSError:
                return True

        until(is_shown_out)
        assert page.visitor.get("/healthz").status_code == 200
