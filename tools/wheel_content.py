"""Is everything of the packages in the wheel, package data included, and nothing else?"""

import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile


def main(wheel: str) -> int:
    """Compare the wheel with what git tracks; print each difference."""
    declared = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    packages = declared["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    listed = subprocess.run(["git", "ls-files", *packages], check=True, capture_output=True, text=True)
    tracked = {name for name in listed.stdout.splitlines() if Path(name).exists()}
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    for name in sorted(tracked - held):
        print(f"not in the wheel: {name}", file=sys.stderr)
    # A file that git does not know yet may belong to a package; anything outside the packages may not.
    strangers = sorted(name for name in held if name.split("/")[0] not in packages)
    for name in strangers:
        print(f"does not belong into the wheel: {name}", file=sys.stderr)
    print(f"wheel: {len(held)} files of {len(packages)} packages")
    return int(bool(tracked - held or strangers))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
