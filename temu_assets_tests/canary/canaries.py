"""Words that stand for a secret or a buyer, the forms in which they could show, and every place where they must not."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from sqlalchemy import select

from temu_assets.sandbox.state import Address
from temu_assets.toci.tables import metadata
from temu_assets_tests.seller import Seller

APP_SECRET = "canary/secret+Zaunkönig&7f3e5a"
TOKEN = "canarytoken/Rotkehlchen+19c4"
PASSWORD = "canary@Wiedehopf/55"
OF_THE_SHOP = (APP_SECRET, TOKEN, PASSWORD)

BUYER = Address(
    name="Kanarina Girlitz-Zeisig",
    street="Stieglitzgasse 99b",
    postcode="K4N4R13",
    city="Dompfaffenhausen",
    state="Gimpelland",
    line2="Volierenhof",
    line3="Nistkastenetage",
    first_name="Kanarina",
    last_name="Girlitz-Zeisig",
    mobile="+49 1555 7770777",
    mail="kanarina.zeisig@voegel.example.invalid",
    drop_point="Futterhaus 3",
    additional_name="c/o Bergfinkenberg",
)
OF_THE_BUYER = (
    *("Kanarina", "Girlitz", "Zeisig", "Stieglitz", "K4N4R13", "Dompfaffen", "Gimpelland", "Volieren", "Nistkasten", "1555 7770777"),
    *("zeisig@voegel", "Futterhaus", "Bergfinken"),
)

RAW_ANSWERS = ("api_responses", "export", "xml")
"""The folders of the data folder that hold buyers' data by purpose."""


def forms(word: str) -> set[str]:
    """How a word looks in a URL, in JSON, in hexadecimal digits and in Base64, wherever in a longer text it stands."""
    raw = word.encode()
    encoded = {base64.b64encode(b" " * shift + raw)[4 if shift else 0 : -4].decode() for shift in range(3)}
    plain = {
        word,
        quote(word, safe=""),
        quote_plus(word),
        quote(word),
        json.dumps(word)[1:-1],
        repr(word)[1:-1],
        raw.hex(),
        raw.hex().upper(),
    }
    return plain | {part for part in encoded if len(part) > 7}


FORMS = {form: word for word in (*OF_THE_SHOP, *OF_THE_BUYER) for form in forms(word)}


def found_in(text: str) -> set[str]:
    """The canaries that show in a text, in whichever form."""
    return {word for form, word in FORMS.items() if form in text}


def of_folder(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file below a folder, databases row by row: a page of one may cut a word in two."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        yield str(path), content.decode("utf-8", "replace")
        if content.startswith(b"SQLite format 3\0"):
            with sqlite3.connect(path) as database:
                yield f"{path} as SQL", "\n".join(database.iterdump())


def of_our_database(seller: Seller) -> Iterator[tuple[str, str]]:
    """Every table of ours but ``temu_orders``, which holds the buyer by purpose."""
    with seller.toci.engine.begin() as connection:
        for name, table in metadata.tables.items():
            rows = "\n".join(map(repr, connection.execute(select(table))))
            if name != "temu_orders":
                yield f"table {name}", rows


def of_data_folder(seller: Seller) -> Iterator[tuple[str, str]]:
    """The files of the data folder that are neither answers, nor orders, nor our database; and the names of all of them."""
    files = [path for path in seller.data.rglob("*") if path.is_file()]
    yield "names of files", "\n".join(map(str, files))
    for path in files:
        if not any(folder in path.parts for folder in RAW_ANSWERS) and not path.name.startswith("toci.db"):
            yield str(path), path.read_bytes().decode("utf-8", "replace")
