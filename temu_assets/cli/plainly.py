"""How the command line ends when something is wrong: one message, exit code 1, no stack of program lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from temu_assets.errors import TemuAssetsError


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn an error of ours into click's one-line error."""
    try:
        yield
    except TemuAssetsError as error:
        raise click.ClickException(f"{error.what}\nWhat to do: {error.remedy}") from None
