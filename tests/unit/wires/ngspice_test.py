"""Voltages and currents of random crossbars against ngspice on the netlists that the library writes.

    ngspice_test.py WIRES-NETLIST [ROWSxCOLUMNS[:ALPHA] ...]

ngspice is asked for tight tolerances and gives all node voltages in double precision. Voltages must agree
to 1e-8 of the largest one, column currents to 1e-8 of the largest one. Exits with 77 (skipped) where
ngspice is not installed.
"""
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

TOLERANCE = 1e-8
# A step below this ends Newton's method, whose next step would be its square.
OPTIONS = ".options reltol=1e-10 abstol=1e-20 vntol=1e-16\n"
CASES = ["16x16", "24x16", "16x31", "32x32", "1x20", "20x1", "48x40", "16x16:4", "24x17:1", "17x24:8",
         "32x32:3", "40x40:5"]


def read_raw(path):
    """{name: value} of a binary raw file with one point."""
    head, _, body = path.read_bytes().partition(b"Binary:\n")
    lines = head.decode("latin-1").splitlines()
    begin = lines.index("Variables:") + 1
    names = [line.split()[1] for line in lines[begin:]]
    return dict(zip(names, struct.unpack(f"<{len(names)}d", body[:8 * len(names)])))


def spice(netlist):
    text = netlist.read_text().replace(".op\n", OPTIONS + ".op\n")
    netlist.write_text(text)
    raw = netlist.with_suffix(".raw")
    done = subprocess.run(["ngspice", "-b", "-r", raw, netlist], capture_output=True, text=True, check=False)
    if done.returncode != 0 or not raw.exists():
        sys.exit(f"ngspice failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return read_raw(raw)


def node(values, line, row, column):
    """The voltage of a node by whichever name it has: its own, its line's, its terminal's."""
    own, terminal = (row, "in") if line == "w" else (column, "out")
    for name in (f"v({line}{row}_{column})", f"v({line}{own})", f"v({terminal}{own})"):
        if name in values:
            return values[name]
    raise KeyError((line, row, column))


def compare(program, seed, case, folder):
    sides, _, alpha = case.partition(":")
    rows, columns = sides.split("x")
    netlist = folder / "crossbar.cir"
    ours = subprocess.run([program, str(seed), rows, columns, alpha or "0", netlist], check=True,
                          capture_output=True, text=True).stdout.splitlines()
    values = spice(netlist)
    voltages, currents = [], []
    for kind, *rest in map(str.split, ours):
        if kind == "i":
            currents.append((float(rest[1]), values[f"i(vout{rest[0]})"]))
        else:
            voltages.append((float(rest[2]), node(values, kind, int(rest[0]), int(rest[1]))))
    errors = []
    for pairs in (voltages, currents):
        errors.append(max(abs(a - b) for a, b in pairs) / max(abs(a) for a, _ in pairs))
    print(f"{case}, seed {seed}: voltages differ by {errors[0]:.1e}, currents by {errors[1]:.1e}", flush=True)
    return max(errors) <= TOLERANCE


def main():
    program, cases = sys.argv[1], sys.argv[2:] or CASES
    if not shutil.which("ngspice"):
        print("SKIPPED: ngspice is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        good = [compare(program, seed, case, pathlib.Path(folder)) for seed, case in enumerate(cases, 1)]
    if not all(good):
        sys.exit(f"{good.count(False)} crossbars differ by more than {TOLERANCE}")


main()
