#!/usr/bin/env python3
"""The study of doc/robustness.md: what devices cost networks that are dense, pruned, transformed and packed,
with and without training for the device. Runs trnnsf-transform and trnnsf-analog, keeps what they write in a
folder (what is there is not made again), and prints tables; figures are drawn beside them.

    examples/robustness.py --data DIR/mnist --folder OUT networks sweeps combined

Parts: networks (dense, pruned, transform and pack of each seed), sweeps (one effect at a time, of the first seed),
combined (all together, packed networks of all seeds). Every command is printed."""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
NETWORKS = ("dense", "pruned", "transform", "pack")
# Epochs of training for the device: a dense network's are long, and need few.
EPOCHS = {"dense": 2, "pruned": 2, "transform": 5, "pack": 15}
RATE = {"dense": 0.5, "pruned": 0.5, "transform": 2, "pack": 4}
QUIET = {"train.hidden_dropout": 0, "train.input_dropout": 0}
TECHNOLOGY = {"devices_per_sign": 2, "resistance_on_ohm": 40e3, "resistance_off_ohm": 1e9}
COMBINED = {"conductance_levels": 16, "programming_sigma_constant": 0.05, "stuck_on_fraction": 0.005,
            "stuck_off_fraction": 0.005, "adc_bits": 6}
# Training for COMBINED.
ROBUST = {"device.weight_levels": 31, "device.noise": 0.1, "device.stuck_on": 0.01, "device.stuck_off": 0.01}


def train_levels(value):
    return {"device.weight_levels": 2 * int(value) - 1} if int(value) <= 8 else None


def train_sigma(value):
    return {"device.weight_levels": 31, "device.noise": 2 * float(value)} if float(value) >= 0.05 else None


def train_stuck(value):
    if float(value) == 0:
        return None
    return {"device.weight_levels": 31, "device.stuck_on": float(value), "device.stuck_off": float(value)}


def train_robust(_):
    return ROBUST


# name: (swept, values, what else the technology has, training for a value, whether one is for all, chips,
# more options of trnnsf-analog)
SWEEPS = {
    "levels": ("conductance_levels", "2,3,4,8,16,32,64", {}, train_levels, False, 1, []),
    "sigma": ("programming_sigma_constant", "0,0.02,0.05,0.1,0.15,0.2", {}, train_sigma, False, 5, []),
    "stuck": ("stuck_on_fraction+stuck_off_fraction", "0,0.005,0.01,0.025,0.05,0.125", {}, train_stuck, False, 5, []),
    "adc": ("adc_bits", "2,3,4,5,6,8,10", {}, train_robust, True, 1, []),
    "adc98": ("adc_bits", "2,3,4,5,6,8,10", {}, train_robust, True, 1, ["--sum-percentile", 98]),
    "tile": ("mca", "32x32,64x64,128x128,256x256", COMBINED, train_robust, True, 5, []),
}


# How to pack for crossbars of another size (doc/results.md).
PACKED = {"32x32": ["--target", "crossbars=150"], "64x64": ["--target", "crossbars=16"],
          "128x128": ["--target", "crossbars=14", "--set", "pack.patch_inputs=128"],
          "256x256": ["--target", "crossbars=7", "--set", "pack.patch_inputs=256"]}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="+", choices=["networks", "sweeps", "combined"])
    parser.add_argument("--transform", default="trnnsf-transform")
    parser.add_argument("--analog", default="trnnsf-analog")
    parser.add_argument("--data", required=True, help="MNIST")
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--seeds", default="6,7,8,9,10")
    parser.add_argument("--only", help="some of the sweeps, parted by commas")
    parser.add_argument("--samples", type=int, default=5000, help="of the test part, in sweeps")
    parser.add_argument("--jobs", type=int, default=1, help="programs at a time")
    parser.add_argument("--threads", type=int, default=1, help="of each")
    return parser.parse_args()


