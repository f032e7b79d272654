"""Drafts doc/api.yaml from the headers: `python3 tests/house/api_yaml.py > draft`. Marks that the file
already has are kept; what is new gets a guess, to be looked at by a person."""

import re
import sys

import headers

HEAD = """\
# Every public function on one line, for those who bind the library to another language.
#
# parameters: each has a direction and, where NULL is allowed, `optional`.
#   in      read only              out     written on success, untouched otherwise
#   inout   read and changed       free    given up by the caller; NULL is fine
# A result that is a struct is inout: its struct_size is read, the rest is written.
# rng: true where the result depends on a seed (in the options, the schedule or a parameter).
# since: the first version that has the function.
#
# A pointer that is returned belongs to the object it was asked of; an object through out_… belongs to
# the caller. tests/house/symbols_test.py holds this file against the headers, the symbol map and the
# built library; tests/ffi/ drives the library by it.
"""


def guess_parameter(function, declaration):
    if function.endswith("_free"):
        return ("free", True)
    if re.match(r"struct \w+ \*out_", declaration):
        return ("inout", False)
    if re.search(r"\bout_\w+$", declaration):
        return ("out", False)
    if function.endswith("options_init"):
        return ("out", True)
    if "*" not in declaration:
        return ("in", False)
    if re.match(r"trnnsf_context \*context$", declaration):
        return ("inout", False)
    optional = re.search(r"\*options$", declaration) is not None
    if declaration.startswith("const ") and declaration.count("*") == 1:
        return ("in", optional)
    return ("inout", optional)


def line(name, declared, known):
    returns, parameters, _ = declared
    marks = {declaration: (direction, optional)
             for direction, optional, declaration in known["parameters"]} if known else {}
    written = []
    for declaration in parameters:
        direction, optional = marks.get(declaration) or guess_parameter(name, declaration)
        written.append(f"{direction}{' optional' if optional else ''} {declaration}")
    rng = known["rng"] if known else any("seed" in p for p in parameters)
    since = known["since"] if known else "0.1"
    return (f'{name}: {{returns: "{returns}", parameters: "{", ".join(written)}", '
            f'rng: {str(rng).lower()}, since: "{since}"}}')


def main():
    known = headers.api() if headers.API.exists() else {}
    print(HEAD)
    header = None
    for name, declared in headers.functions().items():
        if declared[2] != header:
            header = declared[2]
            print(f"# {header}")
        print(line(name, declared, known.get(name)))


if __name__ == "__main__":
    sys.exit(main())
