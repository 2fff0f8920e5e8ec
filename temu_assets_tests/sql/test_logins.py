"""What really arrives at a server: the drivers that are here log in at a socket that reads their first two messages."""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from temu_assets.sql.address import server_url
from temu_assets.sql.drivers import installed
from temu_assets.sql.parts import DriverChoice, Encryption, Place, ServerParts
from temu_assets_tests.tds.login import ENCRYPTION, Login, prelogin_answer, read_login, read_prelogin
from temu_assets_tests.tds.login import Encryption as Asked
from temu_assets_tests.tds.packets import Channel, Disconnected, PacketType

HERE = {driver.kind for driver in installed()} if importlib.util.find_spec("pyodbc") else set()


@dataclass
class Door:
    """A socket at which logins are read, and refused by hanging up."""

    port: int
    asked: list[int] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)


@pytest.fixture
def door() -> Iterator[Door]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        door = Door(listener.getsockname()[1])
        threading.Thread(target=_answer, args=(listener, door), daemon=True).start()
        yield door
        listener.shutdown(socket.SHUT_RDWR)


def _answer(listener: socket.socket, door: Door) -> None:
    with contextlib.suppress(OSError):
        while True:
            channel = Channel(listener.accept()[0])
            with contextlib.suppress(Disconnected):
                door.asked.append(read_prelogin(channel.read_message().payload)[ENCRYPTION][0])
                channel.write_message(prelogin_answer(Asked.NOT_SUPPORTED)[0])
                message = channel.read_message()
                if message.kind == PacketType.LOGIN7:
                    door.logins.append(read_login(message.payload))
            channel.drop()


def knock(door: Door, driver: DriverChoice, password: str, encryption: Encryption, instance: str | None = None) -> None:
    parts = ServerParts(Place("127.0.0.1", instance, door.port), "Bücher;{x", SecretStr(password), driver, encryption)
    engine = create_engine(server_url(parts, "eazy{business"), connect_args={"timeout": 5})
    with pytest.raises(DBAPIError):
        engine.connect()


@pytest.mark.parametrize("driver", [kind for kind in DriverChoice if kind is not DriverChoice.AUTO])
@pytest.mark.parametrize("password", ["plain", "semi;colon", "{opened", "a=b@c/d?e&f%20+g", "äß€", "'\"[]()*!,"])
def test_login_password_database_and_port_arrive(door: Door, driver: DriverChoice, password: str) -> None:
    if driver not in HERE:
        pytest.skip(f"the driver {driver} is not on this machine")
    knock(door, driver, password, Encryption.NO)
    assert {(login.user, login.password, login.database) for login in door.logins} == {("Bücher;{x", password, "eazy{business")}


@pytest.mark.parametrize("driver", [DriverChoice.ODBC18, DriverChoice.MSSQLPYTHON])
def test_a_closing_brace_arrives_with_the_drivers_that_can(door: Door, driver: DriverChoice) -> None:
    if driver not in HERE:
        pytest.skip(f"the driver {driver} is not on this machine")
    knock(door, driver, "a}b}};c}", Encryption.NO)
    assert {login.password for login in door.logins} == {"a}b}};c}"}


@pytest.mark.parametrize("driver", [kind for kind in DriverChoice if kind is not DriverChoice.AUTO])
def test_with_encryption_no_login_is_sent_to_a_server_that_has_none(door: Door, driver: DriverChoice) -> None:
    if driver not in HERE:
        pytest.skip(f"the driver {driver} is not on this machine")
    knock(door, driver, "secret", Encryption.YES)
    assert set(door.asked) == {Asked.ON}
    assert door.logins == []


@pytest.mark.parametrize("driver", [kind for kind in DriverChoice if kind is not DriverChoice.AUTO])
def test_a_port_given_with_an_instance_is_the_one_that_is_dialled(door: Door, driver: DriverChoice) -> None:
    """No browser service is asked, which firewalls often stop."""
    if driver not in HERE:
        pytest.skip(f"the driver {driver} is not on this machine")
    knock(door, driver, "secret", Encryption.NO, instance="JTLWAWI")
    assert {login.password for login in door.logins} == {"secret"}
