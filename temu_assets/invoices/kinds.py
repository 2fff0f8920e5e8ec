"""The kinds of problems of invoices, as the error inbox knows them. The key is the document: the beginning of its digest, and its name."""

from enum import StrEnum


class Kind(StrEnum):
    """What can be wrong with a document, by the folder it was dropped into: each has a stage of its own that finds it."""

    INVOICE_UNREADABLE = "invoice_unreadable"
    """A file from which nothing could be read."""
    INVOICE_TO_CHECK = "invoice_to_check"
    """A document that was read, and that a person has to look at."""
    ADVERTISING_UNREADABLE = "advertising_unreadable"
    ADVERTISING_TO_CHECK = "advertising_to_check"
