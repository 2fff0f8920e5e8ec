"""Why a file cannot be read: each a plain German sentence for the person who dropped it, without anything of its content."""

from __future__ import annotations


class Unreadable(Exception):  # noqa: N818 - they are told as reasons, not as errors of the program
    """Base of what makes a whole file unreadable. ``why``: what is the matter, and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class EmptyFile(Unreadable):
    """Nothing is in it."""

    def __init__(self) -> None:
        super().__init__("Die Datei ist leer. Bitte das Dokument noch einmal herunterladen und ablegen.")


class TooLarge(Unreadable):
    """More bytes than the setting allows."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(
            f"Die Datei hat {_megabytes(size)} MB, gelesen werden höchstens {_megabytes(most)} MB (Einstellung INVOICE_MAX_MB). "
            "Bitte kleiner speichern oder von Hand erfassen."
        )


class NotADocument(Unreadable):
    """Neither a PDF nor an e-invoice; ``instead``: what it looks like, as in "eine HTML-Seite"."""

    def __init__(self, instead: str | None, advice: str) -> None:
        sondern = f", sondern {instead}" if instead else ""
        super().__init__(f"Die Datei ist weder ein PDF noch eine E-Rechnung{sondern}. {advice}")


class NeedsPassword(Unreadable):
    """Encrypted, and the empty password does not open it."""

    def __init__(self) -> None:
        super().__init__(
            "Das PDF ist mit einem Kennwort geschützt. Bitte öffnen, ohne Kennwort speichern (als PDF drucken) und noch einmal ablegen."
        )


class UnknownEncryption(Unreadable):
    """Encrypted in a way nobody but its maker's program reads."""

    def __init__(self) -> None:
        super().__init__(
            "Das PDF ist auf eine Weise verschlüsselt, die dieses Programm nicht kennt. "
            "Bitte öffnen, als PDF drucken und noch einmal ablegen."
        )


class Damaged(Unreadable):
    """Begins like a PDF, and is none that can be opened."""

    def __init__(self) -> None:
        super().__init__(
            "Das PDF ist beschädigt oder unvollständig und lässt sich nicht öffnen. Bitte noch einmal herunterladen und ablegen."
        )


class NoPages(Unreadable):
    """A PDF without a single page."""

    def __init__(self) -> None:
        super().__init__("Das PDF hat keine Seiten. Bitte noch einmal herunterladen und ablegen.")


class TooManyPages(Unreadable):
    """More pages than the setting allows."""

    def __init__(self, pages: int, most: int) -> None:
        super().__init__(
            f"Das PDF hat {pages} Seiten, gelesen werden höchstens {most} (Einstellung INVOICE_MAX_PAGES). "
            "Bitte die Rechnung allein ablegen, ohne Anlagen und Kataloge."
        )


class DamagedPage(Unreadable):
    """One page of a PDF that cannot be opened; the others may well be."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Seite {number} ist beschädigt und wurde nicht gelesen.")


class NoInvoice(Unreadable):
    """It has text, and nothing in it looks like an invoice."""

    def __init__(self) -> None:
        super().__init__(
            "Im Text der Datei wurde keine Rechnung erkannt. Bitte von Hand erfassen oder ein Profil für den Aussteller anlegen."
        )


class Missing(Unreadable):
    """The copy in the archive cannot be opened."""

    def __init__(self) -> None:
        super().__init__("Die Kopie der Datei im Archiv lässt sich nicht öffnen. Bitte das Dokument noch einmal ablegen.")


class TooSlow(Unreadable):
    """It took longer than the setting allows."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Das Lesen wurde nach {seconds} s abgebrochen (Einstellung INVOICE_SECONDS). Bitte von Hand erfassen.")


class TooMuchMemory(Unreadable):
    """It took more memory than the setting allows."""

    def __init__(self, megabytes: int) -> None:
        super().__init__(
            f"Die Datei braucht zum Lesen mehr als {megabytes} MB Speicher (Einstellung INVOICE_MEMORY_MB). Bitte von Hand erfassen."
        )


class Crashed(Unreadable):
    """It ended the process that read it, and did so again in a new one."""

    def __init__(self) -> None:
        super().__init__("Die Datei hat das Leseprogramm zweimal zum Absturz gebracht. Bitte von Hand erfassen.")


class InternalFault(Unreadable):
    """A fault of this program; ``kind`` is the name of an exception, without what it says."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"Die Datei konnte nicht gelesen werden (interner Fehler: {kind}). Bitte von Hand erfassen und den Fehler melden.")


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}".removesuffix(".0").replace(".", ",")
