"""The top level holds only what the design allows, and what it must hold is there."""

import pathlib
import shutil
import subprocess

from report import finish

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALLOWED = {"meson.build", "meson_options.txt", "README.md", "COPYING", "include", "lib",
           "examples", "tests", "doc", "subprojects"}
NEEDED = ["meson.build", "README.md", "COPYING", ".ci/run", "lib/README.md",
          "lib/libtrnnsf.map", "doc/api.yaml", "doc/abi.md", "doc/symbols-in-versions"]
FOLDERS_OF_TESTS = {"unit", "api", "backend", "oom", "golden", "fuzz", "bench", "abi", "ffi",
                    "regression", "house", "examples"}


def entries():
    """Tracked files where this is a git checkout, all files in a release archive."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run([git, "-C", str(ROOT), "ls-files"], capture_output=True, text=True)
        if listed.returncode == 0:
            return listed.stdout.splitlines()
    return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
            if path.is_file() and not path.relative_to(ROOT).parts[0].startswith("build")]


def main():
    files = entries()
    top = {name.split("/")[0] for name in files}
    faults = [f"{name} at the top level" for name in sorted(top - ALLOWED) if not name.startswith(".")]
    faults += [f"no {name}" for name in NEEDED if not (ROOT / name).is_file()]
    folders = {name.split("/")[1] for name in files if name.startswith("tests/") and name.count("/") > 1}
    faults += [f"tests/{name}/ is no folder of the design" for name in sorted(folders - FOLDERS_OF_TESTS)]
    finish(faults, f"{len(top)} entries at the top level, {len(folders)} folders of tests")


main()
