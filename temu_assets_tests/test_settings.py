"""Settings: sandbox or shop, what is missing, and that no value of a secret is ever told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from temu_assets.errors import ConfigurationError, TransientError
from temu_assets.settings import EU_ROUTER, OrderDelivery, Settings, StockBasis, load_settings
from temu_assets.sql.drivers import installed
from temu_assets.sql.limits import Limits

CANARY = "Canary-7363"
SHOP = {
    "TEMU_APP_KEY": f"key-{CANARY}",
    "TEMU_APP_SECRET": f"secret-{CANARY}",
    "TEMU_ACCESS_TOKEN": f"token-{CANARY}",
    "JTL_DATABASE_URL": f"mssql+pyodbc://program:{CANARY}@db.example.invalid/eazybusiness",
}
TEMU = {name: value for name, value in SHOP.items() if name != "JTL_DATABASE_URL"}
PARTS = {"SQL_SERVER": r"db.example.invalid\JTLWAWI", "SQL_USERNAME": "program", "SQL_PASSWORD": f"pass;{CANARY}"}
needs_a_driver = pytest.mark.skipif(not installed(), reason="needs a driver for SQL Server")

Load = Callable[..., Settings]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """Load settings from exactly the variables given, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)

    def load_with(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return load_with


def run_sandbox(folder: Path, pid: int) -> None:
    """Leave what a sandbox writes about itself."""
    folder.mkdir(parents=True)
    connection = {
        "endpoint": "http://127.0.0.1:8123/openapi/router",
        "app_key": "sandbox-key",
        "app_secret": "sandbox-secret",
        "access_token": "sandbox-token",
        "jtl_database_url": "sqlite:///sandbox/jtl.db",
        "pid": pid,
    }
    (folder / "connection.json").write_text(json.dumps(connection))


def told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def test_without_settings_the_sandbox_is_meant(load: Load, tmp_path: Path) -> None:
    settings = load()
    assert settings.is_sandbox
    assert settings.shop == "sandbox"
    assert settings.toci_url().get_secret_value() == f"sqlite:///{tmp_path}/data/sandbox/toci.db"


@pytest.mark.parametrize("variable", ["TOCI_DATABASE_URL", "TEMU_DATA_DIR", "TEMU_REQUESTS_PER_SECOND"])
def test_what_the_sandbox_uses_as_well_is_no_shop(load: Load, variable: str) -> None:
    value = {"TOCI_DATABASE_URL": "sqlite:///my.db", "TEMU_DATA_DIR": "elsewhere", "TEMU_REQUESTS_PER_SECOND": "100000"}[variable]
    assert load(**{variable: value}).is_sandbox


def test_empty_text_counts_as_not_given(load: Load) -> None:
    settings = load(**dict.fromkeys(SHOP, ""), JTL_WAREHOUSES="", TEMU_DATA_DIR="", JTL_ORDER_DELIVERY="")
    assert settings.is_sandbox
    assert settings.temu_data_dir == Path("data")


def test_a_running_sandbox_tells_where_it_is(load: Load, tmp_path: Path) -> None:
    run_sandbox(tmp_path / "data" / "sandbox", os.getpid())
    settings = load(TEMU_REQUESTS_PER_SECOND="50")
    access = settings.temu()
    assert (access.endpoint, access.app_key, access.requests_per_second) == ("http://127.0.0.1:8123/openapi/router", "sandbox-key", 50)
    assert access.app_secret.get_secret_value() == "sandbox-secret"
    assert settings.jtl_url().get_secret_value() == "sqlite:///sandbox/jtl.db"


def test_without_a_sandbox_the_command_that_starts_one_is_named(load: Load) -> None:
    settings = load()
    for ask in (settings.temu, settings.jtl_url):
        with pytest.raises(TransientError, match=r"none is running.*start `temu-assets sandbox`"):
            ask()


def test_a_sandbox_that_has_ended_is_told_apart_from_one_that_runs(load: Load, tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    run_sandbox(tmp_path / "data" / "sandbox", ended.pid)
    with pytest.raises(TransientError, match=r"is no longer running.*start `temu-assets sandbox`"):
        load().temu()


@pytest.mark.parametrize("text", ["", "[]", "{not json", f'{{"app_secret": "{CANARY}"}}'])
def test_a_connection_file_that_cannot_be_read_is_named_and_not_quoted(load: Load, tmp_path: Path, text: str) -> None:
    path = tmp_path / "data" / "sandbox" / "connection.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"connection\.json cannot be read") as caught:
        load().temu()
    assert CANARY not in told(caught.value)


def test_a_shop_has_everything_it_needs_with_four_settings(load: Load, tmp_path: Path) -> None:
    settings = load(**SHOP)
    assert not settings.is_sandbox
    assert settings.shop == "temu"
    access = settings.temu()
    assert (access.endpoint, access.app_key) == (EU_ROUTER, SHOP["TEMU_APP_KEY"])
    assert access.app_secret.get_secret_value() == SHOP["TEMU_APP_SECRET"]
    assert access.access_token.get_secret_value() == SHOP["TEMU_ACCESS_TOKEN"]
    assert settings.jtl_url().get_secret_value() == SHOP["JTL_DATABASE_URL"]
    assert settings.toci_url().get_secret_value() == f"sqlite:///{tmp_path}/data/toci.db"
    assert (settings.jtl_firma, settings.jtl_benutzer, settings.jtl_sprache, settings.jtl_waehrung) == (1, 1, "ger", "EUR")
    assert (settings.jtl_versandart, settings.jtl_zahlungsart) == ("TEMU", "TEMU")
    assert (settings.jtl_order_delivery, settings.jtl_stock_basis) == (OrderDelivery.DATABASE, StockBasis.JTL_AVAILABLE)


@pytest.mark.parametrize("missing", SHOP)
def test_one_connection_setting_that_is_missing_is_named(load: Load, tmp_path: Path, missing: str) -> None:
    """Nothing falls back to the sandbox, even while one runs."""
    run_sandbox(tmp_path / "data" / "sandbox", os.getpid())
    settings = load(**{name: value for name, value in SHOP.items() if name != missing})
    for ask in (settings.temu, settings.jtl_url):
        with pytest.raises(ConfigurationError, match=f"Missing setting: {missing} ") as caught:
            ask()
        assert CANARY not in told(caught.value)


@pytest.mark.parametrize("given", [*SHOP, "TEMU_API_ENDPOINT"])
def test_one_connection_setting_alone_means_a_shop_and_the_others_are_named(load: Load, given: str) -> None:
    settings = load(**{given: (SHOP | {"TEMU_API_ENDPOINT": f"https://{CANARY}.example.invalid/"})[given]})
    assert not settings.is_sandbox
    with pytest.raises(ConfigurationError, match=rf"Missing setting: .*\({given} given, so a real shop is meant") as caught:
        settings.temu()
    assert all(name in caught.value.what for name in SHOP)
    assert CANARY not in told(caught.value)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://openapi.example.invalid/router",
        "http://127.0.0.1:8123/router",
        "http://127.9.9.9/router",
        "http://[::1]:8123/",
        "http://localhost/",
    ],
)
def test_an_endpoint_is_taken_as_given_over_https_or_on_this_machine(load: Load, endpoint: str) -> None:
    assert load(**SHOP, TEMU_API_ENDPOINT=endpoint).temu().endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        f"http://{CANARY}.example.invalid/router",
        "http://10.0.0.1/router",
        "http://localhost.example.invalid/",
        "http://127.0.0.1.example.invalid/",
        "http://[::1",
        "ftp://127.0.0.1/",
        "https://",
        "openapi-b-eu.temu.com/openapi/router",
    ],
)
def test_an_endpoint_that_would_show_the_secret_to_the_network_is_refused(load: Load, endpoint: str) -> None:
    """Fault 21."""
    with pytest.raises(ConfigurationError, match="TEMU_API_ENDPOINT must be a full https:// URL") as caught:
        load(**SHOP, TEMU_API_ENDPOINT=endpoint).temu()
    assert CANARY not in told(caught.value)


