"""What only shows across DATEV files: a document in two files, a second invoice for an order, a gap in the numbers. Pure.

Codes: C01 and C02 of fact sheet backoffice 4.3, and the guard T01 for TEMU orders.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from temu_assets.bookkeeping.findings import Document, Finding, Severity

TEMU = "temu"
DEBIT, CREDIT = "S", "H"
NUMBER_COLUMN, ORDER_COLUMN = "Belegnummer", "Bestellnummer"
MOST_EACH = 20
"""So many documents of a pair of files are told one by one; of more, how many there are."""
MOST_GAPS = 100
MOST_MISSING = 5_000
SMALLEST_SERIES = 10
_SERIES = re.compile(r"(.*?)(\d{1,15})")


@dataclass(frozen=True, slots=True)
class BatchDocument:
    """A document with the file it stands in; ``taken_at``: when that file came."""

    sha256: str
    file: str
    taken_at: datetime
    document: Document


def in_two_files(new: Sequence[BatchDocument], everywhere: Iterable[BatchDocument]) -> list[Finding]:
    """C01: documents of these files whose number and side an earlier file has too. Of two files the later one is told.

    A file under the name of an earlier one is most likely its corrected version: that is said once, as information.
    """
    by_key: defaultdict[tuple[str, str], list[BatchDocument]] = defaultdict(list)
    for each in everywhere:
        by_key[_key(each)].append(each)
    pairs: defaultdict[tuple[str, str], list[tuple[BatchDocument, BatchDocument]]] = defaultdict(list)
    for mine in new:
        seen = {mine.sha256}
        for other in by_key.get(_key(mine), ()) if mine.document.number else ():
            if other.sha256 not in seen and _age(other) < _age(mine):
                seen.add(other.sha256)
                pairs[mine.sha256, other.sha256].append((mine, other))
    return [finding for pair in pairs.values() for finding in _of_two_files(pair)]


def second_invoices(new: Iterable[BatchDocument], everywhere: Iterable[BatchDocument]) -> list[Finding]:
    """T01: TEMU orders of these files that have invoices under different numbers in different files, credited ones taken off."""
    of_order: defaultdict[str, list[BatchDocument]] = defaultdict(list)
    for each in everywhere:
        of_order[each.document.order_number].append(each)
    findings = []
    for order_number, mine in _by_order(each for each in new if _is_temu_invoice(each)):
        documents = of_order[order_number]
        files = {each.sha256 for each in documents if each.document.side == DEBIT}
        if len(files) < 2 or open_invoices(each.document for each in documents) < 2:
            continue
        newest = max(mine, key=_age)
        others = sorted(
            {(each.document.number, each.file) for each in documents if each.document.side == DEBIT}
            - {(newest.document.number, newest.file)}
        )
        told = ", ".join(f"{number} in {file}" for number, file in others[:3])
        findings.append(
            Finding(
                "T01", Severity.ERROR, newest.file, newest.document.first_line, ORDER_COLUMN, order_number,
                f"Zur TEMU-Bestellung gibt es mehrere Rechnungen: {newest.document.number} hier, dazu {told}. TEMU stellt die Rechnung "
                "im Namen des Händlers aus; wird eine zweite gebucht, ist die Umsatzsteuer doppelt geschuldet. Bitte klären und eine "
                "stornieren, oder als Teilrechnungen bestätigen.",
            )
        )  # fmt: skip
    return findings


def open_invoices(documents: Iterable[Document]) -> int:
    """How many different invoices an order has, less its credit notes."""
    numbers: dict[str, set[str]] = {DEBIT: set(), CREDIT: set()}
    for each in documents:
        if each.number and each.side in numbers:
            numbers[each.side].add(each.number)
    return len(numbers[DEBIT]) - len(numbers[CREDIT])


def missing_numbers(documents: Iterable[BatchDocument]) -> dict[str, tuple[str, str]]:
    """Document numbers that are between those of a series and not among them, with the file and number before each gap.

    A series: the same beginning and a number behind it, at least ten of them, and more there than missing; anything else is no series.
    """
    series: defaultdict[tuple[str, int], dict[int, BatchDocument]] = defaultdict(dict)
    for each in documents:
        if (parts := _SERIES.fullmatch(each.document.number)) is not None:
            # Numbers with zeros in front are a series of their own width, others grow.
            width = len(parts[2]) if parts[2].startswith("0") else 0
            series[parts[1], width].setdefault(int(parts[2]), each)
    missing: dict[str, tuple[str, str]] = {}
    for (beginning, width), there in sorted(series.items()):
        numbers = sorted(there)
        if len(numbers) < SMALLEST_SERIES or numbers[-1] - numbers[0] + 1 >= 2 * len(numbers):
            continue
        for before, after in pairwise(numbers):
            for number in range(before + 1, after):
                missing[f"{beginning}{number:0{width}d}"] = (there[before].file, there[before].document.number)
                if len(missing) >= MOST_MISSING:
                    return missing
    return missing


def gaps(missing: Mapping[str, tuple[str, str]], elsewhere: Collection[str]) -> list[Finding]:
    """C02: the missing numbers that no other file has either; neighbours are told together."""
    left = [(number, where) for number, where in missing.items() if number not in elsewhere]
    findings = []
    for (file, before), group in groupby(left, key=lambda each: each[1]):
        numbers = [number for number, _ in group]
        told = numbers[0] if len(numbers) == 1 else f"{numbers[0]} bis {numbers[-1]} ({len(numbers)} Nummern)"
        findings.append(
            Finding(
                "C02", Severity.INFO, file, 0, NUMBER_COLUMN, told,
                f"Nach {before} fehlt etwas in der Nummernfolge. Bitte prüfen, ob diese Belege in einer anderen Datei stehen oder "
                "storniert wurden.",
            )
        )  # fmt: skip
    if len(findings) > MOST_GAPS:
        rest = len(findings) - MOST_GAPS
        last = Finding("C02", Severity.INFO, "", 0, NUMBER_COLUMN, "", f"Dazu kommen {rest} weitere Lücken.")
        return [*findings[:MOST_GAPS], last]
    return findings


def _of_two_files(pair: list[tuple[BatchDocument, BatchDocument]]) -> Iterator[Finding]:
    mine, other = pair[0]
    came = f"{other.taken_at:%d.%m.%Y}"
    if mine.file.casefold() == other.file.casefold():
        documents = "Ein Beleg stand" if len(pair) == 1 else f"{len(pair)} Belege standen"
        yield Finding(
            "C01", Severity.INFO, mine.file, 0, NUMBER_COLUMN, "",
            f"{documents} schon in der Datei gleichen Namens vom {came}. Ist dies die berichtigte Fassung, darf nur sie "
            "weitergegeben werden.",
        )  # fmt: skip
        return
    for mine, other in pair[:MOST_EACH]:
        yield Finding(
            "C01", Severity.ERROR, mine.file, mine.document.first_line, NUMBER_COLUMN, mine.document.number,
            f"Derselbe Beleg steht in {other.file} vom {came}, Zeile {other.document.first_line}. Bitte nur einmal buchen lassen.",
        )  # fmt: skip
    if len(pair) > MOST_EACH:
        yield Finding(
            "C01", Severity.ERROR, mine.file, 0, NUMBER_COLUMN, "",
            f"Insgesamt {len(pair)} Belege stehen auch in {other.file} vom {came}. Bitte nur eine der beiden Dateien weitergeben.",
        )  # fmt: skip


def _key(each: BatchDocument) -> tuple[str, str]:
    return each.document.number, each.document.side


def _age(each: BatchDocument) -> tuple[datetime, str]:
    return each.taken_at, each.sha256


def _is_temu_invoice(each: BatchDocument) -> bool:
    document = each.document
    return document.marketplace == TEMU and document.side == DEBIT and bool(document.order_number and document.number)


def _by_order(documents: Iterable[BatchDocument]) -> list[tuple[str, list[BatchDocument]]]:
    found: defaultdict[str, list[BatchDocument]] = defaultdict(list)
    for each in documents:
        found[each.document.order_number].append(each)
    return sorted(found.items())
