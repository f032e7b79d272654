"""Prints the frozen copies of all public structs and enum values, for tests/abi/layouts.h. Run it
when a version is released, and never edit what an earlier version froze:
`python3 tests/abi/freeze.py > tests/abi/layouts.h`."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "house"))
import headers  # noqa: E402

HEAD = """\
/* The public structs as version {version} released them, and the values of all constants then. Drafted by
 * freeze.py; a released copy is never edited. layout_test.c compares the headers of today with it. */
#ifndef LAYOUTS_H
#define LAYOUTS_H

#include <trnnsf/trnnsf.h>
"""


def constants():
    """[(constant, value text)] with the values as the headers write or imply them."""
    found = [(name, str(number)) for number, name in headers.statuses()]
    for path in headers.header_files():
        text = headers.without_comments(path.read_text(encoding="utf-8"))
        for name, body in re.findall(r"\benum (trnnsf_\w+)\s*\{([^}]*)\}", text):
            if name == "trnnsf_status":
                continue
            for constant in filter(str.strip, body.split(",")):
                explicit = re.match(r"\s*(\w+)\s*=\s*(\w+)\s*$", constant)
                assert explicit, f"{path.name}: {constant.strip()} has no explicit value"
                found.append(explicit.groups())
    return found


def struct_bodies():
    for path in headers.header_files():
        text = headers.without_comments(path.read_text(encoding="utf-8"))
        for name, body in re.findall(r"\bstruct (trnnsf_\w+)\s*\{(.*?)\n\}", text, flags=re.S):
            lines = [re.sub(r"\s+", " ", part).strip() for part in body.split(";")]
            yield name, [line for line in lines if line]


def wrapped(line):
    """A declaration cut at commas to a hundred columns."""
    out, rest = [], "    " + line
    while len(rest) > 100:
        cut = rest.rfind(", ", 0, 99) + 1
        out.append(rest[:cut])
        rest = " " * 8 + rest[cut:].strip()
    return "\n".join(out + [rest])


def main():
    version = re.search(r"version: '([\d.]+)'", (headers.ROOT / "meson.build").read_text()).group(1)
    print(HEAD.format(version=version))
    for name, lines in struct_bodies():
        print(f"struct frozen_{name} {{")
        for line in lines:
            print(wrapped(line + ";"))
        print("};\n")
    print("/* M(struct, member) of every member. */\n#define FROZEN_MEMBERS(M) \\")
    members = [f"    M({name}, {member})" for name, listed in headers.structs().items()
               for member in listed]
    print(" \\\n".join(members))
    print("\n/* S(struct) of every struct. */\n#define FROZEN_STRUCTS(S) \\")
    print(" \\\n".join(f"    S({name})" for name in headers.structs()))
    print("\n/* C(constant, value) of every constant. */\n#define FROZEN_CONSTANTS(C) \\")
    print(" \\\n".join(f"    C({name}, {value})" for name, value in constants()))
    print("\n#endif")


main()
