"""The name of a SQL Server as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.sql.parts import Encryption, Place, parse_encryption, parse_server

hosts = st.from_regex(r"[a-z][a-z0-9-]{0,20}(\.example\.invalid)?", fullmatch=True)
instances = st.from_regex(r"[A-Z][A-Z0-9_$#]{0,15}", fullmatch=True)
ports = st.integers(1, 65535)


@given(hosts, ports, st.sampled_from([",", ":", ", "]), st.sampled_from(["", "tcp:"]))
def test_a_port_is_read_behind_a_comma_or_a_colon(host: str, port: int, mark: str, protocol: str) -> None:
    assert parse_server(f"{protocol}{host}{mark}{port}") == Place(host, None, port)


@given(hosts, instances, st.none() | ports)
def test_an_instance_is_read_with_and_without_a_port(host: str, instance: str, port: int | None) -> None:
    assert parse_server(f"{host}\\{instance}" + (f",{port}" if port else "")) == Place(host, instance, port)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("db.example.invalid", Place("db.example.invalid")),
        (r"(local)\JTLWAWI", Place("localhost", "JTLWAWI")),
        (r".\JTLWAWI", Place("localhost", "JTLWAWI")),
        ("  192.0.2.7,50123 ", Place("192.0.2.7", None, 50123)),
        ("[2001:db8::7]:1433", Place("2001:db8::7", None, 1433)),
        ("2001:db8::7,1433", Place("2001:db8::7", None, 1433)),
        ("TCP:db,1433", Place("db", None, 1433)),
        ("bücher-pc", Place("bücher-pc")),
    ],
)
def test_it_is_read_as_jtl_and_microsoft_write_it(text: str, place: Place) -> None:
    assert parse_server(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "np:db",
        r"\\db\pipe\sql\query",
        "db;UID=sa",
        "db,0",
        "db,70000",
        "db,port",
        "user@db",
        "db/eazybusiness",
        "db,1433;Encrypt=no",
    ],
)
def test_anything_else_is_refused_and_not_repeated(text: str) -> None:
    """A server's name ends up in a connection string: nothing may be smuggled in behind it."""
    with pytest.raises(ValueError, match=r"write it like|a port is") as caught:
        parse_server(text)
    assert not text.strip() or text not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("Yes", "yes"), ("true", "yes"), ("Mandatory", "yes"), ("STRICT", "strict"), ("optional", "no"), ("False", "no"), ("0", "no")],
)
def test_encryption_may_be_spelled_as_drivers_do(text: str, meant: str) -> None:
    assert Encryption(parse_encryption(text)) == meant


def test_a_word_nobody_knows_is_not_taken_for_no() -> None:
    assert parse_encryption("perhaps") == "perhaps"
