"""Reads of analog chips: ours beside the same arithmetic in numpy, in one run, by turns.

    analog_numpy.py BENCH-ANALOG

product: 256 x 256 pairs, noise of every device at every read, 8-bit ADC, 1000 inputs. numpy does it twice:
as the noise is defined, with a draw for each pair and input; and as ours does, where the sum of a column's
noises is drawn as one number, its variance by a second product (which is the same distribution).
images: 784-100-10 on 64 x 64 arrays of pairs: written with the error of a phase-change memory, ranges
found on 200 images, 8-bit DAC and ADC, a partial sum converted for each array, 2000 images: MNIST's from
TRNNSF_DATA_DIR, or without it strokes that leave as many pixels dark (81 %).
numbers: the same with inputs none of which is 0.

numpy works in float32 on whole arrays, with numpy's fastest generator and as many BLAS threads as it wants.
Times are the best of several; "processor" counts all threads. Exits with 1 where a ratio, the better one of
both clocks, falls below its limit (LIMITS), with 77 (skipped) without numpy.
"""
import gzip
import os
import pathlib
import subprocess
import sys
import tempfile
import time

try:
    import numpy as np
except ImportError:
    print("SKIPPED: numpy is not installed (Debian: python3-numpy)")
    sys.exit(77)

CALIBRATION, SIDE, REPEATS = 200, 64, 5
ON, OFF = 1.0, 4e4 / 1e9  # relative conductances
# What a change must not lose, on a machine that does other things as well.
LIMITS = {"cell by cell": 10, "images read": 2.5, "images written and read": 2, "images made and read": 1.5,
          "numbers read": 1.2}
failed = []
GENERATOR = np.random.Generator(np.random.SFC64(1))


def normal(shape):
    return GENERATOR.standard_normal(shape, dtype=np.float32)


def quantise(x, step, top):
    """In place: whole multiples of step, at most top of them."""
    np.multiply(x, np.float32(1 / step), out=x)
    np.rint(x, out=x)
    np.clip(x, -top, top, out=x)
    np.multiply(x, np.float32(step), out=x)
    return x


def pairs(weights):
    """Relative conductances of the positive and the negative devices."""
    part = weights / np.abs(weights).max()
    return OFF + (ON - OFF) * np.maximum(part, 0), OFF + (ON - OFF) * np.maximum(-part, 0)


class Product:
    def __init__(self, folder):
        weights = np.fromfile(folder / "weights0.bin", np.float32).reshape(256, 256)
        self.inputs = np.fromfile(folder / "inputs.bin", np.float32).reshape(1000, 256)
        plus, minus = (g.astype(np.float32) for g in pairs(weights))
        self.scale = np.float32(np.abs(weights).max() / (ON - OFF))
        self.matrix = (plus - minus) * self.scale
        self.variance = 0.05 ** 2 * (plus ** 2 + minus ** 2) * self.scale ** 2
        self.deviation = np.sqrt(self.variance)
        self.matrix_t, self.variance_t = self.matrix.T.copy(), self.variance.T.copy()
        self.range = np.abs(self.inputs[:CALIBRATION] @ self.matrix_t).max()

    def cell_by_cell(self):
        """A chunk of inputs at once: the draws of one take 256 KiB."""
        outputs = np.empty((1000, 256), np.float32)
        for first in range(0, 1000, 8):
            x = self.inputs[first:first + 8]
            noisy = normal((len(x), 256, 256))
            noisy *= self.deviation
            noisy += self.matrix
            outputs[first:first + 8] = np.matmul(noisy, x[:, :, None])[:, :, 0]
        return quantise(outputs, self.range / 127, 127)

    def by_column(self):
        outputs = self.inputs @ self.matrix_t
        spread = (self.inputs * self.inputs) @ self.variance_t
        np.sqrt(spread, out=spread)
        spread *= normal(spread.shape)
        outputs += spread
        return quantise(outputs, self.range / 127, 127)


