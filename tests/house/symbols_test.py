"""Functions marked TRNNSF_API = names in the symbol map = names the shared library exports =
doc/api.yaml, signatures included. Takes the shared library's path."""

import re
import shutil
import subprocess
import sys

import headers
from report import finish


def exported(library):
    """[(name, node)] of what the library defines; absolute symbols are the version nodes."""
    tool = shutil.which("nm")
    if not tool:
        sys.exit("nm is needed (binutils, which the compiler needs too)")
    lines = subprocess.run([tool, "-D", "--defined-only", "--with-symbol-versions", library],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    found = []
    for line in lines:
        kind, symbol = line.split()[-2:]
        name, _, node = symbol.partition("@")
        if kind != "A":
            found.append((name, node.lstrip("@")))
    return found


def differences(left, left_name, right, right_name):
    for name in sorted(set(left) - set(right)):
        yield f"{name} is in {left_name}, not in {right_name}"
    for name in sorted(set(right) - set(left)):
        yield f"{name} is in {right_name}, not in {left_name}"


def signature_faults(declared, listed):
    for name in sorted(set(declared) & set(listed)):
        returns, parameters, header = declared[name]
        entry = listed[name]
        if entry["returns"] != returns:
            yield f"{name}: returns {entry['returns']} in api.yaml, {returns} in {header}"
        written = [declaration for _, _, declaration in entry["parameters"]]
        if written != parameters:
            yield f"{name}: api.yaml has ({', '.join(written)}), {header} ({', '.join(parameters)})"


def mark_faults(listed):
    """What a direction may not contradict."""
    for name, entry in listed.items():
        for direction, optional, declaration in entry["parameters"]:
            pointer = "*" in declaration or re.match(r"trnnsf_\w+_function ", declaration)
            is_result = re.search(r"\bout_\w+$", declaration) is not None
            if is_result and direction not in ("out", "inout"):
                yield f"{name}: {declaration} is a result, marked {direction}"
            if direction == "out" and not is_result and "options_init" not in name:
                yield f"{name}: {declaration} is marked out, but not named out_…"
            if direction != "in" and re.match(r"const [^*]*\*\w+$", declaration):
                yield f"{name}: {declaration} is const, marked {direction}"
            if direction != "in" and not pointer:
                yield f"{name}: {declaration} is a value, marked {direction}"
            if optional and not pointer:
                yield f"{name}: {declaration} is a value, marked optional"
            if (direction == "free") != (name.endswith("_free")):
                yield f"{name}: {declaration}: only _free functions take what they free"


def main():
    declared = headers.functions()
    listed = headers.api()
    nodes = headers.map_names()
    mapped = [name for names in nodes.values() for name in names]
    symbols = exported(sys.argv[1])
    faults = [f"{name} is twice in the symbol map" for name in set(mapped) if mapped.count(name) > 1]
    faults += [f"{name} is a pattern in the symbol map" for name in mapped if "*" in name]
    faults += differences(declared, "the headers", mapped, "the symbol map")
    faults += differences(declared, "the headers", [s[0] for s in symbols], "the library")
    faults += differences(declared, "the headers", listed, "doc/api.yaml")
    faults += [f"{name}: node {node} in the library, not so in the symbol map"
               for name, node in symbols if name not in nodes.get(node, [])]
    faults += signature_faults(declared, listed)
    faults += mark_faults(listed)
    finish(faults, f"{len(declared)} functions in headers, map, library and doc/api.yaml")


main()
