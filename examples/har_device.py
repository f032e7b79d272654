#!/usr/bin/env python3
"""Human activities on devices of few levels (doc/results.md): a signed network in floating point, one
with positive weights alone, both packed or not, each retrained for devices of four and two bits, with
ranges by layer and uniform ones; accuracies over seeds, and costs by trnnsf-analog.

    examples/har_device.py --programs build/examples --data har-inertial --out runs
    examples/har_device.py --programs build/examples --data har-inertial --out folds --folds

With --folds nothing is read of the test set: five times another fifth of the training part, in the order
of the file and so of the persons, is held out. What is in the folder --out is not run again.
"""

import argparse
import gzip
import json
import pathlib
import statistics
import subprocess

SCHEDULES = pathlib.Path(__file__).parent / "schedules"
PAIRS = ["devices_per_sign=2", "columns_per_output=2"]
ONE_SIGN = ["unipolar_weights=1", "reference_columns=1"]
CROSSBARS = 24
FOLDS = 5

# What a network is trained from, its schedule, what that is given, and the bits of its devices. The signed
# network of 256 and 128 neurons is what others are compared with.
POSITIVE = ["--mirror", "--set", "device.unipolar=positive"]
# Signs hold while packing, from the last round on, and dropout is that of the device's training.
HELD = ["--mirror", "--target", f"crossbars={CROSSBARS}", "--set", "device.unipolar=positive",
        "--set", "device.first=0.3", "--set", "pack.hidden_dropout=0.3", "--set",
        "pack.input_dropout=0.3"]
# The same, learning from the signed network of its seed too.
TAUGHT = ["--set", "train.distil=0.3", "--set", "train.temperature=2"]
# Windows moved in time, anew in each epoch: what they show is learnt more slowly.
MOVED = ["--set", "train.shift=32", "--epochs", "80"]
NETWORKS = {
    "signed": (None, "har-float", ["--layers", "1152-256-128-6"], (4, 2)),
    "positive": (None, "har-float", ["--layers", "2304-128-64-6", *POSITIVE], (4, 2)),
    "positive-packed": ("positive", "har-pack", ["--mirror", "--target", f"crossbars={CROSSBARS}"],
                        (4, 2)),
    "positive-held": ("positive", "har-pack", HELD, (2,)),
    "positive-taught": ("positive", "har-pack", [*HELD, *TAUGHT], (2,)),
    "signed-narrow": (None, "har-float", ["--layers", "1152-128-64-6"], (2,)),
    "signed-packed": ("signed-narrow", "har-pack", ["--target", f"crossbars={2 * CROSSBARS}"], (2,)),
    "signed-small": ("signed-narrow", "har-pack", ["--target", f"crossbars={CROSSBARS}"], (2,)),
    "signed-moved": (None, "har-float", ["--layers", "1152-256-128-6", *MOVED], (2,)),
    "positive-moved": (None, "har-float", ["--layers", "2304-128-64-6", *POSITIVE, *MOVED], (2,)),
    "positive-moved-packed": ("positive-moved", "har-pack", [*HELD, *MOVED], (2,)),
}
PACKED = ("signed-packed", "signed-small", "positive-packed", "positive-held", "positive-taught",
          "positive-moved-packed")