class Study:
    def __init__(self, given):
        self.given = given
        self.folder = given.folder
        self.seeds = [int(seed) for seed in given.seeds.split(",")]
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, program, seed, *parts):
        command = [program, *map(str, parts), "--data", self.given.data, "--seed", str(seed), "--threads",
                   str(self.given.threads), "--quiet"]
        print(" ".join(command), flush=True)
        subprocess.run(command, check=True)

    def many(self, work, cases):
        with concurrent.futures.ThreadPoolExecutor(self.given.jobs) as pool:
            return list(pool.map(lambda case: work(*case), cases))

    def network(self, name, seed):
        return self.folder / f"{name}-{seed}.safetensors"

    def train(self, path, seed, *parts):
        if not path.exists():
            self.run(self.given.transform, seed, "--schedule", HERE / "schedules" / "mnist-pack.yaml", "--compare",
                     "none", *parts, "--save", path)

    def make_networks(self, names, seed):
        """Half-trained, dense; then each method from there."""
        first = self.folder / f"dense20-{seed}.safetensors"
        self.train(first, seed, "--method", "dense", "--epochs", 20, "--set", "train.l2=0")
        methods = {
            "dense": ["--method", "dense", "--epochs", 24],
            "pruned": ["--method", "prune", "--epochs", 24, *settings({
                "train.hidden_dropout": 0.3, "prune.step": 0.007, "prune.step_last": 0.004, "prune.slowdown": 1})],
            "transform": ["--method", "transform", "--epochs", 24, *settings({
                "cluster.until": 0.6, "cluster.budget_first": 0.5, "cluster.budget_last": 0.15})],
            "pack": ["--target", "crossbars=16"]}
        for name in names:
            decay = [] if name == "pack" else ["--set", "train.l2=0"]
            self.train(self.network(name, seed), seed, "--network", first, *methods[name], *decay)

    def repack(self, mca, seed):
        """For crossbars of one size, and then for devices."""
        name = f"pack{mca}"
        self.train(self.network(name, seed), seed, "--network", self.folder / f"dense20-{seed}.safetensors", "--mca",
                   mca, *PACKED[mca])
        self.retrain(name, seed, "robust", ROBUST)

    def retrain(self, name, seed, tag, keys):
        """Trains a network for a device; without keys it stays what it is."""
        plain, path = self.network(name, seed), self.network(f"{name}-{tag}", seed)
        if keys is None:
            path.write_bytes(plain.read_bytes())
            return
        self.train(path, seed, "--network", plain, "--method", "dense", "--epochs",
                   EPOCHS[kind(name)] * (2 if keys is ROBUST else 1),
                   *settings({"train.l2": 0, "device.rate": RATE[kind(name)], **QUIET, **keys}))

    def analog(self, seed, networks, tag, technology, chips, *parts):
        result = self.folder / f"{tag}.json"
        if not result.exists():
            self.run(self.given.analog, seed, *networks, *settings({**TECHNOLOGY, **technology}), "--chips", chips,
                     *parts, "--json", result)
        return json.loads(result.read_text(encoding="utf-8"))

    def sweep(self, tag):
        keys, values, technology, train, shared, chips, options = SWEEPS[tag]
        seed = self.seeds[0]
        listed = values.split(",")
        cases = [(name, seed, "robust", ROBUST) for name in NETWORKS] if shared else [
            (name, seed, f"{tag}{value}", train(value)) for name in NETWORKS for value in listed]
        self.many(self.retrain, cases)
        operands = [f"{name}={self.network(name, seed)}" for name in NETWORKS]
        mark = "robust" if shared else f"{tag}{{}}"
        operands += [f"{name}, retrained={self.network(f'{name}-{mark}', seed)}" for name in NETWORKS]
        if tag == "tile":
            self.many(self.repack, [(mca, seed) for mca in listed])
            for at, name in ((3, "pack"), (7, "pack, retrained")):
                path = self.network("pack{}" if at == 3 else "pack{}-robust", seed)
                operands[at] = f"{name}={path}"
        result = self.analog(seed, operands, f"sweep-{tag}", technology, chips, *options, "--samples",
                             self.given.samples,
                             "--sweep", f"{keys}={values}", "--floor", 90, "--figure",
                             self.folder / f"robustness-{tag}.png")
        return f"{keys}", listed, result["points"]

    def combined(self, name, seed):
        self.retrain(name, seed, "robust", ROBUST)
        operands = [f"{name}={self.network(name, seed)}",
                    f"{name}, retrained={self.network(f'{name}-robust', seed)}"]
        return self.analog(seed, operands, f"combined-{name}-{seed}", COMBINED, 10)["points"]


def kind(name):
    return next(kind for kind in NETWORKS if name.startswith(kind))


def settings(keys):
    return [part for key, value in keys.items() for part in ("--set", f"{key}={value}")]


def cell(point):
    accuracy = point["accuracy"]
    spread = f" ± {100 * accuracy['deviation']:.2f}" if len(point["cases"][0]["accuracies"]) > 1 else ""
    return f"{100 * accuracy['test']:.2f}{spread}"


def print_sweep(keys, values, points):
    print(f"\n| {keys} | " + " | ".join(values) + " |\n|" + "---|" * (len(values) + 1))
    for first in range(0, len(points), len(values)):
        row = points[first:first + len(values)]
        print(f"| {row[0]['network']} | " + " | ".join(cell(point) for point in row) + " |")


def print_combined(study, name, results):
    print(f"\n| {name}, seed | itself | on the device | retrained: itself | on the device |\n|" + "---|" * 5)
    for seed, (before, after) in zip(study.seeds, results):
        print(f"| {seed} | {100 * before['accuracy']['network']:.2f} | {cell(before)} | "
              f"{100 * after['accuracy']['network']:.2f} | {cell(after)} |")
    for at, what in ((0, "as it is"), (1, "retrained")):
        means = [100 * result[at]["accuracy"]["test"] for result in results]
        if len(means) > 1:
            print(f"mean over seeds, {what}: {statistics.mean(means):.2f} ± {statistics.stdev(means):.2f}")


def main():
    study = Study(arguments())
    given = study.given
    if "networks" in given.parts:
        study.make_networks(NETWORKS, study.seeds[0])
        study.many(study.make_networks, [(("pack",), seed) for seed in study.seeds[1:]])
    if "combined" in given.parts:
        results = study.many(study.combined, [("pack", seed) for seed in study.seeds])
        print_combined(study, "pack", results)
        for name in NETWORKS[:3]:
            print_combined(study, name, [study.combined(name, study.seeds[0])])
    if "sweeps" in given.parts:
        for tag in given.only.split(",") if given.only else SWEEPS:
            print_sweep(*study.sweep(tag))
    return 0


if __name__ == "__main__":
    sys.exit(main())
