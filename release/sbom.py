"""The list of everything a release consists of (SBOM, CycloneDX 1.6), read from requirements.lock and pyproject.toml; needs no network.

In it is what the program needs in production with its extras, on every system: a package that only Windows needs is listed with the
condition that says so. Hashes are those pip checks when it installs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from temu_assets.cli.locked import LOCK, Locked, canonical, production, read_lock

PROJECT = Path(__file__).resolve().parent.parent
EXTRAS = ("sqlserver", "postgresql")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def packages(project: Path = PROJECT) -> list[Locked]:
    """What is installed in production, as the lock file pins it."""
    return production(read_lock((project / LOCK).read_text(encoding="utf-8")), direct(project))


def direct(project: Path = PROJECT) -> list[str]:
    """The packages the program asks for itself, extras included; canonical names."""
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked_for = [*about["dependencies"], *(each for extra in EXTRAS for each in about["optional-dependencies"][extra])]
    return sorted({canonical(found[0]) for each in asked_for if (found := _NAME.match(each))})


def sbom(project: Path = PROJECT) -> str:
    """The list as JSON."""
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    root = Component(
        type=ComponentType.APPLICATION,
        name=about["name"],
        version=about["version"],
        description=about["description"],
        bom_ref="root",
        purl=PackageURL("pypi", name=about["name"], version=about["version"]),
    )
    bom = Bom(components=[])
    bom.metadata.component = root
    locked = packages(project)
    components = {(package.name, package.version): _component(package) for package in locked}
    for component in components.values():
        bom.components.add(component)
    asked_for = set(direct(project))
    bom.register_dependency(root, [component for (name, _), component in components.items() if name in asked_for])
    for package in locked:
        bom.register_dependency(components[package.name, package.version], _needs(package, locked, components))
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _needs(package: Locked, locked: Sequence[Locked], components: dict[tuple[str, str], Component]) -> list[Component]:
    return [components[other.name, other.version] for other in locked if package.name in other.via]


def _component(package: Locked) -> Component:
    purl = PackageURL("pypi", name=package.name, version=package.version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(purl.to_string()),
        comment="one hash for each file of this version that may be installed",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in package.hashes],
    )
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        bom_ref=f"{package.name}@{package.version}",
        purl=purl,
        external_references=[files],
        properties=[Property(name="temu-assets:only-where", value=package.marker)] if package.marker else [],
    )
