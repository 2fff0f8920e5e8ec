"""A DATEV file from its bytes to what is handed on: read, corrected, checked, split, proven to add up to the same. Pure.

The checks look at the bookings as they are handed on: what a correction repaired is among the changes and no finding any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from temu_assets.bookkeeping.booking import booking
from temu_assets.bookkeeping.corrections import Corrected, Corrections
from temu_assets.bookkeeping.document_field import LookUp
from temu_assets.bookkeeping.duplicates import Duplicates
from temu_assets.bookkeeping.extf import ExtfFile, Row, parse, to_bytes
from temu_assets.bookkeeping.file_checks import check_file
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.findings import Document, Output, Processed, TotalsRow
from temu_assets.bookkeeping.header import Header, header_of
from temu_assets.bookkeeping.header_checks import check_header
from temu_assets.bookkeeping.marketplaces import shapes_from
from temu_assets.bookkeeping.origin import Origin, Recognition
from temu_assets.bookkeeping.row_checks import RowChecks
from temu_assets.bookkeeping.row_checks_dates import padded
from temu_assets.bookkeeping.rules import Rules
from temu_assets.bookkeeping.splitting import Place, split
from temu_assets.bookkeeping.sums import Tally, require_same, tally
from temu_assets.bookkeeping.temu_guard import guard_temu
from temu_assets.bookkeeping.totals import Documents, Totals
from temu_assets.office_settings import Correction, CriticalFiles

__all__ = ["LookUp", "process"]

WITHHELD_PREFIX = "#_"
CRITICAL = "R06"


def process(content: bytes, name: str, rules: Rules, look_up: LookUp) -> Processed:
    """Process a file. ``look_up``: customer numbers by order number, asked at most once and only for K1 with customer numbers.

    Raises NotExtf for what is no Buchungsstapel, ConfigurationError for a wrong YAML of order number shapes, InternalError where the
    result would not be the same bookings, and what the look-up raises.
    """
    before, outputs, processed = _worked(content, name, rules, look_up)
    after = _tally_of(outputs, content, before)
    require_same(before, after, file=name, debtors_changed=Correction.DEBTOR in rules.corrections)
    return replace(processed, outputs=() if processed.withheld else outputs, after=after.sums)


def _worked(content: bytes, name: str, rules: Rules, look_up: LookUp) -> tuple[Tally, tuple[Output, ...], Processed]:
    """The file's sums, what is handed on, and all else that is told. A function of its own, so that its rows are gone before the proof."""
    shapes = shapes_from(rules.marketplaces)
    file = parse(content)
    header = header_of(file.header)
    log = FindingLog(name)
    run = _Run(file, header, rules, Recognition(shapes, header, _marketplaces_of_debtors(rules)), log)
    check_header(header, name, log)
    check_file(file, header, log)
    run.recognise()
    corrected = Corrections(file, header, rules, run.recognition, frozenset(run.left), log).run(run.origins, look_up)
    run.check(corrected)
    outputs = run.outputs(corrected, name)
    processed = Processed(
        file=name,
        header=header.named,
        outputs=(),
        withheld=_withheld(log) if rules.critical_files is CriticalFiles.WITHHOLD else "",
        findings=log.findings(),
        changes=tuple(corrected.changes),
        not_found=tuple(corrected.not_found),
        before=run.before.sums,
        after=run.before.sums,
        totals=run.totals,
        documents=run.documents,
        marked_rows=corrected.marked_rows,
    )
    return run.before, outputs, processed


