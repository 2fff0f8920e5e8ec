"""What ``doctor`` says of schedules and sensors: which are on, and whether that is what somebody wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from temu_assets.automation.job_plan import DecidedBy, Trigger
from temu_assets.automation.triggers import Triggers
from temu_assets.cli.doctor_lines import About, Line, ok, warning


@dataclass(frozen=True, slots=True)
class TriggerState:
    """A schedule or sensor: as planned, and whether it is on now. ``switched``: somebody has touched its switch in the UI."""

    planned: Trigger
    is_on: bool
    switched: bool


def trigger_states(instance: dg.DagsterInstance, triggers: Triggers) -> list[TriggerState]:
    """What the plan says, and over it the switches of the UI as Dagster keeps them."""
    # The same trigger may be known from another code location (a command line's); one that is on starts runs.
    switches: dict[str, bool] = {}
    for state in instance.all_instigator_state():
        if state.status.value != "DECLARED_IN_CODE":
            switches[state.name] = switches.get(state.name, False) or state.is_running
    planned = triggers.plan.triggers(on_by_default=triggers.on_by_default)
    return [TriggerState(each, switches.get(each.name, each.is_on), each.name in switches) for each in planned]


def is_anything_on(states: Sequence[TriggerState]) -> bool:
    """Whether anything is meant to start by itself."""
    return any(state.is_on for state in states)


def trigger_line(states: Sequence[TriggerState], *, is_trial: bool) -> Line:
    """``is_trial``: the sandbox is meant, where everything is on by itself."""
    on = ", ".join(state.planned.name for state in states if state.is_on) or "none"
    off = ", ".join(state.planned.name for state in states if not state.is_on) or "none"
    found = f"on: {on}; off: {off}"
    by_file = {state.planned.name: state for state in states if state.planned.decided_by is DecidedBy.FILE}
    against = [name for name, state in by_file.items() if state.is_on != state.planned.is_on]
    if against:
        return warning(
            About.TRIGGERS,
            f"{found}; {', '.join(against)} is switched otherwise in the UI than the jobs file says",
            "set the switch back in the UI (Automation), or change the jobs file",
        )
    undecided = [state for state in states if not state.is_on and not state.switched and state.planned.name not in by_file]
    if undecided and not is_trial:
        return warning(
            About.TRIGGERS,
            f"{found}; nobody has decided about {', '.join(state.planned.name for state in undecided)}",
            "switch each on or off in the jobs file (TEMU_JOBS_FILE, docs/jobs.md) or in the UI (Automation)",
        )
    return ok(About.TRIGGERS, found)
