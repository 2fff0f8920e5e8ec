"""Which of the printed amounts are net, tax and gross. Nothing is calculated; sums only tell which printed amount is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from temu_assets.invoices.profiles import Labelled
from temu_assets.invoices.reading import TaxGroup
from temu_assets.invoices.text_labels import Rank
from temu_assets.invoices.text_money import CENT, Money, tax_in, tax_on
from temu_assets.invoices.text_tax import RateLine, Taxes

_ZERO = Decimal("0.00")
_NAMES = {"gross": "Bruttobetrag", "net": "Nettobetrag", "tax": "Steuerbetrag", "payable": "Zahlbetrag", "prepaid": "Anzahlung"}


@dataclass(slots=True)
class Amounts:
    """The amounts of a document as printed, with places by the name of the field, and doubts."""

    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    payable: Decimal | None = None
    prepaid: Decimal | None = None
    currency: str | None = None
    groups: tuple[TaxGroup, ...] = ()
    places: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class _Pool:
    """All candidates in the document's currency. ``taxes``: what may be the tax of the whole, by value; ``rates``: of each rate line."""

    net: Sequence[Money]
    subtotal: Sequence[Money]
    gross: Sequence[Money]
    payable: Sequence[Money]
    prepaid: Sequence[Money]
    taxes: Mapping[Decimal, Money]
    rates: frozenset[Decimal]
    has_tax: bool
    unread: bool
    rates_inside: frozenset[Decimal]

    def nets_but(self, gross: Money) -> Iterable[Money]:
        """What may be the net amount when ``gross`` is the gross one, the better labels first."""
        yield from sorted((each for each in self.net if each.value is not None), key=lambda each: -each.rank)
        yield from (each for each in (*self.subtotal, *self.gross) if each.value is not None and each is not gross)


def resolve(found: Mapping[Labelled, Sequence[Money]], taxes: Taxes, *, currency: str | None, no_tax: str | None) -> Amounts:
    """The amounts that are meant. ``currency``: what the document or its profile names; ``no_tax``: the sentence why there is no tax."""
    result = Amounts(currency=_currency(found, taxes, currency))
    if result.currency is None and _marks(found, taxes):
        result.doubts.append(f"Beträge in mehreren Währungen: {', '.join(sorted(_marks(found, taxes)))}.")
        return result
    kept = {means: [each for each in money if each.currency in {None, result.currency}] for means, money in found.items()}
    lines = _merged([line for line in taxes.lines if line.currency in {None, result.currency}], result)
    totals = [each for each in (*taxes.totals, *kept.get(Labelled.TAX, ())) if each.currency in {None, result.currency}]
    pool = _pool(kept, lines, totals, no_tax, found=taxes)
    _choose(pool, result)
    _settle_tax(pool, lines, totals, result, no_tax)
    _settle_net(pool, result)
    _settle_rest(pool, result)
    _settle_groups(pool, lines, result, no_tax)
    _check_repairs(result)
    result.doubts += taxes.doubts
    return result


def _marks(found: Mapping[Labelled, Sequence[Money]], taxes: Taxes) -> set[str]:
    money = [each.currency for means in found.values() for each in means]
    return {mark for mark in (*money, *(line.currency for line in taxes.lines), *(each.currency for each in taxes.totals)) if mark}


def _currency(found: Mapping[Labelled, Sequence[Money]], taxes: Taxes, named: str | None) -> str | None:
    """The currency of the sums; where they show two, the one the document or the profile names."""
    sums = {each.currency for means in (Labelled.GROSS, Labelled.PAYABLE) for each in found.get(means, ()) if each.currency}
    marks = sums or _marks(found, taxes)
    if len(marks) == 1:
        return next(iter(marks))
    return named if not marks or named in marks else None