PACKED_DROPOUT = ["--set", "train.hidden_dropout=0.2", "--set", "train.input_dropout=0.3"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", required=True, help="folder of the programs")
    parser.add_argument("--data", required=True, help="folder of har-inertial")
    parser.add_argument("--out", required=True, help="folder of what is made")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--folds", action="store_true")
    return parser.parse_args()


def is_positive(name):
    return name.startswith("positive")


def read_npy(path):
    """Header, and its samples each."""
    raw = gzip.decompress(path.read_bytes())
    start = 10 + int.from_bytes(raw[8:10], "little")
    count = int(raw[:start].split(b"'shape': (")[1].split(b",")[0])
    size = (len(raw) - start) // count
    return raw[:start], [raw[start + k * size:start + (k + 1) * size] for k in range(count)]


def make_folds(given, out):
    """The training part turned, so that its last fifth is another one in each."""
    for name in ("X_train.npy", "y_train.npy"):
        header, samples = read_npy(pathlib.Path(given.data) / (name + ".gz"))
        for fold in range(FOLDS):
            first = len(samples) * (fold + 1) // FOLDS
            folder = out / f"fold{fold}"
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(header + b"".join(samples[first:] + samples[:first]))
            # The programs want a test part; nothing looks at how it is classified.
            for test in ("X_test.npy.gz", "y_test.npy.gz"):
                (folder / test).write_bytes((pathlib.Path(given.data) / test).read_bytes())


class Runs:
    """Commands of one seed, each run once."""

    def __init__(self, given, out, seed):
        self.given, self.out, self.seed = given, out, seed
        self.data = out / f"fold{seed - 1}" if given.folds else pathlib.Path(given.data)
        self.validation = 0.2 if given.folds else 0

    def file(self, name, ending):
        return self.out / f"{name}-{self.seed}.{ending}"

    def run(self, report, program, *line):
        line = [f"{self.given.programs}/{program}", *map(str, line), "--data", str(self.data),
                "--standardise", "--quiet", "--json", str(report)]
        if not report.exists():
            print(" ".join(line), flush=True)
            subprocess.run(line, check=True)
        return json.loads(report.read_text())

    def transform(self, name, schedule, *line):
        report = self.run(self.file(name, "json"), "trnnsf-transform", "--schedule",
                          SCHEDULES / f"{schedule}.yaml", "--seed", self.seed, "--compare", "none",
                          "--validation-last", self.validation, "--save", self.file(name, "st"),
                          *line)
        return 100 * report["accuracy"]["validation" if self.given.folds else "test"]

    def train(self, name):
        source, schedule, line, _ = NETWORKS[name]
        if source:
            line = [*line, "--network", self.file(source, "st")]
        if schedule == "har-pack" and not is_positive(name):
            line = [*line, "--tech", self.out / "pairs.yaml"]
        if name == "positive-taught":
            line = [*line, "--teacher", self.file("signed", "st")]
        return self.transform(name, schedule, *line)

    def device(self, name, bits, uniform):
        levels = 2 ** bits if is_positive(name) else 2 ** (bits + 1) - 1
        line = ["--network", self.file(name, "st"), *(POSITIVE if is_positive(name) else []),
                "--set", f"device.uniform={uniform}", "--set", f"device.weight_levels={levels}"]
        line += PACKED_DROPOUT if name in PACKED else []
        line += MOVED if "moved" in name else []
        return self.transform(f"{name}-{bits}-{uniform}", "har-device", *line)

    def cost(self, name, uniform, *more):
        device = f"{name}-2-{uniform}"
        ending = "-".join(["cost", *more])
        settings = [*(ONE_SIGN if is_positive(name) else PAIRS), *more]
        line = [word for key in settings for word in ("--set", key)]
        report = self.run(self.file(device, f"{ending}.json"), "trnnsf-analog",
                          self.file(device, "st"), "--chips", "1", *line,
                          *(["--mirror"] if is_positive(name) else []))
        return (report["crossbars"]["total"], 1e6 * report["area_m2"]["total"],
                1e6 * report["energy_j"]["total"])


def spread(values):
    deviation = statistics.stdev(values) if len(values) > 1 else 0
    return f"{statistics.mean(values):6.2f} ± {deviation:.2f}"


def show_accuracies(runs):
    print(f"{'accuracy / %':18}{'float':>15}" +
          "".join(f"{f'{bits} bits {how}':>18}" for bits in (4, 2) for how in ("by layer", "uniform")))
    for name in NETWORKS:
        row = [spread([run.train(name) for run in runs])]
        row += [spread([run.device(name, bits, uniform) for run in runs])
                if bits in NETWORKS[name][3] else "" for bits in (4, 2) for uniform in (0, 1)]
        print(f"{name:18}{row[0]:>15}" + "".join(f"{cell:>18}" for cell in row[1:]))


def show_costs(runs):
    """Devices of two bits. Converters are shared where ranges are uniform: nothing is known of how the column
    of resparc-45nm divides, so that all of it is taken for the converter."""
    shared = ["adc_area_square_metre=1.829e-11", "shared_converters=1"]
    rows = [(name, int(is_positive(name)), []) for name in NETWORKS]
    rows += [(name, 1, shared) for name in ("signed", "signed-packed", "positive", "positive-packed")]
    base = None
    print(f"{'cost':36}{'crossbars':>10}{'mm2':>9}{'uJ':>9}{'area':>10}{'energy':>10}")
    for name, uniform, more in rows:
        costs = [run.cost(name, uniform, *more) for run in runs]
        means = [statistics.mean(part) for part in zip(*costs)]
        base = base or means
        what = f"{name} {'uniform' if uniform else 'by layer'}{', shared' if more else ''}"
        print(f"{what:36}{means[0]:10.1f}{means[1]:9.4f}{means[2]:9.4f}"
              f"{100 * (means[1] / base[1] - 1):+9.1f}%{100 * (means[2] / base[2] - 1):+9.1f}%")


def main():
    given = arguments()
    out = pathlib.Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    constants = "".join(f"  {key.split('=')[0]}: {{value: {key.split('=')[1]}, source: a pair of "
                        "devices on neighbouring columns}\n" for key in PAIRS)
    (out / "pairs.yaml").write_text(f"version: 1\nname: pairs\nlike: resparc-45nm\n"
                                    f"constants:\n{constants}")
    if given.folds:
        make_folds(given, out)
    runs = [Runs(given, out, seed) for seed in range(1, (FOLDS if given.folds else given.seeds) + 1)]
    show_accuracies(runs)
    if not given.folds:
        show_costs(runs)


if __name__ == "__main__":
    main()
