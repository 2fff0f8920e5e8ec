"""What the reverse proxies let through: nothing without a login, everything with one, and nothing to the code server in any case."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from temu_assets_tests.api.server import until
from temu_assets_tests.deploy.conftest import HOST_NAME
from temu_assets_tests.deploy.installed import Installed
from temu_assets_tests.deploy.proxies import ADMIN, CLERK, PASSWORD, caddy, nginx

PROGRAMS = {"nginx": nginx, "caddy": caddy}
LIVE = "subscription($id: ID!) { pipelineRunLogs(runId: $id) { __typename } }"


@dataclass(frozen=True)
class Visitor:
    """Somebody who calls the proxy by its names; the certificate is nobody's."""

    port: int

    def ask(self, method: str, part: str, path: str, user: str | None = None, **more: object) -> httpx.Response:
        name = f"{part}{HOST_NAME}"
        with httpx.Client(verify=False, trust_env=False, timeout=30) as client:
            request = client.build_request(
                method,
                f"https://127.0.0.1:{self.port}{path}",
                extensions={"sni_hostname": name},
                **more,  # type: ignore[arg-type]  # whatever the test says
            )
            request.headers["Host"] = f"{name}:{self.port}"
            if user is not None:
                request.headers["Authorization"] = login(user)
            return client.send(request)

    def origin(self, part: str = "") -> str:
        return f"https://{part}{HOST_NAME}:{self.port}"