def _merged(lines: Sequence[RateLine], result: Amounts) -> list[RateLine]:
    """One line for each rate; two different taxes for one rate cannot both be meant."""
    merged: dict[Decimal, RateLine] = {}
    broken: set[Decimal] = set()
    for line in lines:
        rate = line.rate.normalize()
        known = merged.get(rate)
        if known is None:
            merged[rate] = line
        elif known.tax != line.tax or (known.net is not None and line.net is not None and known.net != line.net):
            broken.add(rate)
        elif known.net is None or (line.fits and not known.fits):
            merged[rate] = line if line.net is not None or known.net is None else known
    for rate in sorted(broken):
        del merged[rate]
        result.doubts.append(f"Zum Steuersatz {rate:f} % stehen verschiedene Beträge auf der Rechnung.")
    return list(merged.values())


def _pool(
    kept: Mapping[Labelled, Sequence[Money]], lines: Sequence[RateLine], totals: Sequence[Money], no_tax: str | None, *, found: Taxes
) -> _Pool:
    taxes = {each.value: each for each in totals if each.value is not None}
    if lines:
        whole = sum((line.tax for line in lines), _ZERO)
        place = lines[0].place if len(lines) == 1 else "Summe der Steuersätze"
        taxes.setdefault(whole, Money(whole, None, Rank.MEDIUM, place, any(line.repaired for line in lines)))
    if no_tax and not taxes:
        taxes[_ZERO] = Money(_ZERO, None, Rank.MEDIUM, no_tax)
    return _Pool(
        net=kept.get(Labelled.NET, ()),
        subtotal=kept.get(Labelled.SUBTOTAL, ()),
        gross=kept.get(Labelled.GROSS, ()),
        payable=kept.get(Labelled.PAYABLE, ()),
        prepaid=kept.get(Labelled.PREPAID, ()),
        taxes=taxes,
        rates=frozenset(line.rate for line in lines),
        has_tax=any(value != 0 for value in taxes),
        unread=found.unread,
        rates_inside=frozenset(found.rates_inside),
    )


def _closing(pool: _Pool, gross: Money) -> tuple[Money, Money] | None:
    """Printed net and tax that are this gross amount together, to the cent."""
    if gross.value is None:
        return None
    for net in pool.nets_but(gross):
        for value, tax in pool.taxes.items():
            if net.value is not None and net.value + value == gross.value and (value or net.value == gross.value):
                return net, tax
    return None


def _is_supported(pool: _Pool, gross: Money) -> bool:
    """Whether printed net and tax, or tax and rate, bear the amount out as the gross one."""
    if gross.value is None:
        return False
    if _closing(pool, gross) is not None:
        return True
    if len(pool.rates) != 1:
        return False
    (rate,) = pool.rates
    return any(value and abs(tax_in(abs(gross.value), rate) - abs(value)) <= CENT for value in pool.taxes)


def _choose(pool: _Pool, result: Amounts) -> None:
    """Gross: what the strongest labels agree on; where they do not, what net and tax bear out."""
    known = [each for each in pool.gross if each.rank > Rank.WEAK]
    readable = {each.value for each in known if each.value is not None}
    if len(readable) == 1:
        known = [each for each in known if each.value is not None or not readable <= each.among]
    top = max((each.rank for each in known), default=None)
    best = [each for each in known if each.rank is top]
    unclear = next((each for each in best if each.value is None), None)
    values = {each.value for each in best}
    if unclear is not None:
        _settle_gross(
            pool,
            [each for each in best if each.value is not None],
            f"{_NAMES['gross']} ist nicht eindeutig zu lesen ({unclear.place}).",
            result,
        )
    elif len(values) == 1:
        _one_gross(pool, best[0], result)
    elif len(values) > 1:
        _settle_gross(pool, [*best], f"{_NAMES['gross']}: mehrere verschiedene Angaben ({_listed(best)}).", result)
    else:
        _weak_gross(pool, result)


def _one_gross(pool: _Pool, gross: Money, result: Amounts) -> None:
    if pool.has_tax and not _is_supported(pool, gross):
        rivals = [each for each in (*pool.gross, *pool.payable) if each.value != gross.value and _is_supported(pool, each)]
        if len({each.value for each in rivals}) == 1:
            _set_gross(pool, rivals[0], result)
            return
        if any(_is_net_of(pool, gross, value) for value in pool.taxes if value):
            result.doubts.append(
                f"{_say(gross.value)} ({gross.place}) passt zur Steuer nur als Nettobetrag; ein Bruttobetrag steht nicht dabei."
            )
            return
    _set_gross(pool, gross, result)


