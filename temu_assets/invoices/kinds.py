"""The kinds of problems of invoices, as the error inbox knows them. The key is the document: the beginning of its digest, and its name."""

from enum import StrEnum

from temu_assets.invoices.judging import Status


class Kind(StrEnum):
    """What can be wrong with a document."""

    UNREADABLE = "invoice_unreadable"
    """A file from which nothing could be read."""
    TO_CHECK = "invoice_to_check"
    """A document that was read, and that a person has to look at."""


KIND_OF = {Status.ERROR: Kind.UNREADABLE, Status.CHECK: Kind.TO_CHECK}