@pytest.mark.parametrize(("text", "warehouses"), [("2", (2,)), ("1,2", (1, 2)), (" 1 , 2 ,", (1, 2))])
def test_warehouses_are_a_list_with_commas(load: Load, text: str, warehouses: tuple[int, ...]) -> None:
    assert load(JTL_WAREHOUSES=text, JTL_STOCK_BASIS="warehouse").warehouses() == warehouses


@pytest.mark.parametrize("basis", [StockBasis.WAREHOUSE, StockBasis.WAREHOUSE_MINUS_ORDERS])
def test_a_warehouse_basis_without_warehouses_says_which_line_is_missing(load: Load, basis: StockBasis) -> None:
    """Fault 16: no warehouse is chosen for the seller."""
    with pytest.raises(ConfigurationError, match=f"JTL_STOCK_BASIS={basis}.*JTL_WAREHOUSES is empty.*JTL_WAREHOUSES=1,2"):
        load(JTL_STOCK_BASIS=basis.value).warehouses()


def test_the_default_basis_needs_no_warehouses(load: Load) -> None:
    assert load().warehouses() == ()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("JTL_WAREHOUSES", f"1,{CANARY}"),
        ("JTL_ORDER_DELIVERY", CANARY),
        ("JTL_STOCK_BASIS", CANARY),
        ("TEMU_REQUESTS_PER_SECOND", "0"),
        ("TEMU_CONCURRENCY", CANARY),
        ("STOCK_BRAKE_ZERO_SHARE", "1.5"),
        ("JTL_FIRMA", "-1"),
        ("JTL_MARK_PAID", CANARY),
        ("SQL_SERVER", f"db;{CANARY}"),
        ("SQL_PORT", "70000"),
        ("SQL_DRIVER", CANARY),
        ("SQL_ENCRYPT", CANARY),
        ("SQL_POOL_SIZE", "0"),
        ("SQL_LOCK_TIMEOUT_SECONDS", "0"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_variable_and_is_not_told(load: Load, variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Settings cannot be used: {variable}") as caught:
        load(**{variable: value})
    assert CANARY not in told(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_file_of_this_folder_is_read_and_the_environment_comes_first(load: Load, tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_text('TEMU_SHOP=from-the-file\nJTL_VERSANDART="Päckchen"\nJTL_FIRMA=\nUNKNOWN=1\n', encoding=encoding)
    settings = load(JTL_VERSANDART="Paket")
    assert (settings.temu_shop, settings.jtl_versandart, settings.jtl_firma) == ("from-the-file", "Paket", 1)


@pytest.mark.parametrize("quote", ["", "'"])
def test_a_server_and_a_password_of_the_file_arrive_as_they_are_written(load: Load, tmp_path: Path, quote: str) -> None:
    (tmp_path / ".env").write_text(f"SQL_SERVER={quote}db\\TNT{quote}\nSQL_PASSWORD={quote}a$b#c;d{quote}\nSQL_USERNAME=program\n")
    settings = load()
    assert settings.sql_server == r"db\TNT"
    assert settings.sql_password is not None
    assert settings.sql_password.get_secret_value() == "a$b#c;d"


@pytest.mark.parametrize(
    "line", ["TEMU_DRY_RUN=false", "temu_dry_run = 0", "TEMU_DRY_RUN=", "TEMU_DRY_RUN", "export TEMU_DRY_RUN='no' # yes"]
)
def test_a_line_of_the_file_that_would_make_a_real_run_of_a_dry_one_is_refused(load: Load, tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"TEMU_SHOP=mine\n{line}\n")
    with pytest.raises(ConfigurationError, match=r"what was meant as a dry run would be sent.*take that line out"):
        load(TEMU_DRY_RUN="1")


@pytest.mark.parametrize(
    ("line", "is_dry"), [("TEMU_DRY_RUN=1", True), ("TEMU_DRY_RUN='True'", True), ("# TEMU_DRY_RUN=false", False), ("", False)]
)
def test_a_dry_run_in_the_file_and_none_in_it_are_taken(load: Load, tmp_path: Path, line: str, is_dry: bool) -> None:
    (tmp_path / ".env").write_text(line + "\n")
    assert load().temu_dry_run is is_dry


def test_a_file_that_is_not_utf_8_is_named_and_not_quoted(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(f"TEMU_APP_SECRET={CANARY}\nJTL_VERSANDART=P\xe4ckchen\n".encode("latin-1"))
    with pytest.raises(ConfigurationError, match=rf"\.env in {tmp_path} cannot be read.*save it as UTF-8") as caught:
        load()
    assert CANARY not in told(caught.value)


def test_no_secret_shows_when_settings_are_printed(load: Load) -> None:
    settings = load(**SHOP, **PARTS, TOCI_DATABASE_URL=f"postgresql://program:{CANARY}@db.example.invalid/toci")
    assert CANARY not in f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"
    assert CANARY not in repr(settings.temu()).replace(SHOP["TEMU_APP_KEY"], "")


def server_urls(settings: Settings) -> tuple[URL, URL]:
    """JTL's and our own."""
    return make_url(settings.jtl_url().get_secret_value()), make_url(settings.toci_url().get_secret_value())


@needs_a_driver
def test_a_server_by_plain_parts_holds_both_databases(load: Load) -> None:
    settings = load(**TEMU, **PARTS)
    assert not settings.is_sandbox
    assert settings.temu().app_key == TEMU["TEMU_APP_KEY"]
    jtl, toci = server_urls(settings)
    assert (jtl.database, toci.database) == ("eazybusiness", "toci")
    for url in (jtl, toci):
        assert (url.get_backend_name(), url.host, url.username, url.password) == (
            "mssql", PARTS["SQL_SERVER"], "program", PARTS["SQL_PASSWORD"],
        )  # fmt: skip
        assert url.query["Encrypt"] == "yes"
        assert "TrustServerCertificate" not in url.query


@needs_a_driver
def test_the_names_of_the_databases_can_be_chosen(load: Load) -> None:
    jtl, toci = server_urls(load(**TEMU, **PARTS, SQL_DATABASE_JTL="eazybusiness_tm2", SQL_DATABASE_TOCI="temu"))
    assert (jtl.database, toci.database) == ("eazybusiness_tm2", "temu")


@needs_a_driver
def test_without_a_login_windows_is_asked_who_we_are(load: Load) -> None:
    jtl, _ = server_urls(load(**TEMU, SQL_SERVER="db.example.invalid"))
    assert (jtl.username, jtl.password) == (None, None)


@needs_a_driver
def test_a_url_wins_over_the_parts_for_its_database_and_only_for_it(load: Load) -> None:
    settings = load(**SHOP, **PARTS)
    assert settings.jtl_url().get_secret_value() == SHOP["JTL_DATABASE_URL"]
    assert make_url(settings.toci_url().get_secret_value()).host == PARTS["SQL_SERVER"]
    settings = load(JTL_DATABASE_URL="", TOCI_DATABASE_URL="sqlite:///my.db")
    assert settings.toci_url().get_secret_value() == "sqlite:///my.db"
    assert make_url(settings.jtl_url().get_secret_value()).host == PARTS["SQL_SERVER"]


@pytest.mark.parametrize("given", [*PARTS, "SQL_PORT"])
def test_a_part_of_the_server_alone_means_a_shop_and_what_is_missing_is_named(load: Load, given: str) -> None:
    settings = load(**{given: (PARTS | {"SQL_PORT": "1433"})[given]})
    assert not settings.is_sandbox
    with pytest.raises(ConfigurationError, match=rf"Missing setting: .*\({given} given, so a real shop is meant") as caught:
        settings.jtl_url()
    assert all(name in caught.value.what for name in (*TEMU, "SQL_SERVER"))
    assert CANARY not in told(caught.value)


@pytest.mark.parametrize("given", ["SQL_USERNAME", "SQL_PASSWORD", "SQL_PORT"])
def test_what_belongs_to_a_server_names_it_as_missing_for_both_databases(load: Load, given: str) -> None:
    """Our own database does not become a file because a line is missing."""
    settings = load(**TEMU, **{given: (PARTS | {"SQL_PORT": "1433"})[given]})
    for ask in (settings.temu, settings.jtl_url, settings.toci_url):
        with pytest.raises(ConfigurationError, match=rf"Missing setting: SQL_SERVER \(.*{given} given") as caught:
            ask()
        assert CANARY not in told(caught.value)


def test_with_a_url_for_jtl_what_would_belong_to_a_server_is_of_no_account(load: Load, tmp_path: Path) -> None:
    settings = load(**SHOP, SQL_USERNAME="program")
    assert settings.jtl_url().get_secret_value() == SHOP["JTL_DATABASE_URL"]
    assert settings.toci_url().get_secret_value() == f"sqlite:///{tmp_path}/data/toci.db"


@pytest.mark.parametrize(
    ("parts", "finding"),
    [
        ({"SQL_PASSWORD": ""}, r"Missing setting: SQL_PASSWORD \(SQL_USERNAME given"),
        ({"SQL_USERNAME": ""}, r"Missing setting: SQL_USERNAME \(SQL_PASSWORD given"),
        ({"SQL_SERVER": "db,1433", "SQL_PORT": "1434"}, "SQL_SERVER has another port than SQL_PORT"),
        ({"SQL_DATABASE_TOCI": "EazyBusiness"}, "SQL_DATABASE_TOCI and SQL_DATABASE_JTL name the same database"),
    ],
)
def test_parts_that_do_not_fit_together_are_told_before_anything_is_opened(load: Load, parts: dict[str, str], finding: str) -> None:
    settings = load(**TEMU, **(PARTS | parts))
    for ask in (settings.temu, settings.jtl_url, settings.toci_url):
        with pytest.raises(ConfigurationError, match=finding) as caught:
            ask()
        assert CANARY not in told(caught.value)


@needs_a_driver
@pytest.mark.parametrize(
    "parts", [{"SQL_SERVER": "db,1434"}, {"SQL_SERVER": "db", "SQL_PORT": "1434"}, {"SQL_SERVER": "db:1434", "SQL_PORT": "1434"}]
)
def test_a_port_stands_in_the_server_or_by_itself(load: Load, parts: dict[str, str]) -> None:
    jtl, _ = server_urls(load(**TEMU, **(PARTS | parts)))
    assert jtl.host == "db"
    assert 1434 in (jtl.port, int(str(jtl.query.get("port", 0))))


@needs_a_driver
def test_a_certificate_is_trusted_blindly_only_when_that_is_set(load: Load) -> None:
    settings = load(**TEMU, **PARTS, SQL_TRUST_SERVER_CERTIFICATE="true", SQL_ENCRYPT="Mandatory")
    assert settings.sql_trust_server_certificate
    (jtl, _), driver = server_urls(settings), installed()[0]
    assert jtl.query["Encrypt"] == "yes"
    assert (jtl.query.get("TrustServerCertificate") == "yes") == (driver.kind != "freetds")


@pytest.mark.parametrize("variable", ["SQL_DATABASE_JTL", "SQL_DATABASE_TOCI", "SQL_DRIVER", "SQL_ENCRYPT", "SQL_POOL_SIZE"])
def test_how_to_reach_a_server_means_none_by_itself(load: Load, variable: str) -> None:
    value = {"SQL_DRIVER": "freetds", "SQL_ENCRYPT": "strict", "SQL_POOL_SIZE": "5"}.get(variable, "other")
    assert load(**{variable: value}).is_sandbox


def test_the_limits_are_those_of_the_code_unless_they_are_set(load: Load) -> None:
    assert load().sql_limits() == Limits()
    changed = Limits(
        pool_size=3, max_overflow=0, pool_pre_ping=False, pool_recycle_seconds=60, login_timeout_seconds=5, query_timeout_seconds=30,
        lock_timeout_seconds=2, fast_executemany=False,
    )  # fmt: skip
    limits = load(
        SQL_POOL_SIZE="3", SQL_MAX_OVERFLOW="0", SQL_POOL_PRE_PING="false", SQL_POOL_RECYCLE_SECONDS="60", SQL_LOGIN_TIMEOUT_SECONDS="5",
        SQL_QUERY_TIMEOUT_SECONDS="30", SQL_LOCK_TIMEOUT_SECONDS="2", SQL_FAST_EXECUTEMANY="no",
    ).sql_limits()  # fmt: skip
    assert limits == changed


def test_importing_the_settings_loads_no_database_and_no_driver() -> None:
    code = "import sys, temu_assets.settings; print(sorted({'sqlalchemy', 'pyodbc', 'mssql_python'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
