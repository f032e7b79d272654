#!/usr/bin/env python3
"""Searches for a network whose weights have one sign: hidden widths, hidden activation, where negative
inputs come from, what has one sign, and onto how many crossbars it is packed. Each candidate is trained
in floating point with weights of one sign, packed, and trained for the device, from several seeds; the
score is the mean accuracy on the validation part. With --area a candidate counts only where its mean
area, by the cost model, is not above. The first ones are random, the others mutations of the best: one
property changed. The same seed gives the same candidates in the same order. Every candidate is printed
with its commands; the test set's labels are looked at for none of them (trnnsf-analog measures on its
samples how active neurons are).

    examples/unipolar_search.py --programs build/examples --data DIR --inputs 1152 --classes 6 \\
        --schedules examples/schedules/har --levels 4 --candidates 12 --seeds 3 --area 0.19
"""

import argparse
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

WIDTHS = [64, 96, 128, 192, 256, 384]
CHOICES = {
    "first": WIDTHS,
    "second": [0] + WIDTHS[:4],  # 0: one hidden layer
    "activation": ["relu", "tanh"],
    "mirror": [True, False],  # inputs twice, the second time negated
    "unipolar": ["matrix", "positive", "output", "block"],
    "crossbars": [0, 12, 16, 20, 24, 28],  # 0: not packed
    "dropout": [0, 0.1, 0.3],  # of hidden neurons, on the device
}
ONE_SIGN = ["--set", "unipolar_weights=1", "--set", "reference_columns=1"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", default="", help="folder of the programs; default: PATH")
    parser.add_argument("--data", required=True)
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--classes", type=int, required=True)
    parser.add_argument("--schedules", required=True,
                        help="what -float.yaml, -pack.yaml and -device.yaml follow")
    parser.add_argument("--levels", type=int, default=4)
    parser.add_argument("--validation-last", type=float, default=0.2)
    parser.add_argument("--epochs", type=int, help="of each training; default: the schedules'")
    parser.add_argument("--candidates", type=int, default=12)
    parser.add_argument("--random", type=int, default=6, help="of them, before mutations begin")
    parser.add_argument("--area", type=float, help="mm2 that a candidate may take")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each candidate")
    parser.add_argument("--seed", type=int, default=1, help="of the search and the first training")
    return parser.parse_args()


def mutated(draw, candidate):
    """Another value for one property."""
    key = draw.choice(sorted(CHOICES))
    other = [value for value in CHOICES[key] if value != candidate[key]]
    return dict(candidate, **{key: draw.choice(other)})


def sizes(given, candidate):
    hidden = [candidate["first"], candidate["second"]]
    inputs = given.inputs * (2 if candidate["mirror"] else 1)
    return "-".join(str(n) for n in [inputs, *hidden, given.classes] if n)


def program(given, name):
    return str(pathlib.Path(given.programs) / name) if given.programs else name


def data(given, candidate):
    return ["--data", given.data, "--standardise", "--quiet", *["--mirror"] * candidate["mirror"]]


def training(given, candidate, seed, schedule, *more):
    line = [program(given, "trnnsf-transform"), *data(given, candidate), "--compare", "none",
            "--seed", str(seed), "--validation-last", str(given.validation_last),
            "--schedule", f"{given.schedules}-{schedule}.yaml"]
    return line + (["--epochs", str(given.epochs)] if given.epochs else []) + list(more)


def run(line):
    print("    " + " ".join(line), flush=True)
    subprocess.run(line, check=True)


def measured(given, candidate, seed, folder):
    """Validation accuracy of the device's network and its area in mm2."""
    network, packed, device, report = (str(folder / name) for name in
                                       ("float", "packed", "device", "report.json"))
    signs = ["--set", f"device.unipolar={candidate['unipolar']}"]
    run(training(given, candidate, seed, "float", *signs, "--layers", sizes(given, candidate),
                 "--set", f"network.hidden_activation={candidate['activation']}",
                 "--save", network))
    if candidate["crossbars"]:
        run(training(given, candidate, seed, "pack", "--network", network, "--save", packed,
                     "--target", f"crossbars={candidate['crossbars']}"))
        network = packed
    run(training(given, candidate, seed, "device", *signs, "--network", network,
                 "--set", f"device.weight_levels={given.levels}",
                 "--set", f"train.hidden_dropout={candidate['dropout']}",
                 "--save", device, "--json", report))
    accuracy = json.loads(pathlib.Path(report).read_text())["accuracy"]["validation"]
    whole = candidate["unipolar"] in ("matrix", "positive")  # others: analog chips need pairs
    run([program(given, "trnnsf-analog"), device, *data(given, candidate), "--chips", "1",
         "--json", report, *(ONE_SIGN if whole else ["--set", "reference_columns=1"])])
    return accuracy, 1e6 * json.loads(pathlib.Path(report).read_text())["area_m2"]["total"]


def score(given, candidate, folder):
    """Means over the seeds; nothing is worth less than what is too large."""
    found = [measured(given, candidate, given.seed + k, folder) for k in range(given.seeds)]
    accuracy, area = (statistics.mean(values) for values in zip(*found))
    fits = given.area is None or area <= given.area
    return fits, accuracy, area


def main():
    given = arguments()
    draw = random.Random(given.seed)
    known = {}
    with tempfile.TemporaryDirectory() as folder:
        tries = 0
        while len(known) < given.candidates and tries < 100 * given.candidates:
            tries += 1
            if len(known) < given.random:
                candidate = {key: draw.choice(CHOICES[key]) for key in sorted(CHOICES)}
            else:
                candidate = mutated(draw, max(known.values(), key=lambda found: found[0])[1])
            name = json.dumps(candidate, sort_keys=True)
            if name in known:
                continue
            reached = score(given, candidate, pathlib.Path(folder))
            known[name] = (reached, candidate)
            large = "" if reached[0] else "too large  "
            print(f"{100 * reached[1]:6.2f} %  {reached[2]:.3f} mm2  {large}{name}", flush=True)
    (fits, accuracy, area), best = max(known.values(), key=lambda found: found[0])
    print(f"best{'' if fits else ' of those that are too large'}: {100 * accuracy:.2f} %  "
          f"{area:.3f} mm2  {json.dumps(best, sort_keys=True)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