class Network:
    def __init__(self, folder):
        self.weights = [np.fromfile(folder / f"weights{layer}.bin", np.float32).reshape(shape)
                        for layer, shape in enumerate([(100, 784), (10, 100)])]
        self.inputs = np.fromfile(folder / "inputs.bin", np.float32).reshape(2000, 784)
        self.calibrate(self.inputs[:CALIBRATION])
        self.write()

    def tiles(self, layer):
        n_out, n_in = self.weights[layer].shape
        return [(slice(o, min(o + SIDE, n_out)), slice(i, min(i + SIDE, n_in)))
                for o in range(0, n_out, SIDE) for i in range(0, n_in, SIDE)]

    def calibrate(self, x):
        self.input_range, self.sum_range = [], []
        for layer, weights in enumerate(self.weights):
            self.input_range.append(np.abs(x).max())
            coded = quantise(x.copy(), self.input_range[-1] / 255, 255)
            self.sum_range.append(max(np.abs(coded[:, i] @ weights[o, i].T).max()
                                      for o, i in self.tiles(layer)))
            x = np.maximum(x @ weights.T, 0)

    def write(self):
        self.written = []
        for weights in self.weights:
            sides = []
            for x in pairs(weights):
                x = x.astype(np.float32)
                sigma = (0.26348 / 25) + x * ((1.9650 / 25) + x * np.float32(-1.1731 / 25))
                sides.append(np.maximum(x + sigma * normal(x.shape), 0))
            scale = np.float32(np.abs(weights).max() / (ON - OFF))
            self.written.append((sides[0] - sides[1]) * scale)

    def forward(self):
        x = self.inputs
        for layer, weights in enumerate(self.written):
            coded = quantise(x.copy(), self.input_range[layer] / 255, 255)
            outputs = np.zeros((len(x), len(weights)), np.float32)
            for o, i in self.tiles(layer):
                sums = coded[:, i] @ weights[o, i].T
                outputs[:, o] += quantise(sums, self.sum_range[layer] / 127, 127)
            x = np.maximum(outputs, 0) if layer == 0 else outputs
        return x

    def create(self):
        self.calibrate(self.inputs[:CALIBRATION])
        self.write()


def best(function, repeats):
    """Seconds and processor seconds, each its best."""
    wall, processor = [], []
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        function()
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return np.array([min(wall), min(processor)])


def ours(program, name, folder):
    lines = subprocess.run([program, name, folder], check=True, capture_output=True, text=True).stdout
    return {key: float(value) for key, value in (line.split() for line in lines.splitlines())}


def rms(a, b):
    return np.sqrt(np.mean((a - b) ** 2) / np.mean(b ** 2))


def report(what, seconds, processor, theirs, limit=None):
    ratio = max(theirs[0] / seconds, theirs[1] / processor)
    if ratio < LIMITS.get(limit, 0):
        failed.append(f"{limit}: {ratio:.1f} times as fast, below {LIMITS[limit]}")
    print(f"  numpy {what}: {theirs[0] * 1e3:.2f} ms ({theirs[1] * 1e3:.2f} ms of processor); ours "
          f"{theirs[0] / seconds:.1f} times as fast ({theirs[1] / processor:.1f} by processor)")


def product(program, folder):
    runs = [ours(program, "product", folder)]
    mine = Product(folder)
    exact = quantise(mine.inputs @ mine.matrix_t, mine.range / 127, 127)
    outputs = np.fromfile(folder / "outputs.bin", np.float32).reshape(1000, 256)
    column = cell = np.full(2, np.inf)
    for _ in range(3):
        column = np.minimum(column, best(mine.by_column, REPEATS))
        cell = np.minimum(cell, best(mine.cell_by_cell, 1))
        runs.append(ours(program, "product", folder))
    seconds = min(run["forward"] for run in runs)
    processor = min(run["forward_processor"] for run in runs)
    print(f"product 256 x 256, 1000 inputs: ours {seconds * 1e3:.2f} ms ({processor * 1e3:.2f} ms of processor)")
    report("cell by cell", seconds, processor, cell, "cell by cell")
    report("by column", seconds, processor, column)
    print(f"  noise over signal: ours {rms(outputs, exact):.4f}, cell by cell "
          f"{rms(mine.cell_by_cell(), exact):.4f}, by column {rms(mine.by_column(), exact):.4f}")


