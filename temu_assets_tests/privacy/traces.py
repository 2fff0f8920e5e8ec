"""A buyer who is easy to find again, and the search for them in everything this program keeps."""

from __future__ import annotations

import gzip
from pathlib import Path

import dagster as dg
from sqlalchemy import Engine, MetaData, select

from temu_assets.sandbox.state import Address
from temu_assets_tests.seller import Seller

CANARY = Address(
    name="Kanarina Geheimnis",
    street="Vogelnest 99b",
    postcode="98765",
    city="Zwitscherhausen",
    line2="Volierenhof",
    first_name="Kanarina",
    last_name="Geheimnis",
    mobile="+49 1555 7777777",
    mail="kanarina@example.invalid",
    drop_point="Nistkasten",
)
WORDS = ("Kanarina", "Geheimnis", "Vogelnest", "Zwitscherhausen", "Volierenhof", "1555 7777777", "kanarina@", "Nistkasten")


def in_files(folder: Path, words: tuple[str, ...] = WORDS) -> list[str]:
    """Files that say one of the words, as they are or unpacked; a database counts with all it has beside it."""
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file() and _says(path, words)]


def _says(path: Path, words: tuple[str, ...]) -> bool:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    return any(word.encode() in content for word in words)


def in_tables(engine: Engine, words: tuple[str, ...] = WORDS) -> list[str]:
    """Tables of which a row says one of the words, whoever made them."""
    there = MetaData()
    with engine.connect() as connection:
        there.reflect(connection)
        rows = {name: [repr(tuple(row)) for row in connection.execute(select(table))] for name, table in there.tables.items()}
    return sorted(name for name, told in rows.items() if any(word in row for row in told for word in words))


def in_dagster(instance: dg.DagsterInstance, words: tuple[str, ...] = WORDS) -> list[str]:
    """Words that Dagster's events, run configurations and metadata say."""
    runs = instance.get_runs()
    assert runs
    told = "\n".join([*map(repr, runs), *(dg.serialize_value(entry) for run in runs for entry in instance.all_logs(run.run_id))])
    return [word for word in words if word in told]


def everywhere(seller: Seller, words: tuple[str, ...] = WORDS) -> list[str]:
    """Wherever the buyer is to be found."""
    return [*in_files(seller.data, words), *in_tables(seller.toci.engine, words), *in_dagster(seller.instance, words)]
