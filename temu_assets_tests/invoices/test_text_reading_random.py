"""Invoices laid out by chance, in eight languages: what is read under a label is what was printed under it, or nothing is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from temu_assets.invoices.profiles import load_profiles
from temu_assets.invoices.reading import Lane, Source
from temu_assets.invoices.text_reading import read_text
from temu_assets_tests.invoices.samples import page_of

PROFILES = load_profiles()


@dataclass(frozen=True)
class Tongue:
    """How a language writes an invoice; each label comes in some ways."""

    title: str
    number: tuple[str, ...]
    issued: tuple[str, ...]
    due: tuple[str, ...]
    others: tuple[str, ...]
    other_days: tuple[str, ...]
    items: tuple[str, str, str, str]
    subtotal: tuple[str, ...]
    extras: tuple[str, ...]
    net: tuple[str, ...]
    tax: tuple[str, ...]
    gross: tuple[str, ...]
    payable: tuple[str, ...]
    prepaid: str
    early: str
    words: str
    thousands: str
    day: str
    rate: int
    currency: str = "EUR"


TONGUES = (
    Tongue(
        "Rechnung",
        ("Rechnungsnummer", "Rechnungs-Nr.", "Rechnung Nr."),
        ("Rechnungsdatum", "Belegdatum", "Datum"),
        ("Fällig am", "Zahlbar bis"),
        ("Kundennummer", "Kunden-Nr.", "Bestellnummer", "Lieferscheinnummer", "Auftragsnummer"),
        ("Bestelldatum", "Auftragsdatum"),
        ("Bezeichnung", "Menge", "Einzelpreis", "Gesamt"),
        ("Zwischensumme", "Warenwert", "Summe"),
        ("Versandkosten", "Versandkosten netto", "Porto"),
        ("Nettobetrag", "Gesamtbetrag netto", "Summe netto", "Nettosumme", "Gesamt netto"),
        ("zzgl. {r} % MwSt.", "MwSt. {r}%", "Umsatzsteuer {r} %", "{r} % USt", "USt ({r},00 %)"),
        ("Gesamtbetrag brutto", "Rechnungsbetrag", "Bruttobetrag", "Endbetrag", "Gesamtbetrag", "Gesamtsumme"),
        ("Zahlbetrag", "Zu zahlen", "Restbetrag"),
        "Anzahlung",
        "Zahlbar bis {d} mit 2 % Skonto: {a}",
        "Vielen Dank für Ihren Auftrag und bitte zahlen Sie nach Erhalt der Rechnung",
        ".",
        "{d:02}.{m:02}.{y}",
        19,
    ),
    Tongue(
        "Invoice",
        ("Invoice number", "Invoice No."),
        ("Invoice date", "Date of issue", "Date"),
        ("Due date",),
        ("Customer number", "Account number", "Order number", "Delivery note number"),
        ("Order date",),
        ("Description", "Qty", "Unit price", "Total"),
        ("Subtotal",),
        ("Shipping", "Postage"),
        ("Net amount", "Total excl. VAT", "Total excluding tax"),
        ("VAT {r}%", "VAT ({r}%)"),
        ("Grand total", "Total incl. VAT", "Invoice total", "Total", "Total amount"),
        ("Amount due", "Balance due"),
        "Amount paid",
        "2 % cash discount until {d}: {a}",
        "Thank you for your order, and please pay on time to the account",
        ",",
        "{y}-{m:02}-{d:02}",
        20,
        "GBP",
    ),
    Tongue(
        "Facture",
        ("Numéro de facture", "N° de facture", "Facture n°"),
        ("Date de facture", "Date"),
        ("Date d'échéance",),
        ("Numéro de client", "Numéro de commande"),
        ("Date de commande",),
        ("Désignation", "Quantité", "Prix unitaire", "Total"),
        ("Sous-total",),
        ("Frais de port",),
        ("Total HT", "Montant HT"),
        ("TVA {r} %", "TVA ({r}%)"),
        ("Total TTC", "Montant TTC"),
        ("Net à payer", "Reste à payer"),
        "Acompte",
        "Escompte 2 % avant le {d} : {a}",
        "Nous vous remercions de votre commande et de la confiance pour nous",
        "\u00a0",
        "{d:02}/{m:02}/{y}",
        20,
    ),
    Tongue(
        "Fattura",
        ("Numero fattura", "Fattura n."),
        ("Data fattura", "Data"),
        ("Scadenza",),
        ("Codice cliente", "Numero ordine"),
        ("Data ordine",),
        ("Descrizione", "Quantità", "Prezzo unitario", "Importo"),
        ("Totale merce",),
        ("Spese di spedizione",),
        ("Imponibile", "Totale imponibile"),
        ("IVA {r}%", "IVA {r} %"),
        ("Totale fattura", "Totale documento"),
        ("Netto a pagare",),
        "Acconto",
        "Sconto cassa 2 % entro {d}: {a}",
        "La ringraziamo per il suo ordine e che il pagamento si faccia con la",
        ".",
        "{d:02}/{m:02}/{y}",
        22,
    ),
    Tongue(
        "Factura",
        ("Número de factura", "Nº de factura"),
        ("Fecha de factura", "Fecha"),
        ("Fecha de vencimiento",),
        ("Número de cliente", "Número de pedido"),
        ("Fecha de pedido",),
        ("Descripción", "Cantidad", "Precio unitario", "Importe"),
        ("Subtotal",),
        ("Gastos de envío",),
        ("Base imponible", "Total sin IVA"),
        ("IVA {r}%",),
        ("Total factura", "Total con IVA"),
        ("Total a pagar",),
        "Anticipo",
        "Pronto pago 2 % hasta {d}: {a}",
        "Gracias por su pedido y por la confianza en los productos de nuestro catálogo",
        ".",
        "{d:02}/{m:02}/{y}",
        21,
    ),
    Tongue(
        "Factuur",
        ("Factuurnummer", "Factuur nr"),
        ("Factuurdatum", "Datum"),
        ("Vervaldatum",),
        ("Klantnummer", "Ordernummer"),
        ("Orderdatum",),
        ("Omschrijving", "Aantal", "Stuksprijs", "Bedrag"),
        ("Subtotaal",),
        ("Verzendkosten",),
        ("Totaal excl. btw", "Nettobedrag"),
        ("Btw {r}%",),
        ("Totaal incl. btw", "Eindtotaal", "Factuurbedrag"),
        ("Te betalen",),
        "Aanbetaling",
        "Betalingskorting 2 % tot {d}: {a}",
        "Wij danken u voor uw bestelling en wij vragen u het bedrag over te maken naar de",
        ".",
        "{d:02}-{m:02}-{y}",
        21,
    ),
    Tongue(
        "Faktura",
        ("Numer faktury", "Faktura nr"),
        ("Data wystawienia",),
        ("Termin płatności",),
        ("Numer klienta", "Numer zamówienia"),
        ("Data zamówienia",),
        ("Nazwa", "Ilość", "Cena netto", "Wartość"),
        ("Suma częściowa",),
        ("Koszt wysyłki",),
        ("Razem netto", "Wartość netto"),
        ("VAT {r}%",),
        ("Razem brutto", "Wartość brutto", "Należność ogółem"),
        ("Do zapłaty",),
        "Zaliczka",
        "",
        "Dziękujemy za zamówienie i prosimy o wpłatę na konto przez państwa jest oraz dla",
        " ",
        "{d:02}.{m:02}.{y}",
        23,
        "PLN",
    ),
    Tongue(
        "Faktura",
        ("Fakturanummer", "Fakturanr"),
        ("Fakturadatum",),
        ("Förfallodatum",),
        ("Kundnummer", "Ordernummer"),
        ("Orderdatum",),
        ("Beskrivning", "Antal", "A-pris", "Belopp"),
        ("Delsumma",),
        ("Frakt",),
        ("Summa exkl. moms", "Nettobelopp"),
        ("Moms {r} %",),
        ("Summa inkl. moms", "Totalt inkl. moms"),
        ("Att betala",),
        "Förskott",
        "Kassarabatt 2 % till {d}: {a}",
        "Tack för er beställning och vi ber er att betala på konto som är till",
        " ",
        "{y}-{m:02}-{d:02}",
        25,
        "SEK",
    ),
)

cents = st.integers(100, 900_000).map(lambda amount: Decimal(amount) / 100)
numbers = st.builds(str.format, st.sampled_from(["RE-{}", "{}", "2026-{}", "R{}/26", "INV{}"]), st.integers(100, 999_999))


@dataclass(frozen=True)
class Printed:
    """What was printed under the labels."""

    text: str
    number: str
    issued_on: date
    due_on: date | None
    net: Decimal | None
    tax: Decimal
    gross: Decimal | None


@st.composite
def documents(draw: st.DrawFn) -> Printed:
    tongue = draw(st.sampled_from(TONGUES))

    def pick(labels: tuple[str, ...]) -> str:
        return draw(st.sampled_from(labels))

    def say(amount: Decimal) -> str:
        whole, rest = f"{abs(amount):,.2f}".split(".")
        figure = whole.replace(",", tongue.thousands) + ("." if tongue.thousands == "," else ",") + rest
        return ("-" if amount < 0 else "") + form.format(figure, tongue.currency)

    def on(day: date) -> str:
        return tongue.day.format(d=day.day, m=day.month, y=day.year)

    form = draw(st.sampled_from(["{0}", "{0} {1}", "{1} {0}"]))
    issued = date(2026, 1, 1) + timedelta(draw(st.integers(0, 330)))
    number = draw(numbers)
    heads = [(pick(tongue.number), number), (pick(tongue.issued), on(issued))]
    due = issued + timedelta(14) if draw(st.booleans()) else None
    heads += [(pick(tongue.due), on(due))] if due else []
    heads += [
        (label, str(draw(st.integers(1000, 9_999_999))))
        for label in draw(st.lists(st.sampled_from(tongue.others), max_size=2, unique=True))
    ]
    heads += [(label, on(issued - timedelta(9))) for label in draw(st.lists(st.sampled_from(tongue.other_days), max_size=1))]
    heads = draw(st.permutations(heads))

    items = draw(st.lists(st.tuples(st.integers(1, 20), cents), min_size=1, max_size=5))
    extra = draw(st.none() | st.integers(100, 2000).map(lambda amount: Decimal(amount) / 100))
    subtotal = sum((count * price for count, price in items), Decimal(0))
    net = subtotal + (extra or 0)
    tax = (net * tongue.rate / 100).quantize(Decimal("0.01"))
    gross = net + tax
    sums = [(pick(tongue.subtotal), subtotal)] if extra or draw(st.booleans()) else []
    sums += [(pick(tongue.extras), extra)] if extra else []
    shows_net, shows_gross = draw(st.integers(0, 9)) > 0, draw(st.integers(0, 9)) > 0
    sums += [(pick(tongue.net), net)] if shows_net else []
    sums += [(pick(tongue.tax).format(r=tongue.rate), tax)]
    sums += [(pick(tongue.gross), gross)] if shows_gross else []
    if draw(st.integers(0, 5)) == 0:
        paid = (gross / 3).quantize(Decimal("0.01"))
        sums += [(tongue.prepaid, -paid), (pick(tongue.payable), gross - paid)]
    elif draw(st.integers(0, 3)) == 0:
        sums += [(pick(tongue.payable), gross)]

    lines = ["Muster Waren GmbH - Weg 1 - 12345 Ort", "", "Beispiel Handel GmbH", "Musterweg 1", "12345 Musterstadt", ""]
    lines += [tongue.title, ""] if draw(st.booleans()) else []
    lines += _heads(heads, draw(st.integers(0, 4)), draw(st.sampled_from([0, 0, 45])))
    lines += ["", f"{tongue.items[0]:30}{tongue.items[1]:>10}{tongue.items[2]:>18}{tongue.items[3]:>18}"]
    names = draw(st.lists(st.sampled_from(["Karton", "Total Clean", "Netto Box", "Summe Set"]), min_size=5, max_size=5))
    lines += [f"{name:30}{count:>10}{say(price):>18}{say(count * price):>18}" for name, (count, price) in zip(names, items, strict=False)]
    indent, width = draw(st.sampled_from([0, 28])), draw(st.sampled_from([34, 60]))
    lines += ["", *(" " * indent + label + say(amount).rjust(width - len(label)) for label, amount in sums), "", tongue.words]
    if tongue.early and draw(st.booleans()):
        lines.append(tongue.early.format(d=on(issued + timedelta(7)), a=say((gross * 98 / 100).quantize(Decimal("0.01")))))
    return Printed("\n".join(lines), number, issued, due, net if shows_net else None, tax, gross if shows_gross else None)


def _heads(heads: list[tuple[str, str]], arrangement: int, indent: int) -> list[str]:
    """Labels and values: with a colon, in two columns, in a row of heads, one above the other, two to a line."""
    left = " " * indent
    if arrangement == 0:
        return [f"{left}{label}: {value}" for label, value in heads]
    if arrangement == 1:
        return [f"{left}{label:28}{value}" for label, value in heads]
    if arrangement == 2:
        widths = [max(len(label), len(value)) + 4 for label, value in heads]
        rows = ([label for label, _ in heads], [value for _, value in heads])
        return ["".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    if arrangement == 3:
        return [f"{left}{text}" for head in heads for text in (*head, "")]
    return ["".join(f"{label}: {value}".ljust(50) for label, value in heads[at : at + 2]) for at in range(0, len(heads), 2)]


@settings(max_examples=120)
@given(documents())
def test_a_document_laid_out_by_chance_is_never_read_wrong(printed: Printed) -> None:
    reading = read_text((page_of(printed.text),), Source.TEXT, Lane.INVOICES, PROFILES)
    assert reading is not None
    assert (reading.number, reading.issued_on, reading.due_on) == (printed.number, printed.issued_on, printed.due_on)
    assert reading.tax in {printed.tax, None}
    if printed.gross is not None:
        assert reading.gross in {printed.gross, None}
    if printed.net is not None:
        assert reading.net in {printed.net, None}
    if printed.net is not None and printed.gross is not None:
        assert (reading.net, reading.tax, reading.gross) == (printed.net, printed.tax, printed.gross)
    if None not in (reading.net, reading.tax, reading.gross):
        assert (reading.net or 0) + (reading.tax or 0) == reading.gross
