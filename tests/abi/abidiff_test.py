"""The ABI of the built library against the recorded dump tests/abi/<arch>.abi, by libabigail. Any
difference fails; an intended addition renews the dump in the same commit:
`python3 tests/abi/abidiff_test.py record BUILD/lib/libtrnnsf.so.0.1.0` with a build of
`-Dbuildtype=debug -Dcblas=disabled` (the ABI does not depend on it, and the dump stays small)."""

import pathlib
import platform
import re
import shutil
import subprocess
import sys

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def skip(reason):
    print("SKIPPED:", reason)
    sys.exit(SKIPPED)


def needed(tool):
    path = shutil.which(tool)
    if not path:
        skip(f"no {tool} (Debian: abigail-tools)")
    return path


def record(library, dump):
    subprocess.run([needed("abidw"), "--headers-dir", str(ROOT / "include"), "--drop-private-types",
                    "--no-corpus-path", "--no-comp-dir-path", "--out-file", str(dump), library],
                   check=True)
    text = dump.read_text(encoding="utf-8")
    # Sources are named from the top level, whoever records.
    text = re.sub(r"filepath='(?:[^']*/)?((?:include|lib|tests)/[^']*)'", r"filepath='\1'", text)
    text = re.sub(r"path='(?:[^']*/)?((?:include|lib)/[^']*\.[ch])'", r"path='\1'", text)
    dump.write_text(text, encoding="utf-8")
    print("recorded", dump.relative_to(ROOT))


def has_debug_information(library):
    readelf = shutil.which("readelf")
    if not readelf:
        skip("no readelf to see whether the library has debug information")
    sections = subprocess.run([readelf, "-S", "-W", library], capture_output=True, text=True, check=True)
    return ".debug_info" in sections.stdout


def main():
    dump = HERE / f"{platform.machine()}.abi"
    if sys.argv[1] == "record":
        record(sys.argv[2], dump)
        return
    library = sys.argv[1]
    if not dump.exists():
        skip(f"no dump recorded for {platform.machine()}")
    abidiff = needed("abidiff")
    if not has_debug_information(library):
        skip("the library has no debug information (configure with --buildtype=debug)")
    result = subprocess.run([abidiff, "--headers-dir2", str(ROOT / "include"), "--drop-private-types",
                             str(dump), library], capture_output=True, text=True)
    print(result.stdout, result.stderr, sep="")
    if result.returncode != 0:
        sys.exit(f"abidiff: {result.returncode}: the ABI is not the recorded one")
    print("the ABI is the recorded one")


main()
