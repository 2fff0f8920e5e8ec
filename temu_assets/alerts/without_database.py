"""When our own database cannot be used, nothing can be looked up there nor written down: that alone is told, once and once a day.

What was told stands in a small file in the data folder. Where that cannot be written either (a full disk), this process remembers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temu_assets import durable
from temu_assets.alerts import wording
from temu_assets.alerts.kinds import Alert, AlertKind, Way
from temu_assets.alerts.message import compose
from temu_assets.alerts.plan import REMIND_AFTER, Owed
from temu_assets.alerts.ways import Tell, sender
from temu_assets.errors import ConfigurationError, TemuAssetsError, TransientError
from temu_assets.settings import Settings

AWAY_FOR = timedelta(minutes=3)
"""So long it may be away before that is worth a word: a server that is started anew."""
FILE = Path("alerts") / "database_away.json"
_here: dict[str, _Away] = {}


@dataclass(frozen=True, slots=True)
class _Away:
    """Since when it is away, as seconds; and when which way told that."""

    since: float
    told: dict[str, float]


def database_is_away(settings: Settings, ways: Mapping[Way, Tell], error: TemuAssetsError, *, now: datetime) -> list[Way]:
    """Tell that our database cannot be used, by every way that has not told it within a day; returns those that told."""
    away = _read(settings) or _Away(now.timestamp(), {})
    since = datetime.fromtimestamp(away.since, UTC)
    _write(settings, away)
    told: list[Way] = []
    if now - since < AWAY_FOR:
        return told
    words = wording.database_away(error.what, error.remedy)
    text = f"{words.happened}\nWhat the program did: {words.done}"
    alert = Alert(AlertKind.DATABASE_AWAY, "toci", words.subject, text, words.remedy, since, now, 1)
    for way, tell in ways.items():
        before = away.told.get(way.value)
        if before is not None and now.timestamp() - before < REMIND_AFTER.total_seconds():
            continue
        try:
            tell(compose(Owed(new=(alert,)) if before is None else Owed(going_on=(alert,)), sender(settings)))
        except (ConfigurationError, TransientError):
            continue  # tried again with the next look
        away = _Away(away.since, {**away.told, way.value: now.timestamp()})
        _write(settings, away)
        told.append(way)
    return told


def database_is_back(settings: Settings, ways: Mapping[Way, Tell], *, now: datetime) -> list[Way]:
    """Tell that it can be used again, by the ways that told the contrary; returns those."""
    away = _read(settings)
    if away is None:
        return []
    since = datetime.fromtimestamp(away.since, UTC)
    subject = wording.database_away("", "").subject
    alert = Alert(AlertKind.DATABASE_AWAY, "toci", subject, "", "", since, now, 1, resolved_at=now)
    told, left = [], dict(away.told)
    for way, tell in ways.items():
        if way.value in left:
            try:
                tell(compose(Owed(well_again=(alert,)), sender(settings)))
            except (ConfigurationError, TransientError):
                continue
            told.append(way)
            del left[way.value]
    still_owed = {way: at for way, at in left.items() if Way(way) in ways}
    _write(settings, _Away(away.since, still_owed) if still_owed else None)
    return told


def _read(settings: Settings) -> _Away | None:
    path = settings.temu_data_dir / FILE
    if (here := _here.get(str(path))) is not None:
        return here
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return _Away(float(value["since"]), {str(way): float(at) for way, at in value["told"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write(settings: Settings, away: _Away | None) -> None:
    path = settings.temu_data_dir / FILE
    try:
        if away is None:
            durable.remove_file(path)
        elif away != _read(settings):
            durable.write_file(path, json.dumps(asdict(away)).encode())
        else:
            return
    except OSError:
        if away is not None:
            _here[str(path)] = away
            return
    _here.pop(str(path), None)
