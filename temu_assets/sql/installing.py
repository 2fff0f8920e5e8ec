"""How a driver for SQL Server gets onto this machine, as commands to copy (docs/sql-server.md has them for all systems)."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Mapping

from temu_assets.sql.parts import DriverChoice

_DEBIAN = {"debian", "ubuntu"}
_RED_HAT = {"rhel", "centos", "rocky", "almalinux", "ol", "fedora"}
_MICROSOFT_PACKAGES = "https://packages.microsoft.com/config"
_NEWEST_RHEL = "9"


def how_to_install(choice: DriverChoice) -> str:
    """The commands for one driver, or for each of the three; the one that needs nothing else comes first."""
    system = _system()
    ways: Mapping[DriverChoice, Callable[[str], str]] = {
        DriverChoice.MSSQLPYTHON: _mssql_python,
        DriverChoice.ODBC18: _odbc18,
        DriverChoice.FREETDS: _freetds,
    }
    if choice is DriverChoice.AUTO:
        return "; or ".join(way(system) for way in ways.values())
    return ways[choice](system)


def _system() -> str:
    """``debian``, ``rhel``, ``macos``, ``windows`` or ``other``."""
    if sys.platform in ("win32", "darwin"):
        return "windows" if sys.platform == "win32" else "macos"
    release = _os_release()
    names = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    if names & _DEBIAN:
        return "debian"
    return "rhel" if names & _RED_HAT else "other"


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _mssql_python(system: str) -> str:
    if system == "macos" and platform.machine() != "arm64":
        return "mssql-python: not for Macs with Intel's processors, take one of the other two"
    command = f'mssql-python: {sys.executable} -m pip install "temu-assets[sqlserver]"'
    if system == "debian":
        return f"{command} (on a slim image also: sudo apt-get install -y libltdl7 libkrb5-3 libgssapi-krb5-2)"
    if system == "rhel":
        return f"{command} (on a slim image also: sudo dnf install -y libtool-ltdl krb5-libs)"
    return f"{command} (and: brew install openssl)" if system == "macos" else command


def _odbc18(system: str) -> str:
    release = _os_release()
    version = release.get("VERSION_ID", "")
    if system == "debian":
        name = "ubuntu" if release.get("ID") == "ubuntu" else "debian"
        package = f"{_MICROSOFT_PACKAGES}/{name}/{version or 'VERSION'}/packages-microsoft-prod.deb"
        commands = (
            f"curl -sSLO {package} && sudo dpkg -i packages-microsoft-prod.deb && sudo apt-get update && "
            "sudo ACCEPT_EULA=Y apt-get install -y msodbcsql18"
        )
    elif system == "rhel":
        major = _NEWEST_RHEL if release.get("ID") == "fedora" else version.partition(".")[0] or _NEWEST_RHEL
        commands = (
            f"curl -sSL {_MICROSOFT_PACKAGES}/rhel/{major}/prod.repo | sudo tee /etc/yum.repos.d/mssql-release.repo && "
            "sudo ACCEPT_EULA=Y dnf install -y msodbcsql18"
        )
    elif system == "macos":
        commands = (
            "brew tap microsoft/mssql-release https://github.com/Microsoft/homebrew-mssql-release && "
            "HOMEBREW_ACCEPT_EULA=Y brew install msodbcsql18"
        )
    elif system == "windows":
        commands = "winget install Microsoft.msodbcsql.18"
    else:
        commands = "see https://learn.microsoft.com/sql/connect/odbc/download-odbc-driver-for-sql-server"
    return f"Microsoft's ODBC Driver 18: {commands}"


def _freetds(system: str) -> str:
    register = "printf '[FreeTDS]\\nDriver=libtdsodbc.so\\n' | sudo odbcinst -i -d -r"
    commands = {
        "debian": "sudo apt-get install -y tdsodbc odbcinst unixodbc",
        "rhel": f"sudo dnf install -y freetds-libs unixODBC && {register}",
        "macos": "brew install unixodbc freetds && printf '[FreeTDS]\\nDriver=%s/lib/libtdsodbc.so\\n' \"$(brew --prefix freetds)\" | "
        "odbcinst -i -d -r",
        "windows": "not for Windows, take one of the other two",
    }
    return f"FreeTDS: {commands.get(system, 'install FreeTDS with its ODBC driver and register it in odbcinst.ini under the name FreeTDS')}"
