"""What this program's processes make on disk is for its own user: buyers' addresses, the history of runs, databases, logs, backups."""

from __future__ import annotations

import os

OTHERS = 0o077
"""The rights of a file that are nobody's but its owner's: group and others."""


def keep_files_private() -> None:
    """Called first by each of our processes: whatever it or a library makes from now on is its user's alone.

    Folders an administrator made before keep the rights they have, so that an office can be let into the folders where files are dropped.
    Windows has no such mask; there folders pass their rights on.
    """
    os.umask(OTHERS)
