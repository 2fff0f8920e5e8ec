"""A certificate of our own for an hour of tests."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path


def make_context(folder: Path) -> ssl.SSLContext:
    """TLS with a self-signed certificate, made by the openssl program."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # With 1.3 the server would send tickets after the handshake, which the client would expect inside a packet or not, as it likes.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
