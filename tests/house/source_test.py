"""What sources may not hold: calls that end the process or print, memory outside base/, names that
other languages cannot bind, paths of somebody's machine; and no function longer than a screen or two.
Long functions need ctags: without it that part is skipped, in words."""

import pathlib
import re
import shutil
import subprocess

import headers
from report import finish

ROOT = pathlib.Path(__file__).resolve().parents[2]
FORBIDDEN = ["abort", "exit", "_exit", "quick_exit", "printf", "vprintf", "puts", "putchar", "perror",
             "system", "popen", "gets", "strcpy", "strcat", "sprintf", "vsprintf", "rand", "srand",
             "random", "signal", "atexit", "setlocale", "alloca", "strtok"]
MEMORY = ["malloc", "calloc", "realloc", "free", "strdup", "strndup", "aligned_alloc",
          "posix_memalign", "getline", "asprintf"]
MACHINE = re.compile(r"/(?:work|root|home/\w+|tmp/bash_jobs|farm)/")
LONGEST_FUNCTION = 80
LONGEST_FILE = 600


def code_of(path):
    """The text with comments and strings blanked, line numbers kept."""
    text = path.read_text(encoding="utf-8")
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)


def calls(path, names):
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(")
    for number, line in enumerate(code_of(path).splitlines(), 1):
        for match in pattern.finditer(line):
            yield f"{path.relative_to(ROOT)}:{number}: {match.group(1)}()"


def library_faults():
    for path in sorted((ROOT / "lib").rglob("*.[ch]")):
        yield from calls(path, FORBIDDEN)
        if path.parts[-2] != "base":
            yield from calls(path, MEMORY)
        text = code_of(path)
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"\b(stdout|stderr|errno_t|_Thread_local|__thread)\b", line):
                yield f"{path.relative_to(ROOT)}:{number}: {line.strip()}"


def header_faults():
    for path in headers.header_files():
        text = headers.without_comments(path.read_text(encoding="utf-8"))
        if "..." in text:
            yield f"{path.name}: a variadic function"
        for name in re.findall(r"\b(trnnsf_\w+_t)\b", text):
            yield f"{path.name}: {name} ends in _t"
    for name, (returns, parameters, header) in headers.functions().items():
        for part in [returns] + parameters:
            if re.match(r"(const )?struct \w+ \w+$", part):
                yield f"{header}: {name} hands over a struct by value"


def path_faults():
    for top in ("lib", "include", "examples", "tests", "doc", ".ci", "README.md", "meson.build"):
        start = ROOT / top
        for path in sorted(start.rglob("*")) if start.is_dir() else [start]:
            if not path.is_file() or path.name == "source_test.py":
                continue
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            for number, line in enumerate(text.splitlines(), 1):
                if MACHINE.search(line):
                    yield f"{path.relative_to(ROOT)}:{number}: a path of one machine: {line.strip()[:80]}"


def length_faults():
    sources = sorted((ROOT / "lib").rglob("*.c")) + sorted((ROOT / "examples").rglob("*.c"))
    for path in sources + sorted((ROOT / "include").rglob("*.h")):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LONGEST_FILE:
            yield f"{path.relative_to(ROOT)} has {lines} lines"
    ctags = shutil.which("ctags")
    if not ctags or not sources:
        print("SKIPPED: lengths of functions (no ctags)")
        return
    tags = subprocess.run([ctags, "-x", "--c-kinds=f", "--fields=+ne", "--_xformat=%{input} %N %n %{end}",
                           *map(str, sources)], capture_output=True, text=True)
    if tags.returncode != 0:
        print("SKIPPED: lengths of functions (this ctags is not Universal Ctags)")
        return
    for line in tags.stdout.splitlines():
        path, name, first, last = line.rsplit(" ", 3)
        if last.isdigit() and int(last) - int(first) >= LONGEST_FUNCTION:
            yield f"{pathlib.Path(path).relative_to(ROOT)}: {name} has {int(last) - int(first) + 1} lines"


def main():
    faults = [*library_faults(), *header_faults(), *path_faults(), *length_faults()]
    finish(faults, "sources hold what they may")


main()
