"""What a mail server or a webhook answers, in plain words. Its own words can hold ours, even a password: few are repeated. Pure."""

from __future__ import annotations

from temu_assets.redaction import harmless_words

_SMTP = {
    421: "the server is closing or overloaded",
    450: "a mailbox is busy or the server wants to be asked again later (greylisting)",
    451: "an error in the server",
    452: "the server has no room",
    454: "the login or TLS is not available just now",
    500: "the server does not know the command",
    501: "the server does not like the address or the name of this machine",
    502: "the server does not do that",
    503: "the server expects another order of commands, often: a login first",
    504: "the server does not do that",
    521: "the server takes no mail",
    523: "the message is too large",
    530: "the server wants a login, or TLS first",
    534: "the way of logging in is too weak for the server, or it wants an app password",
    535: "user name or password is refused",
    538: "the login needs TLS",
    550: "the mailbox does not exist, or the server refuses to pass the mail on",
    551: "the recipient is not here",
    552: "the mailbox is full or the message too large",
    553: "the address is not allowed",
    554: "the server refuses the message, often as spam or because this sender may not use it",
}
_HTTP = {
    400: "it does not understand the message; is ALERT_WEBHOOK_KIND right?",
    401: "it wants a valid token or URL",
    403: "it does not allow this; is the URL or the token still valid?",
    404: "there is nothing under this URL; was the webhook deleted?",
    405: "it takes no POST; is the URL complete?",
    410: "the webhook was removed",
    413: "the message is too large for it",
    429: "it was asked too often",
}
_SERVER_ERROR = 500
_REDIRECT = range(300, 400)
_SLACK_WORDS = frozenset(
    """invalid_payload no_text no_service no_service_id no_team team_disabled invalid_token channel_not_found channel_is_archived
    action_prohibited user_not_found posting_to_general_channel_denied no_active_hooks""".split()  # noqa: SIM905 — reads as a list of words
)


def smtp_answer(code: int, text: bytes | str) -> str:
    """A mail server's refusal, such as 535."""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return _with_words(f"the mail server answered {code} ({_SMTP.get(code, 'it refuses')})", harmless_words(said))


def http_answer(status: int, text: str) -> str:
    """A webhook's refusal, such as 404."""
    if status in _REDIRECT:
        meaning = "it sends on to another address, which is not followed; is the URL complete and current?"
    else:
        meaning = _HTTP.get(status, "its own error" if status >= _SERVER_ERROR else "it refuses")
    said = text.strip()
    return _with_words(f"it answered HTTP {status} ({meaning})", said if said in _SLACK_WORDS else harmless_words(said))


def _with_words(told: str, words: str) -> str:
    return f'{told}, with the words "{words}"' if words else told
