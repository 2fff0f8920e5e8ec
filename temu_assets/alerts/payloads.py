"""A message in the shape each service takes. Nothing of it is read as mark-up, so no text can become a link or call anybody. Pure."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field

from temu_assets.alert_settings import WebhookKind
from temu_assets.alerts.message import Message

_SLACK_HEADER = 150
_SLACK_SECTION = 3000
_SLACK_BLOCKS = 50
_TEAMS_BYTES = 24_000
"""Teams takes 28 KB in all."""
_NTFY_BYTES = 3900
"""Of a longer text ntfy makes an attachment."""


@dataclass(frozen=True, slots=True)
class Payload:
    """The body of a request and what goes into its headers."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def payload(message: Message, kind: WebhookKind) -> Payload:
    """The message for a service of this kind."""
    if kind is WebhookKind.NTFY:
        return _ntfy(message)
    shape = {WebhookKind.TEAMS: _teams, WebhookKind.SLACK: _slack, WebhookKind.JSON: _plain}[kind]
    body = json.dumps(shape(message), ensure_ascii=False).encode("utf-8", "replace")
    return Payload(body, {"Content-Type": "application/json; charset=utf-8"})


def _plain(message: Message) -> dict[str, object]:
    return {**message.facts, "text": message.text}


def _teams(message: Message) -> dict[str, object]:
    """An adaptive card as Teams' Workflows take it. Rich text, because a text block would read ``*`` and ``_`` as mark-up."""
    body: list[dict[str, object]] = [_rich(message.subject, size="Medium", weight="Bolder")]
    left = _TEAMS_BYTES
    for block in message.blocks:
        left -= len(json.dumps(block))
        if left < 0:
            body.append(_rich("There is more: temu-assets alerts list", separator=True))
            break
        body += [_rich(line, separator=number == 0) for number, line in enumerate(block.splitlines())]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": "Open Dagster", "url": message.link}],
        "msteams": {"width": "Full"},
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _rich(text: str, *, separator: bool = False, **style: str) -> dict[str, object]:
    found: dict[str, object] = {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text or " ", **style}]}
    return found | ({"separator": True, "spacing": "Medium"} if separator else {"spacing": "Small"})


def _slack(message: Message) -> dict[str, object]:
    """Blocks of plain text; ``text`` is what a notification shows and is read as mark-up, so its signs are escaped."""
    escaped = message.subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    sections = [_slack_text("section", _cut(block, _SLACK_SECTION)) for block in message.blocks]
    head = _slack_text("header", _cut(message.subject, _SLACK_HEADER))
    return {"text": escaped, "blocks": [head, *sections[: _SLACK_BLOCKS - 1]]}


def _slack_text(kind: str, text: str) -> dict[str, object]:
    return {"type": kind, "text": {"type": "plain_text", "text": text, "emoji": False}}


def _ntfy(message: Message) -> Payload:
    # ntfy reads names of another alphabet as mail programs do (RFC 2047), here always in Base64.
    encoded = b64encode(message.subject.encode("utf-8", "replace")).decode()
    title = message.subject if message.subject.isascii() else f"=?UTF-8?B?{encoded}?="
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Title": title,
        "Priority": "high" if message.is_urgent else "default",
        "Tags": "warning" if message.is_urgent else "information_source",
        "Click": message.link,
    }
    body = message.text.encode("utf-8", "replace")
    if len(body) > _NTFY_BYTES:
        rest = "\n...\nThere is more: temu-assets alerts list\n"
        body = body[: _NTFY_BYTES - len(rest)].decode("utf-8", "ignore").encode() + rest.encode()
    return Payload(body, headers)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
