"""TEMU's request signature, and the one serialisation that is both signed and sent.

Source: fact sheet temu-api, section 1.3. How the server re-serialises nested values is not documented, so a nested
value is written once, as compact JSON in the order given, and that very text is signed and sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pydantic import SecretStr

from temu_assets.errors import InternalError

ParamValue: TypeAlias = "str | int | bool | Sequence[ParamValue] | Mapping[str, ParamValue] | None"
Params: TypeAlias = Mapping[str, ParamValue]


def sign(params: Params, secret: SecretStr) -> str:
    """The ``sign`` of a request: 32 upper-case hex digits over every parameter except ``sign`` and those without a value."""
    return _digest({name: (value, _compact(value)) for name, value in _given(params).items()}, secret)


def signed_body(params: Params, secret: SecretStr) -> bytes:
    """The JSON body to send: ``params`` without nulls, in their order, with ``sign`` as the last field."""
    texts = {name: (value, _compact(value)) for name, value in _given(params).items()}
    fields = [f"{_compact(name)}:{text}" for name, (_, text) in texts.items()]
    fields.append(f'"sign":"{_digest(texts, secret)}"')
    return "{{{}}}".format(",".join(fields)).encode()


def _given(params: Params) -> dict[str, ParamValue]:
    return {name: value for name, value in params.items() if value is not None and name != "sign"}


def _digest(texts: Mapping[str, tuple[ParamValue, str]], secret: SecretStr) -> str:
    # MD5 is TEMU's choice. Fed piece by piece, so that no text holding the secret ever exists.
    digest = hashlib.md5(usedforsecurity=False)
    digest.update(secret.get_secret_value().encode())
    for name in sorted(texts, key=str.encode):
        value, text = texts[name]
        digest.update(name.encode())
        digest.update((value if isinstance(value, str) else text).encode())
    digest.update(secret.get_secret_value().encode())
    return digest.hexdigest().upper()


def _compact(value: ParamValue) -> str:
    if isinstance(value, float):
        raise InternalError(
            "A decimal number was about to be sent to TEMU; its text in the signature is not defined.",
            remedy="Report this; nothing was sent. Decimals travel as text, money as cents.",
        )
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
