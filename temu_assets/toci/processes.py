"""Which process does something, written so that any other can tell whether it still lives: for leases, and for runs that died."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from temu_assets.errors import InternalError

_NOT_TOLD = ""


def this_host() -> str:
    """The name of this machine, as it is written beside a process."""
    return platform.node()


def this_process() -> str:
    """What to write for the process that asks: its id, when it started, and in which container the id means it."""
    return f"{os.getpid()}@{_started(os.getpid())}@{_namespace()}"


def is_dead_here(host: str, process: str) -> bool:
    """True only when the process ran on this machine and is certainly gone."""
    if host != this_host():
        return False
    pid, _, rest = process.partition("@")
    started, _, namespace = rest.partition("@")
    if not started or not pid.isdigit() or (namespace and namespace != _namespace()):
        return False
    seen = _started(int(pid))
    is_start_told = bool(seen) and not seen.endswith(":")
    return seen != started if is_start_told else not started.startswith(seen)


def _namespace() -> str:
    """Containers with one host name can number their processes each for itself; empty where the system does not tell."""
    try:
        return Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Boot and start time of a process, so that a reused process id is not mistaken for the one that was written.

    Empty where the system does not tell; the boot alone of another user's process where those are hidden (hidepid, ProtectProc=); "gone"
    when there is no such process, or one that has ended and only waits to be collected.
    """
    boot = _NOT_TOLD
    try:
        boot = f"{Path('/proc/sys/kernel/random/boot_id').read_text(encoding='ascii').strip()}:"
        state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "gone" if Path("/proc/self/stat").exists() and not _is_there(pid) else boot
    except PermissionError:
        return boot
    except OSError as error:
        raise InternalError(f"The start time of process {pid} cannot be read ({error.strerror}).", remedy="report this.") from None
    return "gone" if state in "ZX" else f"{boot}{fields[18]}"


def _is_there(pid: int) -> bool:
    """Asked only on systems with /proc: a signal of number 0 is sent to nobody there, and tells of hidden processes as well."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
