#!/usr/bin/env python3
"""Searches for a network whose weights have one sign: hidden widths, hidden activation, where negative
inputs come from, and what has one sign. Each candidate is trained in floating point with weights of one
sign, then for the device; the score is accuracy on the validation part. The first ones are random, the
others mutations of the best: one property changed. The same seed gives the same candidates in the same
order. Every candidate is printed with its two commands; the test set is read for none of them.

    examples/unipolar_search.py --program trnnsf-transform --data DIR --inputs 1152 --classes 6 \\
        --float examples/schedules/har-float.yaml --device examples/schedules/har-device.yaml \\
        --levels 4 --candidates 12 --seed 1
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

WIDTHS = [64, 96, 128, 192, 256, 384]
CHOICES = {
    "first": WIDTHS,
    "second": [0] + WIDTHS[:4],  # 0: one hidden layer
    "activation": ["relu", "tanh"],
    "mirror": [True, False],  # inputs twice, the second time negated
    "unipolar": ["matrix", "output", "block"],
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="trnnsf-transform")
    parser.add_argument("--data", required=True)
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--classes", type=int, required=True)
    parser.add_argument("--float", required=True, help="schedule of the training in floating point")
    parser.add_argument("--device", required=True, help="schedule of the training for the device")
    parser.add_argument("--levels", type=int, default=4)
    parser.add_argument("--validation-last", type=float, default=0.2)
    parser.add_argument("--epochs", type=int, help="of each of the two; default: the schedules'")
    parser.add_argument("--candidates", type=int, default=12)
    parser.add_argument("--random", type=int, default=6, help="of them, before mutations begin")
    parser.add_argument("--seed", type=int, default=1)
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


def command(given, candidate, *more):
    line = [given.program, "--data", given.data, "--standardise", "--compare", "none", "--quiet",
            "--seed", str(given.seed), "--validation-last", str(given.validation_last),
            "--set", f"device.unipolar={candidate['unipolar']}",
            "--set", f"network.hidden_activation={candidate['activation']}"]
    line += ["--mirror"] if candidate["mirror"] else []
    line += ["--epochs", str(given.epochs)] if given.epochs else []
    return line + list(more)


def score(given, candidate, folder):
    """Validation accuracy of the device's network."""
    network, report = folder / "float.safetensors", folder / "report.json"
    steps = [command(given, candidate, "--schedule", given.float, "--layers", sizes(given, candidate),
                     "--save", str(network)),
             command(given, candidate, "--schedule", given.device, "--network", str(network),
                     "--set", f"device.weight_levels={given.levels}", "--json", str(report))]
    for step in steps:
        print("    " + " ".join(step), flush=True)
        subprocess.run(step, check=True)
    return json.loads(report.read_text())["accuracy"]["validation"]


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
            print(f"{100 * reached:6.2f} %  {name}", flush=True)
    best = max(known.values(), key=lambda found: found[0])
    print(f"best: {100 * best[0]:.2f} %  {json.dumps(best[1], sort_keys=True)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
