"""The check against the seller's own schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from temu_assets.errors import ConfigurationError
from temu_assets.orders.jtl_format import ORDER_LEAVES
from temu_assets.orders.jtl_xml import XmlOptions, render
from temu_assets.orders.jtl_xsd import check_with_xsd
from temu_assets_tests.orders.samples import example_order

LEAVES = "\n".join(f'<xs:element name="{leaf.name}" type="xs:string"/>' for leaf in ORDER_LEAVES)
SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="tBestellungen"><xs:complexType><xs:sequence>
<xs:element name="tBestellung"><xs:complexType><xs:sequence>{LEAVES}
<xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/>
</xs:sequence><xs:anyAttribute processContents="skip"/></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""


def schema_file(folder: Path, text: str) -> Path:
    path = folder / "OldWawi.xsd"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_valid_order_has_no_findings(tmp_path: Path) -> None:
    assert check_with_xsd(render(example_order(), XmlOptions()), schema_file(tmp_path, SCHEMA)) == ()


def test_a_finding_names_the_element_and_not_its_content(tmp_path: Path) -> None:
    strict = SCHEMA.replace('name="cSprache" type="xs:string"', 'name="cSprache" type="xs:integer"')
    findings = check_with_xsd(render(example_order(), XmlOptions()), schema_file(tmp_path, strict))
    assert any("cSprache" in sentence for sentence in findings)
    assert not any("ger" in sentence.replace("cSprache", "") for sentence in findings if "INTEGER" not in sentence.upper())


@pytest.mark.parametrize("text", [None, "no xml", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element/></xs:schema>'])
def test_a_file_that_is_no_schema_is_a_setting_to_correct(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "absent.xsd" if text is None else schema_file(tmp_path, text)
    with pytest.raises(ConfigurationError, match="could not be read as an XML schema"):
        check_with_xsd("<x/>", path)


@pytest.mark.parametrize("xml", ["<tBestellungen>", "<tBestellungen>ß</tBestellungen>"])
def test_text_that_is_no_ascii_xml_is_a_finding(tmp_path: Path, xml: str) -> None:
    assert check_with_xsd(xml, schema_file(tmp_path, SCHEMA)) == ("The document is not well-formed ASCII XML.",)
