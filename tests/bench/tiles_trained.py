"""Trained networks on tiles, one command for all tables of doc/tiles.md:

    /usr/bin/python3 tests/bench/tiles_trained.py BENCH FOLDER [DENSE PACKED]

Trains what FOLDER lacks (tiles_train.py, with data of TRNNSF_DATA_DIR), runs BENCH (bench-tiles-trained)
and keeps its lines in FOLDER/results.txt; what is there is not run again.
"""

import importlib.util
import math
import os
import pathlib
import statistics
import subprocess
import sys

NOT_PRUNED = ("mlp-dense", "lenet-dense") # further rows
MANY_DROPPED = 50 # per cent of the synapses, above which a row is left out of the last mean


def read(path):
    rows = [dict(f.split("=", 1) for f in line.split("\t")) for line in path.read_text().splitlines()]
    return {(r["network"], r["form"], r.get("rule", "")): r for r in rows}


def number(row, key):
    return float(row[key])


def saved(before, after):
    return 100 * (1 - after / before) if before > 0 else math.nan


def table(title, head, rows):
    print(f"\n**{title}**\n\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def networks_table(results, names):
    rows = []
    for name in names:
        r = results[name, "network", ""]
        rows.append((name, r["synapses"], r["fan_in"], f"{number(r, 'dropped'):.1f} %",
                     f"{number(r, 'accuracy'):.2f}", f"{number(r, 'spiking'):.1f}"))
    table("Networks", ("network", "synapses", "fan-in", "dropped", "network %", "spiking %"), rows)


def compare(results, names, form):
    """Compact on decomposed networks beside first fit that drops inputs."""
    rows, figures = [], []
    names = [name for name in names if (name, form, "compact") in results]
    for name in names:
        before = results[name, "dropped", "first-fit"]
        after = results[name, form, "compact"]
        network = results[name, "network", ""]
        figure = {key: (number(before, key), number(after, key)) for key in
                  ("tiles", "neurons", "synapses", "idle", "driven", "accuracy", "depth", "mesh")}
        figure["name"], figure["over"] = name, number(network, "fan_in") > 128
        figure["dropped"] = number(network, "dropped")
        figures.append(figure)
        row = [name, f"{after['cut']} {after['fan_in']}"]
        row += ["{:.0f} -> {:.0f}".format(*figure["tiles"]), f"{saved(*figure['tiles']):.0f} %"]
        row += ["{:.1f} -> {:.1f}".format(*figure["neurons"])]
        row += ["{:.2f} -> {:.2f}".format(*figure["synapses"]),
                f"{figure['synapses'][1] / figure['synapses'][0]:.1f}x"]
        row += [f"{saved(*figure['idle']):.0f} %", f"{saved(*figure['driven']):.0f} %"]
        row += ["{:.1f} / {:.1f} / {:.1f}".format(number(network, "spiking"), *figure["accuracy"])]
        row += ["{:.0f} -> {:.0f}".format(*figure["depth"])]
        row += ["{:.3g} -> {:.3g}".format(*figure["mesh"])]
        rows.append(row)
    table(f"Decomposed ({form})", ("network", "F", "tiles", "saved", "columns %", "cross-points %",
                                   "ratio", "idle saved", "driven saved",
                                   "whole / dropped / decomposed %", "depth", "mesh, nJ"), rows)
    means("pruned, the paper's flow", [f for f in figures if f["name"] not in NOT_PRUNED])
    means("all", figures)
    means(f"at most {MANY_DROPPED} % dropped", [f for f in figures if f["dropped"] <= MANY_DROPPED])


def means(title, figures):
    def mean(function):
        return statistics.mean(function(f) for f in figures)

    def total(key):
        return saved(*(sum(f[key][k] for f in figures) for k in (0, 1)))

    over = [f["accuracy"][1] - f["accuracy"][0] for f in figures if f["over"]]
    ratio = mean(lambda f: f["synapses"][1] / f["synapses"][0])
    print(f"\n{title} ({len(figures)}): mean tiles saved {mean(lambda f: saved(*f['tiles'])):.1f} %, "
          f"cross-point utilisation {ratio:.1f}x (geometric "
          f"{math.exp(mean(lambda f: math.log(f['synapses'][1] / f['synapses'][0]))):.1f}x), columns "
          f"{mean(lambda f: f['neurons'][1] / f['neurons'][0]):.1f}x, idle energy saved "
          f"{mean(lambda f: saved(*f['idle'])):.1f} %, driven "
          f"{mean(lambda f: saved(*f['driven'])):.1f} %; totals: tiles {total('tiles'):.1f} %, idle "
          f"{total('idle'):.1f} %, driven {total('driven'):.1f} %, accuracy above dropping where "
          f"fan-in > 128: {statistics.mean(over):.1f} points ({len(over)} networks, least "
          f"{min(over):.1f})")


def packets(row):
    return number(row, "in") + number(row, "between")


def traffic(results, names, form, whole):
    """Packets an inference; `whole`: those from outside too."""
    rows = []
    names = [name for name in names if (name, form + "-own-best", "hypergraph") in results]
    for name in names:
        def of(row):
            return packets(row) if whole else number(row, "between")
        same = {rule: results[name, form, rule] for rule in ("first-fit", "min-comm", "hypergraph", "compact")}
        best = results[name, form + "-own-best", "min-comm"]
        own = results[name, form + "-own-best", "hypergraph"]
        metis = results.get((name, form, "metis"))
        ours = of(same["hypergraph"])
        row = [name] + [f"{of(same[rule]):.0f} on {same[rule]['tiles']}" for rule in same]
        row += [f"{saved(of(same['min-comm']), ours):.0f} %"]
        row += [f"{of(best):.0f} on {best['tiles']}", f"{of(own):.0f} on {own['tiles']}", f"{saved(of(best), of(own)):.0f} %"]
        more = results.get((name, "all-cuts", "min-comm")) if form == "exact" else None
        row += [f"{of(more):.0f} on {more['tiles']}" if more else "-"]
        row += [f"{of(metis):.0f} on {metis['tiles']}" if metis else "-"]
        row += [f"{number(same['hypergraph'], 'bound'):.0f}"] if whole else []
        rows.append(row)
    table(f"Packets, {form}, " + ("from outside and between tiles" if whole else "between tiles"),
          ("network", "first-fit", "min-comm", "hypergraph", "compact", "saved", "min-comm at its own F",
           "hypergraph at its own F", "saved",
           "min-comm, our cuts too", "METIS", *(["at least"] if whole else [])), rows)


def mappers(results, names):
    rows = []
    for name in names:
        row = [name]
        for form in ("dropped", "exact", "spiking"):
            for rule in ("first-fit", "min-comm", "compact"):
                best = form if form == "dropped" or rule == "compact" else form + "-own-best"
                row.append(results.get((name, best, rule), {"tiles": "-"})["tiles"])
        rows.append(row)
    table("Tiles by form and rule, each at its own best F",
          ["network"] + [f"{form}, {rule}" for form in ("dropped", "exact", "spiking")
                         for rule in ("first-fit", "min-comm", "compact")], rows)


def main():
    data = os.environ.get("TRNNSF_DATA_DIR")
    bench, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if not data:
        print("tiles-trained: SKIPPED (TRNNSF_DATA_DIR is not set)")
        return
    results = folder / "results.txt"
    if not results.exists() and not importlib.util.find_spec("torch"):
        print("tiles-trained: SKIPPED (no PyTorch)")
        return
    if not results.exists():
        train = pathlib.Path(__file__).with_name("tiles_train.py")
        subprocess.run([sys.executable, train, folder, data, *sys.argv[3:5]], check=True)
        lines = folder / "lines.txt"
        with lines.open("w") as to:
            subprocess.run([bench, folder / "networks.txt"], check=True, stdout=to)
        lines.rename(results)
    rows = read(results)
    names = list(dict.fromkeys(name for name, _, _ in rows))
    networks_table(rows, names)
    for form in ("exact", "spiking"):
        compare(rows, names, form)
    mappers(rows, names)
    for form in ("exact", "spiking"):
        for whole in (True, False):
            traffic(rows, names, form, whole)


main()
