"""What the invented seller sells: about forty goods with three variants each, and the special ones a sync trips over."""

from __future__ import annotations

from dataclasses import dataclass

from temu_assets.sandbox.state import Product, Sku

VARIANTS = (("BL", "Blau"), ("SW", "Schwarz"), ("WS", "Weiß"))

# Code, German name, French name, net price in cents.
_GOODS = (
    ("FLASCHE-750", "Trinkflasche Edelstahl 750 ml", "Gourde inox 750 ml", 1513),
    ("DECKEL", "Ersatzdeckel für Trinkflasche", "Bouchon de rechange", 336),
    ("LED-4", "LED-Kerzen 4er-Set, 5 x 7 cm", "Bougies LED lot de 4", 1680),
    ("BROTDOSE", "Brotdose mit Trennsteg", "Boîte à goûter", 1092),
    ("THERMO-500", "Thermobecher 500 ml", "Mug isotherme 500 ml", 1848),
    ("RUCKSACK-20", "Rucksack 20 l", "Sac à dos 20 l", 3277),
    ("SCHIRM", "Taschenschirm, sturmfest", "Parapluie pliant", 1344),
    ("MATTE-YOGA", "Yogamatte 183 x 61 cm", "Tapis de yoga", 2100),
    ("KISSEN-45", "Kissenbezug 45 x 45 cm", "Housse de coussin", 672),
    ("DECKE-150", "Kuscheldecke 150 x 200 cm", "Plaid 150 x 200 cm", 2437),
    ("KABEL-C-2M", "Ladekabel USB-C, 2 m", "Câble USB-C 2 m", 588),
    ("LADER-30W", "Netzteil 30 W", "Chargeur 30 W", 1429),
    ("HALTER-KFZ", "Handyhalterung fürs Auto", "Support de téléphone", 1176),
    ("LAMPE-KLEMM", "Klemmlampe, dimmbar", "Lampe à pince", 1764),
    ("UHR-WAND", "Wanduhr, lautlos", "Horloge murale", 2017),
    ("BILD-A3", "Bilderrahmen A3", "Cadre photo A3", 1261),
    ("KORB-FALT", "Faltkorb 32 l", "Panier pliable 32 l", 1512),
    ("BOX-3L", "Vorratsdose 3 l", "Boîte de conservation 3 l", 1008),
    ("MESSER-20", "Kochmesser 20 cm", "Couteau de chef 20 cm", 2857),
    ("BRETT-BAMBUS", "Schneidebrett Bambus", "Planche à découper", 1597),
    ("SIEB-18", "Küchensieb 18 cm", "Passoire 18 cm", 756),
    ("TOPFLAPPEN", "Topflappen, 2 Stück", "Maniques, lot de 2", 546),
    ("GRILLZANGE", "Grillzange 40 cm", "Pince à barbecue", 1090),
    ("GIESSKANNE", "Gießkanne 5 l", "Arrosoir 5 l", 1302),
    ("PFLANZTOPF", "Pflanztopf 24 cm", "Pot de fleurs 24 cm", 1177),
    ("HANDSCHUH", "Gartenhandschuhe", "Gants de jardin", 504),
    ("SCHERE", "Gartenschere", "Sécateur", 1849),
    ("LEINE-HUND", "Hundeleine 2 m", "Laisse pour chien", 1260),
    ("NAPF", "Futternapf, rutschfest", "Gamelle antidérapante", 798),
    ("KRATZBAUM", "Kratzbaum 60 cm", "Arbre à chat 60 cm", 4117),
    ("PUZZLE-500", "Puzzle 500 Teile", "Puzzle 500 pièces", 1093),
    ("KREIDE-24", "Straßenkreide, 24 Stück", "Craies, lot de 24", 672),
    ("BALL-22", "Spielball 22 cm", "Ballon 22 cm", 840),
    ("STIRNLAMPE", "Stirnlampe, aufladbar", "Lampe frontale", 1933),
    ("ISOMATTE", "Isomatte, faltbar", "Matelas de camping", 1681),
    ("HANDTUCH-100", "Reisehandtuch 100 x 50 cm", "Serviette de voyage", 1007),
    ("ORGANIZER", "Schubladen-Organizer", "Organiseur de tiroir", 1429),
)
REDUCED_VAT = ("KOCHBUCH-1", "Kochbuch „Schnelle Küche“", "Livre de cuisine", 1869)


