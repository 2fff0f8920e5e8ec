"""Checking an order document against the seller's own ``OldWawi.xsd``, which JTL installs beside its programs.

The one module of these rules that opens a file. Source: fact sheet jtl-wawi, section 1.12.
"""

from __future__ import annotations

from pathlib import Path

from temu_assets.errors import ConfigurationError


def check_with_xsd(xml: str, xsd_path: Path) -> tuple[str, ...]:
    """What the schema finds wrong, one sentence each; empty means valid.

    Findings name the element and the rule, never the content, which is the buyer's. Raises ``ConfigurationError`` when
    the file is missing or is no schema.
    """
    from lxml import etree  # slow to import, and only shops with a schema need it

    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    try:
        schema = etree.XMLSchema(etree.parse(xsd_path, parser))
    except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise ConfigurationError(
            f"{xsd_path} could not be read as an XML schema ({type(error).__name__}).",
            remedy="Point the setting at the OldWawi.xsd of your JTL installation (folder Importdateien), or leave it empty.",
        ) from error
    try:
        document = etree.fromstring(xml.encode("ascii"), parser)
    except (UnicodeEncodeError, etree.XMLSyntaxError):
        return ("The document is not well-formed ASCII XML.",)
    if schema.validate(document):
        return ()
    return tuple(f"{entry.path or 'line ' + str(entry.line)}: {entry.type_name}" for entry in schema.error_log)
