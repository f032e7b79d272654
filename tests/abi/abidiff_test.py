"""The ABI of the built library against the recorded dump tests/abi/<arch>.abi, by libabigail. Any
difference fails; an intended addition renews the dump in the same commit:
`python3 tests/abi/abidiff_test.py record BUILD/lib/libtrnnsf.so.0.1.0` of a build with
`--buildtype=debugoptimized`. What lies under the library (its needs, undefined symbols, private types)
is left out: it depends on the build."""

import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
# What is private: every struct that no public header defines. libabigail's --headers-dir knows headers
# by their last name only, and some of ours share it with one inside, so changes there are told here.
PRIVATE = """\
[suppress_type]
  source_location_not_regexp = include/trnnsf/
"""
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


def run(tool, *arguments):
    return subprocess.run([needed(tool), "--exported-interfaces-only", "--drop-private-types",
                           *map(str, arguments)], capture_output=True, text=True)


def record(library, dump):
    result = run("abidw", "--headers-dir", ROOT / "include", "--drop-undefined-syms",
                 "--no-elf-needed", "--no-corpus-path", "--no-comp-dir-path", library)
    if result.returncode != 0:
        sys.exit(result.stderr)
    # Sources are named from the top level, whoever records.
    text = re.sub(r"path='[^']*/((?:include|lib)/[^']*\.[ch])'", r"path='\1'", result.stdout)
    dump.write_text(re.sub(r"filepath='/usr/[^']*/", "filepath='", text), encoding="utf-8")
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
    if not has_debug_information(library):
        skip("the library has no debug information (configure with --buildtype=debugoptimized)")
    with tempfile.NamedTemporaryFile("w", suffix=".suppr") as private:
        private.write(PRIVATE)
        private.flush()
        result = run("abidiff", "--headers-dir2", ROOT / "include",
                     "--suppressions", private.name, dump, library)
    print(result.stdout, result.stderr, sep="")
    if result.returncode != 0:
        sys.exit(f"abidiff: {result.returncode}: the ABI is not the recorded one")
    print("the ABI is the recorded one")


main()