@dataclass(frozen=True, slots=True)
class Special:
    """A SKU a sync trips over. ``parts`` are (article, units) of one piece; empty means the code itself."""

    code: str
    name: str
    net_cents: int
    parts: tuple[tuple[str, int], ...] = ()
    active: bool = True


SPECIALS = (
    Special("KREIDE-24-BL-3ER", "Straßenkreide im Dreierpack", 1849, (("KREIDE-24-BL", 3),)),
    Special("PICKNICK-BUENDEL", "Trinkflasche mit Brotdose", 2395, (("FLASCHE-750-SW", 1), ("BROTDOSE-SW", 1))),
    Special("SET-KUECHE", "Küchenset: Messer und zwei Siebe", 4202),
    Special("AUFKLEBER", "Aufkleber (auf Abruf gedruckt)", 250),
    Special("KABEL-C-2M-ROT", "Ladekabel USB-C, 2 m, Rot", 588),
    Special("STOFF-METER", "Baumwollstoff, Meterware", 924),
    Special("PULLOVER", "Pullover (alle Größen)", 2500),
    Special("PULLOVER-M", "Pullover, Größe M", 2500),
    Special("LAMPE-ALT", "Leselampe, Auslaufmodell", 1500),
    Special("NICHT-IN-JTL", "Artikel, den JTL nicht kennt", 999),
    Special("", "Artikel ohne SKU-Code", 777),
    Special("NAPF-XL", "Futternapf XL, erste Auflage", 1100),
    Special("NAPF-XL", "Futternapf XL, zweite Auflage", 1150),
    Special("SONNENSEGEL", "Sonnensegel, ausverkauft", 3350),
    Special("WINTERDECKE", "Winterdecke, nicht gelistet", 4950, active=False),
    Special("BADEMATTE", "Badematte, nicht gelistet", 1350, active=False),
)


def listing(created_at: int) -> list[Sku]:
    """Return the SKUs of the shop's listing, without stock."""
    skus: list[Sku] = []

    def add(goods: int, code: str, names: tuple[str, str], spec: str, net: int, **more: object) -> Sku:
        sku_id = 17_590_000_000_001 + len(skus)
        product = Product(5_200_000_000 + goods, 41_000_000_001 + len(skus), code)
        sku = Sku(
            sku_id=sku_id,
            goods_id=601_000_000_000_000 + goods,
            code=code,
            goods_name=names[0],
            french_name=names[1],
            spec=spec,
            net_cents=net,
            created_at=created_at,
            products=[product],
            reduced_vat=bool(more.get("reduced_vat")),
            active=bool(more.get("active", True)),
        )
        skus.append(sku)
        return sku

    for goods, (code, name, french, net) in enumerate(_GOODS, start=1):
        for suffix, colour in VARIANTS:
            add(goods, f"{code}-{suffix}", (name, french), colour, net)
    add(len(_GOODS) + 1, REDUCED_VAT[0], (REDUCED_VAT[1], REDUCED_VAT[2]), "Gebunden", REDUCED_VAT[3], reduced_vat=True)
    for goods, special in enumerate(SPECIALS, start=len(_GOODS) + 2):
        sku = add(goods, special.code, (special.name, special.name), "Standard", special.net_cents, active=special.active)
        if special.parts:
            sku.products = [
                Product(5_200_000_000 + goods, 41_000_009_000 + 10 * goods + place, article, units)
                for place, (article, units) in enumerate(special.parts)
            ]
    return skus
