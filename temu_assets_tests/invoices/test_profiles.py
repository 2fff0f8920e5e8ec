"""Profiles are data: the built-in ones load, a seller's own replace them, and a wrong one says where it is wrong."""

from __future__ import annotations

import pytest

from temu_assets.errors import ConfigurationError
from temu_assets.invoices.profiles import Labelled, Title, load_profiles
from temu_assets.invoices.reading import Kind, Lane
from temu_assets.invoices.text_folding import spellings

OWN = """
id: kartonwerk
issuer: Kartonwerk Süd GmbH
lane: rechnungen
kind: Rechnung
country: DE
language: de
currency: EUR
all_of: [Kartonwerk Süd GmbH]
labels:
  number: [Vorgang]
"""


def test_the_built_in_profiles_are_there() -> None:
    profiles = load_profiles()
    assert set(profiles.languages) == {"de", "en", "fr", "it", "es", "nl", "pl", "sv"}
    for code in ("de", "fr", "it", "es", "nl", "be", "pl", "se", "uk", "ie"):
        assert {f"amazon-{code}-invoice", f"amazon-{code}-credit", f"amazon-ads-{code}"} <= set(profiles.issuers)
    assert {"google-ads-de", "google-ads-en", "meta-ads-de", "meta-ads-en", "temu-fees-en", "temu-ads-en"} <= set(profiles.issuers)
    assert profiles.issuers["amazon-uk-invoice"].country == "GB"
    assert profiles.issuers["amazon-ads-de"].lane is Lane.ADVERTISING


def test_every_language_has_the_labels_an_invoice_needs() -> None:
    needed = {Labelled.NUMBER, Labelled.CREDIT_NUMBER, Labelled.ISSUED_ON, Labelled.NET, Labelled.TAX, Labelled.GROSS, Labelled.PAYABLE}
    for language in load_profiles().languages.values():
        assert needed <= set(language.labels), language.id
        assert {Title.INVOICE, Title.CREDIT_NOTE} <= set(language.titles), language.id


def test_no_label_of_a_language_means_two_things() -> None:
    for language in load_profiles().languages.values():
        seen: dict[tuple[str, ...], Labelled] = {}
        for means, strengths in language.labels.items():
            for text in (text for texts in strengths.values() for text in texts):
                for words in spellings(text):
                    assert seen.setdefault(words, means) is means, f"{language.id}: {text}"


def test_a_profile_of_the_seller_is_added_and_replaces_one_of_the_same_id() -> None:
    profiles = load_profiles((("own.yaml", OWN),))
    assert profiles.issuers["kartonwerk"].labels[Labelled.NUMBER] == ("Vorgang",)
    again = load_profiles((("own.yaml", OWN), ("later.yaml", OWN.replace("Rechnung\n", "Gutschrift\n"))))
    assert again.issuers["kartonwerk"].kind is Kind.CREDIT_NOTE
    replaced = load_profiles((("own.yaml", OWN.replace("id: kartonwerk", "id: amazon-de-invoice")),))
    assert replaced.issuers["amazon-de-invoice"].issuer == "Kartonwerk Süd GmbH"
    assert len(replaced.issuers) == len(load_profiles().issuers)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id: [", "it is no YAML in line"),
        ("", "it is empty"),
        ("- a\n- b", "a profile is a mapping"),
        (OWN.replace("lane: rechnungen", "lane: sonstwo"), "lane"),
        (OWN.replace("lane: rechnungen\n", ""), "lane: Field required"),
        (OWN.replace("language: de", "language: xx"), "there is no language 'xx'"),
        (OWN.replace("all_of: [Kartonwerk Süd GmbH]\n", ""), "all_of or any_of has to name a phrase"),
        (OWN.replace("number: [Vorgang]", "nummer: [Vorgang]"), "labels.nummer"),
        (OWN.replace("[Vorgang]", "['---']"), "'---' has no letter or digit"),
        (OWN + "farbe: rot\n", "farbe: Extra inputs are not permitted"),
        (OWN.replace("id: kartonwerk", "id: Karton Werk"), "id: String should match"),
        (OWN.replace("[Vorgang]", "[no]"), "labels.number.0"),
        ("!!python/object/apply:os.system ['true']", "it is no YAML"),
        ("a: " + "x" * 300_000, "longer than"),
    ],
)
def test_a_wrong_profile_names_the_file_and_what_is_wrong(text: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_profiles((("mein-lieferant.yaml", text),))
    assert told in caught.value.what
    assert "mein-lieferant.yaml" in caught.value.what or "kartonwerk" in caught.value.what


def test_a_label_is_known_without_its_accents_and_without_its_accented_letters() -> None:
    assert spellings("Nr faktury korygującej") == {("nr", "faktury", "korygujacej"), ("nr", "faktury", "korygujcej")}
    assert ("faelligkeit",) in spellings("Fälligkeit")
    assert spellings("USt-IdNr.") == {("ust", "idnr")}
