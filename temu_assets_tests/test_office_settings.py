"""The settings of invoices, bookkeeping and uploads: what is taken, and what is refused without showing its value."""

from __future__ import annotations

import pytest

from temu_assets.errors import ConfigurationError
from temu_assets.office_settings import Correction, CriticalFiles, DocumentField, Split
from temu_assets.settings import load_settings


def test_without_any_setting_files_are_passed_on_unchanged() -> None:
    given = load_settings()
    assert given.datev_corrections == frozenset()
    assert (given.datev_belegfeld1, given.datev_critical_files, given.datev_split) == (
        DocumentField.CUSTOMER_NUMBER,
        CriticalFiles.WITHHOLD,
        Split.NONE,
    )
    assert given.datev_critical_accounts == ((0, 20),)
    assert not given.datev_jtl_sums


def test_lists_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATEV_CORRECTIONS", "K1, k2,K3,")
    monkeypatch.setenv("DATEV_CRITICAL_ACCOUNTS", "0-20, 9999")
    monkeypatch.setenv("DATEV_DEBTORS", "amazon=1000000,temu=1000100")
    monkeypatch.setenv("DATEV_AUTOMATIC_ACCOUNTS", "8400,4400")
    monkeypatch.setenv("UPLOAD_HOSTS", "Office.example.invalid, files.example.invalid")
    given = load_settings()
    assert given.datev_corrections == {Correction.DOCUMENT_FIELD, Correction.CHECK_MARK, Correction.DATE}
    assert given.datev_critical_accounts == ((0, 20), (9999, 9999))
    assert given.datev_debtors == (("amazon", "1000000"), ("temu", "1000100"))
    assert given.datev_automatic_accounts == (8400, 4400)
    assert given.upload_hosts == ("office.example.invalid", "files.example.invalid")


def test_a_vat_id_is_taken_as_people_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOICE_OWN_VAT_ID", "de 123 456.789")
    assert load_settings().invoice_own_vat_id == "DE123456789"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATEV_CORRECTIONS", "K1,K99"),
        ("DATEV_CRITICAL_ACCOUNTS", "7766-55"),
        ("DATEV_CRITICAL_ACCOUNTS", "secret"),
        ("DATEV_DEBTORS", "amazon:1000000"),
        ("DATEV_LOCK_FLAG", "776655"),
        ("DATEV_DEFAULT_DEBTOR", "1000000000000"),
        ("DATEV_TEMU_INVOICE_NUMBERS", "(776655"),
        ("INVOICE_OWN_VAT_ID", "776655"),
        ("INVOICE_FOLDERS", "scans776655"),
        ("INVOICE_FOLDERS", "privat776655=/mnt/x"),
        ("UPLOAD_PROXY_USER_HEADER", "X User"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert name in str(refused.value)
    assert value not in str(refused.value)
