"""How the command line ends when something is wrong: one message, exit code 1, no stack of program lines."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from temu_assets.errors import TemuAssetsError
from temu_assets.redaction import bug


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn an error of ours into click's one-line error."""
    try:
        yield
    except TemuAssetsError as error:
        raise _message(error) from None


class PlainGroup(click.Group):
    """Commands whose bugs are told like any other error: by kind and place, never with values (``redaction.bug``)."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except TemuAssetsError as error:
            raise _message(error) from None
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # whoever reads the output has enough of it; click ends quietly
            raise _message(bug(error)) from None


def _message(error: TemuAssetsError) -> click.ClickException:
    return click.ClickException(f"{error.what}\nWhat to do: {error.remedy}")
