"""One crossbar with resistive wires: ours beside scipy's sparse LU on the same equations, and ngspice.

    wires_scipy.py BENCH-WIRES SIDE... [--ngspice] [--suitesparse BENCH-WIRES-SUITESPARSE]

Square crossbars of random cells, 1 ohm a segment. Each program runs alone, ours first. `first` is what
one input vector costs, factorisation included, `further` each one after it. With --ngspice the netlist of
sides up to 128 is run through `ngspice -b`, with --suitesparse CHOLMOD and KLU solve the equations, too. Exits with 77 (skipped) where scipy is not installed.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

try:
    import numpy
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import splu
except ImportError:
    print("SKIPPED: scipy is not installed (Debian: python3-scipy)")
    sys.exit(77)

NGSPICE_SIDE = 128


def equations(cells, inputs):
    """Kirchhoff's current law at 2 n^2 nodes; all segments, drivers and sense resistors have 1 ohm."""
    n = len(cells)
    word = numpy.arange(n * n).reshape(n, n)
    bit = word + n * n
    pairs = [(word, bit, cells), (word[:, :-1], word[:, 1:], 1.0), (bit[:-1], bit[1:], 1.0)]
    rows, columns, values = [], [], []
    for a, b, conductance in pairs:
        a, b = a.ravel(), b.ravel()
        g = numpy.broadcast_to(conductance, numpy.shape(a) if numpy.isscalar(conductance)
                               else conductance.shape).ravel()
        rows += [a, b, a, b]
        columns += [a, b, b, a]
        values += [g, g, -g, -g]
    for ended in (word[:, 0], bit[-1]):
        rows.append(ended)
        columns.append(ended)
        values.append(numpy.ones(n))
    matrix = coo_matrix((numpy.concatenate(values), (numpy.concatenate(rows), numpy.concatenate(columns))),
                        shape=(2 * n * n, 2 * n * n)).tocsc()
    right = numpy.zeros(2 * n * n)
    right[word[:, 0]] = inputs
    return matrix, right, bit[-1]


def by_scipy(folder):
    """In a process of its own, so that its memory is its own: prints first, further, error."""
    cells = numpy.fromfile(folder / "conductances.bin")
    n = int(len(cells) ** 0.5)
    inputs = numpy.fromfile(folder / "inputs.bin")
    ours = numpy.fromfile(folder / "currents.bin")
    matrix, right, sensed = equations(cells.reshape(n, n), inputs)
    start, processor = time.perf_counter(), time.process_time()
    factors = splu(matrix)
    voltages = factors.solve(right)
    first, processor = time.perf_counter() - start, time.process_time() - processor
    start = time.perf_counter()
    factors.solve(right)
    further = time.perf_counter() - start
    error = numpy.max(numpy.abs(voltages[sensed] - ours)) / numpy.max(numpy.abs(ours))
    print("first", first)
    print("first_processor", processor)
    print("further", further)
    print("difference", error)


def run(command):
    """Its "name value" lines, with the largest resident memory in bytes. One thread each."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                               env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    lines = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed: {process.returncode}")
    values = {name: float(value) for name, value in (line.split() for line in lines)}
    values["most_memory"] = usage.ru_maxrss * 1024
    return values


def ngspice_seconds(folder):
    start = time.perf_counter()
    result = subprocess.run(["ngspice", "-b", "-r", folder / "spice.raw", folder / "crossbar.cir"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start if result.returncode == 0 else None


def print_other(name, ours, theirs):
    ratio = theirs["first"] / ours["first"]
    processor_ratio = theirs["first_processor"] / ours["first_processor"]
    print(f"  {name}: first {theirs['first']:.4f} s ({theirs['first_processor']:.4f} s of processor), "
          f"further {theirs['further']:.4f} s, {theirs['most_memory'] / 1e6:.0f} MB; ours {ratio:.1f} times "
          f"as fast ({processor_ratio:.1f} by processor), difference {theirs['difference']:.1e}")


def main():
    if sys.argv[1] == "--scipy":
        by_scipy(pathlib.Path(sys.argv[2]))
        return
    program, sides = sys.argv[1], [int(a) for a in sys.argv[2:] if a.isdigit()]
    suitesparse = sys.argv[sys.argv.index("--suitesparse") + 1] if "--suitesparse" in sys.argv else None
    for side in sides:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            ours = run([program, str(side), name])
            others = {"scipy splu": [sys.executable, __file__, "--scipy", name]}
            if suitesparse:
                others |= {"CHOLMOD": [suitesparse, name, "cholmod"], "KLU": [suitesparse, name, "klu"]}
            print(f"{side} x {side}: first {ours['first']:.4f} s ({ours['first_processor']:.4f} s of processor), "
                  f"further {ours['further']:.7f} s (first / {ours['first'] / ours['further']:.0f}), "
                  f"{ours['memory'] / 1e6:.0f} MB")
            print(f"  all voltages: first {ours['voltages_first_processor']:.4f} s, further "
                  f"{ours['voltages_further_processor']:.5f} s of processor, {ours['voltages_memory'] / 1e6:.0f} MB with the arrays")
            for who, command in others.items():
                print_other(who, ours, run(command))
            for passes in (1, 4, 16):
                print(f"  line relaxation, {passes} passes: {ours[f'approximation_{passes}_seconds']:.4f} s, "
                      f"error {ours[f'approximation_{passes}_error']:.1e}")
            if side <= NGSPICE_SIDE and "--ngspice" in sys.argv:
                seconds = ngspice_seconds(folder)
                if seconds is None:
                    print("  ngspice: not run")
                else:
                    print(f"  ngspice: {seconds:.2f} s; ours {seconds / ours['first']:.0f} times as fast")
            sys.stdout.flush()


main()
