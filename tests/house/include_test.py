"""Each #include in lib/ against the table of rooms in lib/README.md."""

import pathlib
import re

from report import finish

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIB = ROOT / "lib"
ROW = re.compile(r"^\|\s*(\d+)\s*\|\s*`([\w/]+?)/`\s*\|.*\|\s*([^|]*?)\s*\|$")
# Room base/ alone names threads and clocks; alloc.h is the only door to malloc.
BASE_ONLY = {"pthread.h", "threads.h", "time.h", "sys/time.h", "signal.h", "unistd.h"}


def rooms():
    table = {}
    for line in (LIB / "README.md").read_text(encoding="utf-8").splitlines():
        row = ROW.match(line)
        if row:
            floor, room, allowed = row.groups()
            table[room] = (int(floor), allowed)
    for room, (floor, allowed) in list(table.items()):
        if allowed == "-":
            names = set()
        elif allowed == "all above":
            names = {other for other in table if table[other][0] < floor}
        else:
            names = {name.strip() for name in allowed.split(",")}
        table[room] = (floor, names)
    return table


def table_faults(table):
    for room, (floor, allowed) in table.items():
        if not (LIB / room).is_dir():
            yield f"lib/README.md: no folder lib/{room}"
        for other in allowed:
            if other not in table:
                yield f"lib/README.md: {room} may include {other}, which is no room"
            elif table[other][0] >= floor:
                yield f"lib/README.md: {room} (floor {floor}) may not include {other} (floor {table[other][0]})"
    for folder in LIB.iterdir():
        if folder.is_dir() and not any(r == folder.name or r.startswith(folder.name + "/") for r in table):
            yield f"lib/{folder.name}/ is not in the table of lib/README.md"


def room_of(path, table):
    """The longest room name that the path begins with."""
    fits = [room for room in table if str(path).startswith(room + "/")]
    return max(fits, key=len) if fits else None


def file_faults(path, table):
    relative = path.relative_to(LIB)
    room = room_of(relative, table)
    if room is None:
        yield f"lib/{relative} is in no room"
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        include = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not include:
            continue
        quote, name = include.groups()
        where = f"lib/{relative}:{number}"
        if quote == "<":
            if name in BASE_ONLY and room != "base":
                yield f"{where}: <{name}> only in base/"
            continue
        other = room_of(name, table)
        if other is None:
            yield f'{where}: "{name}" is not written from a room'
        elif other != room and other not in table[room][1]:
            yield f"{where}: {room} may not include {other} ({name})"
        elif not (LIB / name).is_file():
            yield f"{where}: no file lib/{name}"


def public_faults(table):
    """Public headers include public and standard headers only."""
    standard = {"stddef.h", "stdint.h"}
    for path in sorted((ROOT / "include" / "trnnsf").glob("*.h")):
        for name in re.findall(r'#\s*include\s*[<"]([^>"]+)[>"]', path.read_text(encoding="utf-8")):
            if name not in standard and not name.startswith("trnnsf/"):
                yield f"include/trnnsf/{path.name}: includes {name}"


def main():
    table = rooms()
    faults = [] if len(table) >= 12 else [f"lib/README.md: only {len(table)} rooms understood"]
    faults += table_faults(table)
    files = sorted(LIB.rglob("*.[ch]"))
    for path in files:
        faults += file_faults(path, table)
    faults += public_faults(table)
    finish(faults, f"{len(files)} files in {len(table)} rooms include downwards only")


main()