def _is_net_of(pool: _Pool, gross: Money, tax: Decimal) -> bool:
    return len(pool.rates) == 1 and abs(tax_on(abs(gross.value or _ZERO), *pool.rates) - abs(tax)) <= CENT


def _settle_gross(pool: _Pool, rivals: Sequence[Money], doubt: str, result: Amounts) -> None:
    """The only one of them that net and tax bear out; otherwise a doubt."""
    supported = [each for each in rivals if _is_supported(pool, each) and pool.has_tax]
    if len({each.value for each in supported}) == 1:
        _set_gross(pool, supported[0], result)
    else:
        result.doubts.append(doubt)


def _weak_gross(pool: _Pool, result: Amounts) -> None:
    """Without a clear label: what is to be paid, or a bare "Summe", if the sums bear it out or nothing speaks against it.

    What is to be paid alone may be the rest of an invoice that is paid in part: that is no gross amount.
    """
    payable = [each for each in pool.payable if each.value is not None]
    weak = [each for each in pool.gross if each.value is not None]
    rivals = [*payable, *weak]
    if any(each.value is None for each in (*pool.payable, *pool.gross)):
        result.doubts.append(f"{_NAMES['gross']} ist nicht eindeutig zu lesen.")
        return
    if not rivals:
        return
    values = {each.value for each in rivals}
    if pool.has_tax:
        _settle_gross(pool, rivals, f"{_NAMES['gross']} ist nicht sicher zu erkennen ({_listed(rivals)}).", result)
    elif len(values) == 1 and (weak or any(each.value in values for each in pool.subtotal)) and _is_untaxed(pool):
        _set_gross(pool, rivals[0], result)
    else:
        result.doubts.append(f"{_NAMES['gross']} ist nicht sicher zu erkennen ({_listed(rivals)}).")


def _is_untaxed(pool: _Pool) -> bool:
    """Whether nothing speaks of tax, nor of a part that is paid: where a net amount is named, the tax has to be named as none."""
    return not pool.prepaid and not pool.unread and (not pool.net or _ZERO in pool.taxes)


def _set_gross(pool: _Pool, gross: Money, result: Amounts) -> None:
    result.gross = gross.value
    result.repaired = result.repaired or gross.repaired
    closing = _closing(pool, gross)
    settled = closing is not None and len({each.value for each in (*pool.gross, *pool.payable)}) > 1 and pool.has_tax
    result.places["gross"] = gross.place + (" (Netto + USt gehen auf)" if settled else "")


def _settle_tax(pool: _Pool, lines: Sequence[RateLine], totals: Sequence[Money], result: Amounts, no_tax: str | None) -> None:
    """Tax: as printed for the whole, or of the only rate; of several rates without a total none."""
    wanted = [each for each in pool.net if each.value is not None and each.rank > Rank.WEAK]
    found = [each for each in totals if each.value is not None]
    if not found and len(lines) == 1:
        found = [pool.taxes[lines[0].tax]]
        if pool.unread and not any(
            net.value is not None and net.value + lines[0].tax == result.gross for net in (*pool.net, *pool.subtotal)
        ):
            result.doubts.append("Weitere Angaben zur Steuer sind nicht zu lesen.")
            return
    values = {each.value for each in found}
    if len(values) > 1:
        closing = [each for each in found if any(net.value is not None and net.value + (each.value or 0) == result.gross for net in wanted)]
        whole = sum((line.tax for line in lines), _ZERO)
        found = closing or ([each for each in found if each.value == whole] if len(lines) > 1 else [])
        if len({each.value for each in found}) != 1:
            result.doubts.append(f"{_NAMES['tax']}: mehrere verschiedene Angaben ({', '.join(sorted(_say(value) for value in values))}).")
            return
    if found:
        result.tax, result.places["tax"] = found[0].value, found[0].place
        result.repaired = result.repaired or found[0].repaired
    elif no_tax and not lines and not totals:
        result.tax, result.places["tax"] = _ZERO, no_tax