@dataclass(slots=True)
class _Run:
    """The passes over the bookings of one file. ``origins`` and ``places``: of each row, None for a blank one."""

    file: ExtfFile
    header: Header
    rules: Rules
    recognition: Recognition
    log: FindingLog
    before: Tally = field(default_factory=Tally)
    origins: list[Origin | None] = field(default_factory=list)
    places: list[Place | None] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    totals: tuple[TotalsRow, ...] = ()
    documents: tuple[Document, ...] = ()

    def recognise(self) -> None:
        """The first pass, over the bookings as they came: sums, what each is about, doubled ones, rows that are not as wide as others."""
        duplicates = Duplicates(self.log)
        counts: Counter[int] = Counter()
        widths: list[tuple[Row, int]] = []
        names = len(self.file.column_names.fields())
        for row in self.file.rows:
            if row.is_blank:
                self.origins.append(None)
                continue
            values = row.values()
            self.before.add(values)
            self.origins.append(self.recognition.origin(values))
            duplicates.check(row, values)
            counts[len(values)] += 1
            if len(values) > names or row.has_open_quote:
                widths.append((row, len(values)))
        usual = max(counts, key=lambda width: (counts[width], -width), default=0)
        for row, width in widths:
            if row.has_open_quote:
                self._leave(
                    row, "Ein Text beginnt mit einem Anführungszeichen und endet nicht damit; die Felder sind nicht sicher zu trennen."
                )
            elif width > usual:
                shifted = "Steht ein Semikolon im Text, sind alle Felder dahinter verschoben."
                self._leave(row, f"Die Zeile hat {width} Felder, die anderen {usual}: {shifted}")

    def check(self, corrected: Corrected) -> None:
        """The second pass, over the bookings as they are handed on."""
        checks = RowChecks(self.header, self.rules, self.file.encoding, self.file.width, self.log)
        totals, documents = Totals(self.header), Documents()
        for row, origin in zip(corrected.rows, self.origins, strict=True):
            if origin is None:
                self.places.append(None)
                continue
            values = row.values()
            day = self.header.document_day(padded(values[9])) if len(values) > 9 else None
            seen = booking(row.line, values, day, origin)
            self.places.append(Place(day, origin.marketplace))
            checks.check(seen)
            totals.add(seen)
            documents.add(seen)
        checks.finish()
        self.totals, self.documents = totals.rows(), documents.documents()
        guard_temu(self.documents, self.rules.temu_invoice_numbers, self.log)

    def outputs(self, corrected: Corrected, name: str) -> tuple[Output, ...]:
        """What is handed on, in parts where the rules ask for them."""
        prefix = WITHHELD_PREFIX if self.log.count(CRITICAL) and self.rules.critical_files is CriticalFiles.PREFIX else ""
        whole = replace(self.file, rows=corrected.rows)
        parts = split(whole, self.header, name, self.places, self.rules.split, self.log)
        return tuple(Output(prefix + part_name, to_bytes(part)) for part_name, part in parts)

    def _leave(self, row: Row, why: str) -> None:
        self.left.add(row.line)
        self.log.error("R21", row.line, 0, "", f"{why} Die Zeile wird nicht korrigiert; bitte neu exportieren.")


def _marketplaces_of_debtors(rules: Rules) -> dict[str, str]:
    """The marketplace of each debtor that has only one."""
    marketplaces: dict[str, set[str]] = {}
    for marketplace, account in rules.debtors:
        marketplaces.setdefault(account, set()).add(marketplace)
    return {account: next(iter(each)) for account, each in marketplaces.items() if len(each) == 1}


def _tally_of(outputs: Sequence[Output], content: bytes, before: Tally) -> Tally:
    """What the very bytes that are handed on add up to; those that came need not be added up again."""
    if len(outputs) == 1 and outputs[0].content == content:
        return before
    return tally(row for output in outputs for row in parse(output.content).rows)


def _withheld(log: FindingLog) -> str:
    count = log.count(CRITICAL)
    if not count:
        return ""
    lines = "einer Buchung" if count == 1 else f"{count} Buchungen"
    return (
        f"In {lines} fehlt das Gegenkonto oder ist ein Platzhalter (zuerst in Zeile {log.first_line(CRITICAL)}). Bitte die Zuordnung in "
        "JTL2DATEV ergänzen und neu exportieren."
    )
