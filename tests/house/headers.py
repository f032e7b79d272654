"""Reads the public headers and doc/api.yaml. The headers are plain enough for regular expressions:
one mark TRNNSF_API before each function, no macros in signatures."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include" / "trnnsf"
API = ROOT / "doc" / "api.yaml"
MAP = ROOT / "lib" / "libtrnnsf.map"


def without_comments(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return re.sub(r"//[^\n]*", " ", text)


def squeeze(text):
    """One spelling of a C type or parameter list: single blanks, stars at the name."""
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s*\*\s*", "*", text)
    text = re.sub(r"(?<=[\w)])\*", " *", text)
    return re.sub(r"\s*,\s*", ", ", text)


def header_files():
    return sorted(HEADERS.glob("*.h"))


def functions():
    """{name: (return type, [parameter, ...], header)} of every TRNNSF_API function."""
    found = {}
    for path in header_files():
        text = without_comments(path.read_text(encoding="utf-8"))
        text = re.sub(r"^\s*#(?:[^\n\\]|\\\n|\\.)*", "", text, flags=re.M)
        for match in re.finditer(r"\bTRNNSF_API\s+([^;(]*?)(\btrnnsf_\w+)\s*\(([^;]*?)\)\s*;", text):
            returns, name, parameters = match.groups()
            parameters = squeeze(parameters)
            listed = [] if parameters == "void" else parameters.split(", ")
            found[name] = (squeeze(returns), listed, path.name)
        marks = len(re.findall(r"\bTRNNSF_API\b", text))
        here = sum(1 for entry in found.values() if entry[2] == path.name)
        assert marks == here, f"{path.name}: {marks} marks TRNNSF_API, {here} functions understood"
    return found


def structs():
    """{name: [member names]} of every public struct with a body."""
    found = {}
    for path in header_files():
        text = without_comments(path.read_text(encoding="utf-8"))
        for name, body in re.findall(r"\bstruct (trnnsf_\w+)\s*\{(.*?)\n\}", text, flags=re.S):
            members = []
            for declaration in body.split(";"):
                function = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", declaration)
                if function:
                    members.append(function.group(1))
                elif declaration.strip():
                    first, *more = declaration.split(",")
                    members.append(re.search(r"(\w+)\s*$", first).group(1))
                    members += [re.search(r"(\w+)\s*$", part).group(1) for part in more]
            found[name] = members
    return found


def enums():
    """[(enum name, constant)] of every public enum, in order, the statuses apart."""
    found = []
    for path in header_files():
        text = without_comments(path.read_text(encoding="utf-8"))
        for name, body in re.findall(r"\benum (trnnsf_\w+)\s*\{([^}]*)\}", text):
            if name == "trnnsf_status":
                continue
            for constant in body.split(","):
                if constant.strip():
                    found.append((name, re.match(r"\s*(\w+)", constant).group(1)))
    return found


def statuses():
    """[(number, constant)] of the status list."""
    text = (HEADERS / "status.h").read_text(encoding="utf-8")
    return [(int(number), "TRNNSF_" + name)
            for number, name in re.findall(r"X\((\d+), (\w+),", text)]


LINE = re.compile(r'^(trnnsf_\w+): \{returns: "([^"]*)", parameters: "([^"]*)", '
                  r'rng: (true|false), since: "([0-9.]+)"\}$')
PARAMETER = re.compile(r"^(in|out|inout|free)( optional)? (.*)$")


def api():
    """{name: {returns, parameters: [(direction, optional, declaration)], rng, since}} of doc/api.yaml.
    The file is YAML of one form only, a flow mapping a line, so that this reader is enough."""
    listed = {}
    for number, line in enumerate(API.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = LINE.match(line)
        assert match, f"doc/api.yaml:{number}: not of the form that its head describes: {line}"
        name, returns, parameters, rng, since = match.groups()
        assert name not in listed, f"doc/api.yaml:{number}: {name} is listed twice"
        entries = []
        for parameter in parameters.split(", ") if parameters else []:
            marked = PARAMETER.match(parameter)
            assert marked, f"doc/api.yaml:{number}: no direction at '{parameter}'"
            entries.append((marked.group(1), bool(marked.group(2)), marked.group(3)))
        listed[name] = {"returns": returns, "parameters": entries, "rng": rng == "true",
                        "since": since}
    return listed


def map_names():
    """{node: [names]} of the symbol map's global names."""
    text = re.sub(r"/\*.*?\*/", " ", MAP.read_text(encoding="utf-8"), flags=re.S)
    nodes = {}
    for node, body in re.findall(r"(\w[\w.]*)\s*\{(.*?)\}", text, flags=re.S):
        section = None
        for word in re.findall(r"[\w*]+(?=\s*[:;])|[:;]", body):
            if word in ("global", "local"):
                section = word
            elif word not in (":", ";") and section == "global":
                nodes.setdefault(node, []).append(word)
    return nodes