def _settle_net(pool: _Pool, result: Amounts) -> None:
    """Net: what its labels agree on; where they do not, or there is only a subtotal, what closes with tax and gross."""
    whole = result.tax if result.tax is not None else next(iter(pool.taxes), None) if len(pool.taxes) == 1 else None
    strong = [each for each in pool.net if each.value is not None and each.rank > Rank.WEAK]
    top = max((each.rank for each in strong), default=None)
    best = [each for each in strong if each.rank is top]
    chosen = best[0] if len({each.value for each in best}) == 1 else None
    closes = chosen is not None and whole is not None and result.gross is not None and (chosen.value or _ZERO) + whole == result.gross
    if not closes and whole is not None and result.gross is not None:
        others = [*pool.net, *pool.subtotal, *(each for each in pool.gross if whole)]
        fitting = next((each for each in others if each.value is not None and each.value + whole == result.gross), None)
        if fitting is not None:
            result.net, result.places["net"] = fitting.value, f"{fitting.place} (Netto + USt gehen auf)"
            result.repaired = result.repaired or fitting.repaired
            return
    if chosen is not None:
        result.net, result.places["net"] = chosen.value, chosen.place
        result.repaired = result.repaired or chosen.repaired
    elif best:
        result.doubts.append(f"{_NAMES['net']}: mehrere verschiedene Angaben ({_listed(best)}).")


def _settle_rest(pool: _Pool, result: Amounts) -> None:
    payable = {each.value for each in pool.payable}
    if len(payable) == 1 and None not in payable:
        result.payable, result.places["payable"] = pool.payable[0].value, pool.payable[0].place
    prepaid = {abs(each.value) for each in pool.prepaid if each.value is not None}
    if len(prepaid) == 1:
        result.prepaid, result.places["prepaid"] = prepaid.pop(), pool.prepaid[0].place


def _settle_groups(pool: _Pool, lines: Sequence[RateLine], result: Amounts, no_tax: str | None) -> None:
    whole = sum((line.tax for line in lines), _ZERO)
    closes = result.net is not None and result.gross is not None and result.net + whole == result.gross
    if pool.unread and not closes:
        return
    if any(not line.fits for line in lines) and not closes:
        places = ", ".join(line.place for line in lines if not line.fits)
        result.doubts.append(f"Steuer ohne passenden Betrag ({places}).")
        result.tax = None if len(lines) == 1 and result.tax == whole else result.tax
        return
    only = len(lines) == 1 and closes
    result.groups = tuple(
        TaxGroup(line.rate, line.net if line.net is not None or not only else result.net, line.tax, "S" if line.rate else "")
        for line in sorted(lines, key=lambda line: -line.rate)
    )
    if not lines and not pool.unread and result.tax is None and len(pool.rates_inside) == 1:
        result.groups = (TaxGroup(next(iter(pool.rates_inside)), None, None, "S"),)
    if not lines and no_tax and result.tax == 0:
        result.groups = (TaxGroup(Decimal(0), None, _ZERO),)


def _check_repairs(result: Amounts) -> None:
    """An amount in which a letter was read as a digit counts only if the sum closes with it."""
    values = (result.net, result.tax, result.gross)
    if not result.repaired or (None not in values and (result.net or _ZERO) + (result.tax or _ZERO) == result.gross and result.tax):
        return
    result.net = result.tax = result.gross = None
    result.groups = ()
    result.doubts.append("Ein Betrag ist im Scan unleserlich (Buchstabe statt Ziffer), und die Summe bestätigt ihn nicht.")


def _listed(found: Sequence[Money]) -> str:
    return ", ".join(dict.fromkeys(f"{_say(each.value)} bei {each.place}" for each in found[:6]))


def _say(amount: Decimal | None) -> str:
    return "?" if amount is None else f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