def images(folder):
    """inputs.bin of the folder, and what they are."""
    source = pathlib.Path(os.environ.get("TRNNSF_DATA_DIR", ""), "mnist", "t10k-images-idx3-ubyte.gz")
    if "TRNNSF_DATA_DIR" in os.environ and source.is_file():
        with gzip.open(source) as file:
            pixels = np.frombuffer(file.read(16 + 2000 * 784), np.uint8, offset=16)
        (pixels.reshape(2000, 784) / np.float32(255)).tofile(folder / "inputs.bin")
        return "MNIST"
    draw = np.random.default_rng(1)
    pixels = np.zeros((2000, 28, 28), np.float32)
    for image in pixels:
        at = draw.uniform(8, 20, 2)
        while np.count_nonzero(image) < 150:
            at = np.clip(at + draw.normal(0, 1, 2), 5, 22)
            y, x = at.astype(int)
            image[y - 1:y + 2, x - 1:x + 2] = np.maximum(image[y - 1:y + 2, x - 1:x + 2],
                                                         draw.integers(1, 256, (3, 3)) / 255)
    pixels.tofile(folder / "inputs.bin")
    return "strokes"


def network(program, folder, what):
    runs = [ours(program, "network", folder)]
    mine = Network(folder)
    kind = what.split()[0]
    forward = written = both = np.full(2, np.inf)
    for _ in range(3):
        forward = np.minimum(forward, best(mine.forward, REPEATS))
        written = np.minimum(written, best(lambda: (mine.write(), mine.forward()), REPEATS))
        both = np.minimum(both, best(lambda: (mine.create(), mine.forward()), REPEATS))
        runs.append(ours(program, "network", folder))
    least = {key: min(run[key] for run in runs) for key in runs[0]}
    print(f"784-100-10, 2000 {what}, {np.mean(mine.inputs == 0):.0%} of them 0: ours {least['forward'] * 1e3:.2f} ms "
          f"({least['forward_processor'] * 1e3:.2f} ms of processor), written in "
          f"{least['write'] * 1e3:.2f} ms ({least['write_processor'] * 1e3:.2f}), calibrated and written in "
          f"{least['create'] * 1e3:.2f} ms ({least['create_processor'] * 1e3:.2f})")
    report("read", least["forward"], least["forward_processor"], forward, f"{kind} read")
    report("written and read", least["write"] + least["forward"],
           least["write_processor"] + least["forward_processor"], written, f"{kind} written and read")
    report("made and read", least["create"] + least["forward"],
           least["create_processor"] + least["forward_processor"], both, f"{kind} made and read")
    ideal = np.maximum(mine.inputs @ mine.weights[0].T, 0) @ mine.weights[1].T
    outputs = np.fromfile(folder / "outputs.bin", np.float32).reshape(2000, 10)
    print(f"  error over signal: ours {rms(outputs, ideal):.4f}, numpy {rms(mine.forward(), ideal):.4f}")


def main():
    with tempfile.TemporaryDirectory() as name:
        product(sys.argv[1], pathlib.Path(name))
    with tempfile.TemporaryDirectory() as name:
        what = images(pathlib.Path(name))
        network(sys.argv[1], pathlib.Path(name), f"images ({what})")
    with tempfile.TemporaryDirectory() as name:
        network(sys.argv[1], pathlib.Path(name), "numbers")
    for line in failed:
        print("TOO SLOW:", line)
    sys.exit(1 if failed else 0)


main()
