"""The bill of materials names every pinned package with its version."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.house.dependencies import normal, packages


def main(file: Path) -> None:
    """Compare a CycloneDX file with requirements.txt.

    Raises:
        SystemExit: a package is missing, or of another version.
    """
    components = json.loads(file.read_text(encoding="utf-8"))["components"]
    listed = {normal(component["name"]): component["version"] for component in components}
    pinned = {normal(package.name): package.version for package in packages()}
    if wrong := pinned.items() - listed.items():
        raise SystemExit(f"{file} lacks or misstates {sorted(wrong)}")
    licensed = sum(bool(component.get("licenses")) for component in components)
    print(f"{file}: {len(components)} packages, {licensed} of them with a licence")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
