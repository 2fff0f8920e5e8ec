"""nginx and Caddy really started with the configurations of ``deploy/proxy``, with free ports and a certificate of the test's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from temu_assets_tests.api.server import free_port
from temu_assets_tests.deploy.files import DEPLOY
from temu_assets_tests.deploy.installed import Installed

PASSWORD = "drei-Worte-hier"
ADMIN, CLERK = "verwalterin", "buchhalter"
_NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    include {folder}/site.conf;
}}
"""


@contextmanager
def nginx(folder: Path, host: Installed, name: str) -> Iterator[int]:
    """The TLS port of nginx before the host's services."""
    tls, plain = free_port(), free_port()
    _certificate(folder, name)
    for users, who in (("admins", [ADMIN]), ("staff", [ADMIN, CLERK])):
        lines = [f"{user}:{_output('openssl', 'passwd', '-6', PASSWORD)}\n" for user in who]
        (folder / f"temu-assets.{users}").write_text("".join(lines), encoding="utf-8")
    for source, target in (("nginx.conf", "site.conf"), ("nginx-guard.conf", "temu-assets-guard.conf")):
        text = (DEPLOY / "proxy" / source).read_text(encoding="utf-8")
        for old, new in {
            "/etc/nginx/": f"{folder}/",
            "/etc/ssl/temu-assets/": f"{folder}/",
            "temu.example.com": name,
            "listen 443": f"listen 127.0.0.1:{tls}",
            "listen 80": f"listen 127.0.0.1:{plain}",
            **{f"127.0.0.1:{port}": f"127.0.0.1:{host.ports[port]}" for port in ("3000", "3001", "3002")},
        }.items():
            text = text.replace(old, new)
        (folder / target).write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder), encoding="utf-8")
    # Debian keeps it where only root's PATH leads.
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "nginx"
    with _running([program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"), "-p", str(folder)], folder, {}):
        yield tls


@contextmanager
def caddy(folder: Path, host: Installed, name: str) -> Iterator[int]:
    """The TLS port of Caddy before the host's services."""
    tls, plain = free_port(), free_port()
    for users, who in (("admins", ADMIN), ("staff", CLERK)):
        line = f"{who} {_output('caddy', 'hash-password', '--plaintext', PASSWORD)}\n"
        (folder / f"proxy_{users}").write_text(line, encoding="utf-8")
    options = f"\thttp_port {plain}\n\thttps_port {tls}\n\tskip_install_trust\n\tlocal_certs\n\tdefault_bind 127.0.0.1\n"
    text = (DEPLOY / "proxy" / "Caddyfile").read_text(encoding="utf-8")
    text = text.replace("\tadmin off\n", f"\tadmin off\n{options}", 1).replace("127.0.0.1:2020", f"127.0.0.1:{free_port()}")
    if _output("caddy", "version").lstrip("v").startswith(("2.6", "2.7")):
        text = text.replace("basic_auth {", "basicauth {")  # its name until Caddy 2.8
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    environment = {
        "TEMU_HOST": name,
        "USERS": str(folder),
        "WEBSERVER": f"127.0.0.1:{host.ports['3000']}",
        "READONLY": f"127.0.0.1:{host.ports['3002']}",
        "UPLOADS": f"127.0.0.1:{host.ports['3001']}",
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    with _running(["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], folder, environment):
        yield tls


@contextmanager
def _running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[None]:
    with (folder / "said.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def _certificate(folder: Path, name: str) -> None:
    _output(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
        "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"),
    )  # fmt: skip


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
