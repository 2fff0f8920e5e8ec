"""What ``doctor`` says of ways by which nobody can be told just now."""

from __future__ import annotations

from collections.abc import Iterator

from temu_assets.alerts import store
from temu_assets.cli.doctor_lines import About, Line, warning
from temu_assets.toci.database import Toci


def failing_lines(toci: Toci) -> Iterator[Line]:
    """One line for each way that failed when something was last to be told; none as long as all of it arrives."""
    states = toci.read(lambda connection: store.way_states(connection, toci.shop))
    for trouble in store.trouble(states):
        yield warning(
            About.ALERTS,
            f"since {trouble.since:%Y-%m-%d %H:%M} UTC nobody could be told by {trouble.way}: {trouble.what}",
            f"{trouble.remedy} Then try it: temu-assets alerts test",
        )
