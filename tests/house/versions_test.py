"""Every public name is in doc/symbols-in-versions, with the version that doc/api.yaml says.
`versions_test.py draft` prints the list with today's names added as of this version."""

import re
import sys

import headers
from report import finish

LIST = headers.ROOT / "doc" / "symbols-in-versions"


def macros():
    """Public macros; include guards and list helpers that headers undefine again are none."""
    found = []
    for path in headers.header_files():
        text = path.read_text(encoding="utf-8")
        guard = re.search(r"#ifndef (\w+)", text).group(1)
        undefined = set(re.findall(r"#undef (\w+)", text))
        for name in re.findall(r"^#define (TRNNSF_\w+)", text, flags=re.M):
            if name != guard and name not in undefined and name not in found:
                found.append(name)
    return found


def types():
    """Opaque handles, callback types, structs and enums."""
    found = set(headers.structs()) | {name for name, _ in headers.enums()} | {"trnnsf_status"}
    for path in headers.header_files():
        text = headers.without_comments(path.read_text(encoding="utf-8"))
        found |= set(re.findall(r"typedef struct \w+ (\w+);", text))
        found |= set(re.findall(r"typedef [^;]*?\(\*(\w+)\)\s*\(", text))
    return found


def public_names():
    names = set(headers.functions()) | types() | set(macros())
    names |= {constant for _, constant in headers.enums()}
    names |= {constant for _, constant in headers.statuses()}
    return names


def listed():
    table = {}
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, since, *rest = line.split()
            assert name not in table, f"{name} is listed twice"
            assert len(rest) <= 1, line
            table[name] = since
    return table


def current_version():
    text = (headers.HEADERS / "context.h").read_text(encoding="utf-8")
    return ".".join(re.search(rf"TRNNSF_VERSION_{part} (\d+)", text).group(1) for part in ("MAJOR", "MINOR"))


def draft(table):
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            print(line)
    for name in sorted(set(table) | public_names()):
        print(f"{name:<43} {table.get(name, current_version())}")


def main():
    table = listed()
    if sys.argv[1:] == ["draft"]:
        draft(table)
        return
    names = public_names()
    faults = [f"{name} is public, not in doc/symbols-in-versions" for name in sorted(names - set(table))]
    faults += [f"{name} is in doc/symbols-in-versions, not in the headers: names are never removed"
               for name in sorted(set(table) - names)]
    for name, entry in headers.api().items():
        if name in table and table[name] != entry["since"]:
            faults.append(f"{name}: since {table[name]} here, {entry['since']} in doc/api.yaml")
    finish(faults, f"{len(names)} public names in doc/symbols-in-versions")


main()
