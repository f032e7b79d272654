"""Every function of doc/api.yaml with NULL and zero for everything, with a context and NULL for the
rest, and with absurd numbers: statuses, never a crash. Takes the shared library."""

import ctypes
import sys

import trnnsf


def arguments(entry, context, number):
    """NULL for each pointer but the context, `number` for each value; a place for each result."""
    made = []
    for direction, _, declaration in entry["parameters"]:
        kind = trnnsf.type_of(declaration)
        if context is not None and declaration in ("trnnsf_context *context", "const trnnsf_context *context"):
            made.append(context)
        elif kind in (ctypes.c_void_p, ctypes.c_char_p):
            made.append(None)
        elif kind is ctypes.c_double:
            made.append(float("nan") if number else 0.0)
        else:
            made.append(kind(number if kind is not ctypes.c_int else min(number, 2 ** 31 - 1)))
    return made


def needs_more(entry):
    """Whether a pointer beside the context must be given."""
    return any("*" in declaration and not optional and "trnnsf_context *" not in declaration
               for _, optional, declaration in entry["parameters"])


def try_all(lib, context, number, faults):
    for name, entry in lib.api.items():
        if name in ("trnnsf_context_free", "trnnsf_context_cancel") and context is not None:
            continue
        print(name, "context" if context else "NULL", number, flush=True)
        returned = getattr(lib.shared, name)(*arguments(entry, context, number))
        if entry["returns"] != "trnnsf_status":
            continue
        takes_context = any("trnnsf_context *context" in part[2] for part in entry["parameters"])
        if context is None and takes_context or needs_more(entry):
            if returned != trnnsf.INVALID:
                faults.append(f"{name}: status {returned} for NULL, not TRNNSF_E_INVALID")
            elif context is not None and takes_context:
                text = lib.error(context)
                if not text.startswith(name):
                    faults.append(f"{name}: the error text is '{text}'")


def main():
    lib = trnnsf.Library(sys.argv[1])
    faults = []
    context = lib.context_create(None)
    for number in (0, 2 ** 32 - 1, 2 ** 63):
        try_all(lib, None, number, faults)
        try_all(lib, context, number, faults)
    lib.context_free(context)
    for fault in sorted(set(faults)):
        print("FAULT", fault)
    sys.exit(1 if faults else 0)


main()
