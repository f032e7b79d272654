"""Our event-driven spiking 784-100-10 beside the same steps in PyTorch with dense matrices, in turn.

    spiking_torch.py BENCH-SPIKING [STEPS] [ROUNDS]

10 000 samples, integrate-and-fire, reset by subtraction, constant input currents: two products of
dense matrices a step; `hoisted` makes that of the constant inputs once, as nobody must. The classes have
to be the same but for rounding. Fails where ours is less than ten times as fast, or takes longer than
STEPS / 4 passes of the network itself. Exits with 77 (skipped) where PyTorch is not installed.
"""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import numpy
    import torch
except ImportError:
    print("SKIPPED: PyTorch is not installed (Debian: python3-torch)")
    sys.exit(77)

INPUTS, HIDDEN, OUTPUTS = 784, 100, 10


def load(folder, name, *shape):
    return torch.from_numpy(numpy.fromfile(folder / f"{name}.bin", dtype=numpy.float32).reshape(shape))


def simulate(inputs, first, second, steps, hoisted):
    potential = torch.full((len(inputs), HIDDEN), 0.5)
    outputs = torch.full((len(inputs), OUTPUTS), 0.5)
    current = inputs @ first.T
    spikes = 0
    for _ in range(steps):
        if not hoisted:
            current = inputs @ first.T
        potential = potential + current
        fired = (potential >= 1).float()
        potential = potential - fired
        outputs = outputs + fired @ second.T
        spikes += fired.sum().item()
    return spikes / len(inputs)


def timed(*arguments):
    start = time.perf_counter()
    spikes = simulate(*arguments)
    return time.perf_counter() - start, spikes


def main():
    program, steps = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 32
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    torch.set_num_threads(2)
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name, torch.no_grad():
            folder = pathlib.Path(name)
            output = subprocess.run([program, name, str(steps)], check=True, capture_output=True,
                                    text=True).stdout
            ours = {key: float(value) for key, value in map(str.split, output.splitlines())}
            arrays = (load(folder, "inputs", -1, INPUTS), load(folder, "first", HIDDEN, INPUTS),
                      load(folder, "second", OUTPUTS, HIDDEN))
            dense, spikes = timed(*arrays, steps, False)
            hoisted, _ = timed(*arrays, steps, True)
        assert abs(spikes / ours["current_spikes"] - 1) < 1e-3, (spikes, ours["current_spikes"])
        found.append((dense / ours["current"], hoisted / ours["current"], ours["current"] / ours["network"]))
        print(f"{steps} steps, {ours['current_spikes']:.1f} spikes a sample: ours {ours['current']:.4f} s, "
              f"PyTorch {torch.__version__} {dense:.3f} s ({found[-1][0]:.1f} times), hoisted {hoisted:.3f} s "
              f"({found[-1][1]:.1f}); {found[-1][2]:.2f} passes of the network ({ours['network']:.4f} s)")
        for k in range(3):
            spikes = ours[f"poisson_{k}_spikes"]
            print(f"  Poisson inputs, {spikes:.1f} spikes a sample: {ours[f'poisson_{k}']:.4f} s")
        falls = ours["poisson_0"] > ours["poisson_1"] > ours["poisson_2"]
    dense, hoisted, passes = map(statistics.median, zip(*found))
    print(f"medians: {dense:.1f} times PyTorch, {hoisted:.1f} hoisted; {passes:.2f} passes of {steps / 4:g}")
    if dense < 10 or passes > steps / 4 or not falls:
        sys.exit("FAILED: at least 10 times, at most STEPS / 4 passes, less time for fewer spikes are wanted")


main()
