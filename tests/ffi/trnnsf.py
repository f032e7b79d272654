"""The library by ctypes alone: functions from doc/api.yaml, structs from the headers. What stands here
could be written for any language: nothing is compiled, no C of ours is in between."""

import ctypes
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "house"))
import headers  # noqa: E402

PLAIN = {"size_t": ctypes.c_size_t, "uint64_t": ctypes.c_uint64, "uint32_t": ctypes.c_uint32,
         "uint8_t": ctypes.c_uint8, "double": ctypes.c_double, "float": ctypes.c_float,
         "int": ctypes.c_int, "trnnsf_status": ctypes.c_int, "char": ctypes.c_char}
ALL_LAYERS = ctypes.c_size_t(-1).value
OK, INVALID, NO_MEMORY, CANCELLED, IO, FORMAT, UNSUPPORTED = range(7)
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


class Failure(Exception):
    def __init__(self, name, status, text):
        super().__init__(f"{name}: {status}: {text}")
        self.status = status
        self.text = text


def type_of(declaration):
    """The ctypes type of 'const float *values', 'size_t n', 'trnnsf_network **out'."""
    stars = declaration.count("*")
    words = [word for word in re.findall(r"\w+", declaration) if word not in ("const", "struct")]
    if words[0].endswith("_function"):
        return ctypes.c_void_p
    if stars == 0:
        return PLAIN[words[0]]
    if stars == 1 and words[0] == "char":
        return ctypes.c_char_p
    return ctypes.c_void_p


def struct_types():
    """A ctypes.Structure for each public struct; members that point are c_void_p or c_char_p."""
    types = {}
    for path in headers.header_files():
        text = headers.without_comments(path.read_text(encoding="utf-8"))
        for name, body in re.findall(r"\bstruct (trnnsf_\w+)\s*\{(.*?)\n\}", text, flags=re.S):
            fields = []
            for declaration in filter(str.strip, body.split(";")):
                function = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", declaration)
                if function:
                    fields.append((function.group(1), ctypes.c_void_p))
                    continue
                first, *more = declaration.split(",")
                kind = type_of(headers.squeeze(first))
                for part in [first, *more]:
                    fields.append((re.search(r"(\w+)\s*$", part).group(1), kind))
            types[name] = type(name, (ctypes.Structure,), {"_fields_": fields})
    return types


class Library:
    """trnnsf.network_copy(context, network) calls trnnsf_network_copy(): results through out_…
    come back as values, a status that is no success raises Failure."""

    def __init__(self, path):
        self.shared = ctypes.CDLL(os.path.abspath(path))
        self.api = headers.api()
        self.structs = struct_types()
        for name, entry in self.api.items():
            function = getattr(self.shared, name)
            function.restype = None if entry["returns"] == "void" else type_of(entry["returns"])
            function.argtypes = [type_of(declaration) for _, _, declaration in entry["parameters"]]

    def raw(self, name):
        return getattr(self.shared, "trnnsf_" + name)

    def struct(self, name, **members):
        """A struct with struct_size set; option structs with their defaults."""
        made = self.structs["trnnsf_" + name]()
        if "trnnsf_" + name + "_init" in self.api:
            self.raw(name + "_init")(ctypes.byref(made))
        else:
            made.struct_size = ctypes.sizeof(made)
        for member, value in members.items():
            setattr(made, member, value)
        return made

    def __getattr__(self, short):
        name = "trnnsf_" + short
        if name not in self.__dict__["api"]:
            raise AttributeError(short)
        return lambda *arguments: self.call(name, *arguments)

    def call(self, name, *arguments):
        entry = self.api[name]
        given = list(arguments)
        passed, results = [], []
        for _, _, declaration in entry["parameters"]:
            simple = re.match(r"(\w+) \*?\*out_\w+$", declaration)
            if simple and not declaration.startswith(("float", "uint8_t")):
                result = (ctypes.c_void_p() if "**" in declaration else PLAIN[simple.group(1)]())
                results.append(result)
                passed.append(ctypes.byref(result))
                continue
            value = given.pop(0)
            if isinstance(value, str):
                value = value.encode()
            elif isinstance(value, ctypes.Structure):
                value = ctypes.byref(value)
            passed.append(value)
        assert not given, f"{name}: {len(given)} arguments too many"
        returned = getattr(self.shared, name)(*passed)
        if entry["returns"] == "trnnsf_status":
            if returned != OK:
                context = arguments[0] if "*context" in entry["parameters"][0][2] else None
                raise Failure(name, returned, self.error(context))
            values = [result.value if not isinstance(result, ctypes.c_void_p) else result
                      for result in results]
            return values[0] if len(values) == 1 else tuple(values) or None
        if results:
            return returned, results[0].value
        return returned

    def error(self, context):
        return (self.raw("context_error")(context) or b"").decode()


def floats(pointer, count):
    return (ctypes.c_float * count).from_address(pointer) if count else []


def integers(pointer, count):
    return list((ctypes.c_uint32 * count).from_address(pointer)) if count else []


def array(kind, values):
    return (kind * len(values))(*values)