def login(user: str, password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture(scope="module", params=PROGRAMS)
def visitor(request: pytest.FixtureRequest, host: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    program = str(request.param)
    if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
        pytest.skip(f"{program} is not installed")
    until(
        lambda: all((host.answers("3000", "/server_info"), host.answers("3001", "/healthz"), host.answers("3002", "/server_info"))),
        "services",
    )
    folder: Path = tmp_path_factory.mktemp(program)
    with PROGRAMS[program](folder, host, HOST_NAME) as port:
        visitor = Visitor(port)
        until(lambda: answers(visitor), f"{program} to answer; see {folder}/*.log")
        yield visitor


def answers(visitor: Visitor) -> bool:
    try:
        visitor.ask("GET", "", "/")
    except httpx.TransportError:
        return False
    return True


@pytest.mark.parametrize("part", ["", "ansicht.", "belege."])
def test_nobody_comes_in_without_a_login(visitor: Visitor, part: str) -> None:
    for headers in ({}, {"Authorization": login(ADMIN, "geraten")}, {"X-Forwarded-User": ADMIN}):
        answer = visitor.ask("GET", part, "/", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert visitor.ask("POST", part, "/graphql", json={"query": "{ version }"}).status_code == 401


def test_the_administrator_sees_the_ui(visitor: Visitor) -> None:
    page = visitor.ask("GET", "", "/", ADMIN)
    assert page.status_code == 200
    assert "nextExport" in page.text
    assert visitor.ask("POST", "", "/graphql", ADMIN, json={"query": "{ version }"}).json()["data"]["version"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in page.headers["Strict-Transport-Security"]


def test_the_staff_do_not_get_where_things_are_started(visitor: Visitor) -> None:
    assert visitor.ask("GET", "", "/", CLERK).status_code == 401
    assert visitor.ask("GET", "ansicht.", "/", CLERK).status_code == 200
    mutation = 'mutation { launchRun(executionParams: {selector: {repositoryLocationName: "temu_assets", repositoryName: "__repository__",'
    mutation += ' jobName: "reconcile"}, runConfigData: {}}) { __typename } }'
    answer = visitor.ask("POST", "ansicht.", "/graphql", CLERK, json={"query": mutation})
    assert answer.json()["data"]["launchRun"]["__typename"] == "UnauthorizedError"


def test_the_upload_page_opens_with_the_proxys_login_alone(visitor: Visitor) -> None:
    """No token: the page trusts the user the proxy names, and nobody else's word for it."""
    assert "Belege" in visitor.ask("GET", "belege.", "/", CLERK).text
    mine = visitor.ask("GET", "belege.", "/outcomes", CLERK, headers={"X-Forwarded-User": "chef", "Sec-Fetch-Site": "none"})
    assert mine.status_code == 200
    sent = visitor.ask(
        "POST", "belege.", "/uploads/rechnungen?name=leer.pdf", CLERK, content=b"%PDF-1.4 nothing",
        headers={"Origin": visitor.origin("belege."), "Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert sent.status_code not in (401, 403, 404), sent.text


def test_a_page_of_another_site_cannot_use_the_login(visitor: Visitor) -> None:
    """The browser sends the login along, whoever asks."""
    for origin, expected in (("https://boese.example.invalid", 403), ("null", 403), (visitor.origin(), 200)):
        answer = visitor.ask("POST", "", "/graphql", ADMIN, json={"query": "{ version }"}, headers={"Origin": origin})
        assert answer.status_code == expected, origin


@pytest.mark.parametrize("address", ["?query={version}", "?%71uery={version}", "?query={version}%23;", "?a=b&query={version}"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_done_because_it_stands_in_an_address(visitor: Visitor, method: str, address: str) -> None:
    """A picture on another site's page is asked for with the login and without an origin, and Dagster would do what its address says."""
    answer = visitor.ask(method, "", f"/graphql{address}", ADMIN)
    assert answer.status_code == 403
    assert "data" not in answer.text


def test_nothing_is_done_by_an_address(visitor: Visitor) -> None:
    """An image of another site's page is asked for without the header Origin, and with the login."""
    for path in ("/graphql?query={version}", "/graphql/?query=mutation", "/GraphQL?query={version}"):
        for part in ("", "ansicht."):
            answer = visitor.ask("GET", part, path, ADMIN)
            assert answer.status_code == 403 or "data" not in answer.text, path
    assert visitor.ask("GET", "", "/graphql?query={version}", ADMIN).status_code == 403


def test_the_code_server_is_behind_no_address(visitor: Visitor) -> None:
    """gRPC needs no name of its own to be dangerous; what the proxy passes on is the webserver's, which knows no such address."""
    for part in ("", "ansicht.", "belege."):
        answer = visitor.ask("POST", part, "/api.DagsterApi/Ping", ADMIN, headers={"Content-Type": "application/grpc"})
        assert not answer.headers.get("Content-Type", "").startswith("application/grpc")
        assert "grpc-status" not in answer.headers
        assert answer.status_code >= 400


def subscribe(visitor: Visitor, run: str, headers: dict[str, str]) -> str:
    """The first thing the live log of a run says over a WebSocket."""
    careless = ssl.create_default_context()
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    with connect(
        f"wss://{HOST_NAME}:{visitor.port}/graphql", sock=socket.create_connection(("127.0.0.1", visitor.port)), ssl=careless, proxy=None,
        subprotocols=[Subprotocol("graphql-ws")], additional_headers=headers, open_timeout=30,
    ) as wire:  # fmt: skip
        wire.send(json.dumps({"type": "connection_init"}))
        wire.send(json.dumps({"type": "start", "id": "1", "payload": {"query": LIVE, "variables": {"id": run}}}))
        while (message := json.loads(wire.recv(timeout=30)))["type"] != "data":
            assert message["type"] in ("connection_ack", "ka"), message
        return str(message["payload"]["data"]["pipelineRunLogs"]["__typename"])


def test_the_live_log_of_a_run_comes_through(visitor: Visitor, host: Installed) -> None:
    run = host.launch("purge_personal_data")
    assert subscribe(visitor, run, {"Authorization": login(ADMIN), "Origin": visitor.origin()}) == "PipelineRunLogsSubscriptionSuccess"
    for headers in ({}, {"Authorization": login(ADMIN), "Origin": "https://boese.example.invalid"}):
        with pytest.raises(InvalidStatus) as refused:
            subscribe(visitor, run, headers)
        assert refused.value.response.status_code in (401, 403)
