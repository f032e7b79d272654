"""The C example in README.md is examples/transform_in_forty_lines.c, and has at most forty lines.
`readme_test.py write` copies it there."""

import pathlib
import re
import sys

from report import finish

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    source = ROOT / "examples" / "transform_in_forty_lines.c"
    if sys.argv[1:] == ["write"]:
        block = "```c\n" + source.read_text(encoding="utf-8") + "```\n"
        readme = re.sub(r"```c\n.*?```\n", lambda _: block, readme, flags=re.S)
        (ROOT / "README.md").write_text(readme, encoding="utf-8")
    blocks = re.findall(r"^```c\n(.*?)^```$", readme, flags=re.S | re.M)
    faults = []
    if len(blocks) != 1:
        faults.append(f"README.md has {len(blocks)} blocks of C, not one")
    elif not source.is_file():
        faults.append(f"no {source.relative_to(ROOT)}")
    elif blocks[0] != source.read_text(encoding="utf-8"):
        faults.append("README.md's example is not examples/transform_in_forty_lines.c")
    elif blocks[0].count("\n") > 40:
        faults.append(f"the example has {blocks[0].count(chr(10))} lines")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", readme):
        if not (ROOT / target).exists():
            faults.append(f"README.md links to {target}, which is not there")
    finish(faults, "README.md and the tree agree")


main()
