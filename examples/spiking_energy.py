#!/usr/bin/env python3
"""Energy of an inference as a spiking network, method by method: runs trnnsf-spike on each network and prints a
table in Markdown, with what each saves of the energy of `dense` and of `prune`.

    examples/spiking_energy.py --data DIR/mnist --seeds 1,2,3 \\
        dense=dense-{}.safetensors prune=prune-{}.safetensors transform=transform-{}.safetensors

{} is the seed; a name without it is one network. Options of trnnsf-spike are given in one string:
--options="--steps 32 --mca 64x64 --set resistance_off_ohm=1e9"."""

import argparse
import json
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

PARTS = ("array", "periphery", "neuron", "buffer", "communication", "total")
REFERENCES = ("dense", "prune")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="+", metavar="NAME=FILE")
    parser.add_argument("--spike", default="trnnsf-spike", help="the program")
    parser.add_argument("--data", required=True)
    parser.add_argument("--seeds", default="", help="what {} stands for, parted by commas")
    parser.add_argument("--options", default="", type=shlex.split, help="further ones of the program")
    return parser.parse_args()


def measure(options, network):
    """The report of one run."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        subprocess.run([options.spike, str(network), "--data", options.data, *options.options, "--quiet",
                        "--json", str(path)], check=True)
        return json.loads(path.read_text(encoding="utf-8"))


def files_of(text, seeds):
    name, _, file = text.partition("=")
    if not file:
        sys.exit(f"{text}: expected NAME=FILE")
    return name, [file.replace("{}", seed) for seed in seeds] if "{}" in file else [file]


def spread(values, scale=1.0, digits=2):
    mean = f"{scale * statistics.mean(values):.{digits}f}"
    return mean + (f" ± {scale * statistics.stdev(values):.{digits}f}" if len(values) > 1 else "")


def energies(reports, part):
    return [report["energy_j"][part] for report in reports]


def row(name, reports):
    cells = [name,
             spread([report["accuracy"]["network"] for report in reports], 100),
             spread([report["accuracy"]["test"] for report in reports], 100),
             spread([report["crossbars"]["total"] for report in reports], 1, 0),
             spread([report["spikes_a_sample"] for report in reports], 1, 0),
             spread([report["traffic_a_sample"]["messages"] for report in reports], 1, 0)]
    cells += [spread(energies(reports, part), 1e9, 1) for part in PARTS]
    return cells + [spread([report["latency_s"] for report in reports], 1e6)]


def savings(reports, references, part):
    """Seed by seed, where both have as many networks; else of the means."""
    own, other = energies(reports, part), energies(references, part)
    if len(own) != len(other):
        own, other = [statistics.mean(own)], [statistics.mean(other)]
    return [1 - a / b for a, b in zip(own, other)]


def print_table(head, rows):
    for cells in (head, ["---"] * len(head), *rows):
        print("| " + " | ".join(cells) + " |")
    print()


def main():
    options = arguments()
    seeds = [seed for seed in options.seeds.split(",") if seed]
    found = {}
    for text in options.networks:
        name, files = files_of(text, seeds)
        found[name] = [measure(options, file) for file in files]
    print_table(["network", "itself / %", "spiking / %", "crossbars", "spikes", "spikes to PEs",
                 *(f"{part} / nJ" for part in PARTS), "latency / µs"],
                [row(name, reports) for name, reports in found.items()])
    compared = [(reference, part) for reference in REFERENCES if reference in found
                for part in ("array", "communication", "total")]
    if compared:
        print_table(["saved, %", *(f"{part} vs {reference}" for reference, part in compared)],
                    [[name] + [spread(savings(reports, found[reference], part), 100, 1)
                               for reference, part in compared]
                     for name, reports in found.items() if name != "dense"])


if __name__ == "__main__":
    main()
