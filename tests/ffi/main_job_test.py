"""The whole main job from Python's ctypes alone: data, network, schedule, run, map, check, cost, report,
files. Counts are compared with a recount in plain Python. Takes the shared library and the digits."""

import ctypes
import json
import math
import os
import pathlib
import struct
import sys
import tempfile

import trnnsf

MCA = 16
EPOCHS = 30


def expect(holds, text):
    if not holds:
        sys.exit("FAULT " + text)


def close(a, b, tolerance=1e-9):
    return abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-30)


class Progress:
    """Counts calls, and can stop a run."""

    def __init__(self):
        self.calls = 0
        self.stop_at = None
        self.function = trnnsf.CALLBACK(self.see)

    def see(self, _progress, _user):
        self.calls += 1
        return int(self.stop_at is not None and self.calls >= self.stop_at)


def open_context(lib, progress):
    options = lib.struct("context_options", threads=2,
                         progress=ctypes.cast(progress.function, ctypes.c_void_p).value)
    return lib.context_create(options)


def data(lib, ctx, folder):
    dataset = lib.dataset_load(ctx, folder, lib.struct("dataset_options", validation_fraction=0.2, seed=7))
    expect(lib.dataset_features(dataset) == 64, "digits have 64 features")
    expect(lib.dataset_classes(dataset) == 10, "digits have 10 classes")
    train, validation, test = (lib.dataset_samples(dataset, part) for part in range(3))
    expect(train + validation == 3823 and test == 1797, f"samples: {train}, {validation}, {test}")
    expect(abs(validation - 0.2 * 3823) <= 1, f"{validation} samples in the validation part")
    return dataset


def schedule(lib, ctx):
    made = lib.schedule_create(ctx, "transform", "corrected")
    lib.schedule_set(ctx, made, "train.epochs", EPOCHS)
    lib.schedule_set(ctx, made, "train.batch", 50)
    lib.schedule_set(ctx, made, "train.rate", 0.05)
    lib.schedule_set(ctx, made, "train.hidden_dropout", 0)
    expect(lib.schedule_get(ctx, made, "train.epochs") == EPOCHS, "a key that was set reads back")
    expect(lib.schedule_word(made, "method") == b"transform", "the method")
    try:
        lib.schedule_set(ctx, made, "train.epochs", -1)
        expect(False, "-1 epochs were taken")
    except trnnsf.Failure as failure:
        expect(failure.status == trnnsf.INVALID and "-1" in failure.text, failure.text)
    return made


def steps(lib, ctx, run, progress):
    """All steps, one by one; one of them stopped by the progress callback, and taken again."""
    step = lib.struct("step")
    lib.run_step(ctx, run, step)
    expect(step.epoch == 1 and step.epochs == EPOCHS, f"step {step.epoch} of {step.epochs}")
    progress.calls, progress.stop_at = 0, 1
    try:
        lib.run_step(ctx, run, step)
        expect(False, "the callback did not stop the step")
    except trnnsf.Failure as failure:
        expect(failure.status == trnnsf.CANCELLED, str(failure))
    progress.stop_at = None
    while not lib.run_done(run):
        lib.run_step(ctx, run, step)
    expect(step.epoch == EPOCHS == lib.run_steps(run), "as many steps as epochs")
    history = lib.struct("step")
    lib.run_history(ctx, run, EPOCHS - 1, history)
    expect(history.sparsity == step.sparsity and 0 < step.sparsity < 1, f"sparsity {step.sparsity}")
    try:
        lib.run_step(ctx, run, step)
        expect(False, "a step past the end")
    except trnnsf.Failure as failure:
        expect(failure.status == 9, str(failure))
    return step


def layer_of(lib, ctx, network, layer):
    """(inputs, outputs, weights row by row, kept cells) of a layer."""
    n_in, n_out = lib.network_inputs(network, layer), lib.network_outputs(network, layer)
    weights = trnnsf.floats(lib.network_weights(network, layer), n_in * n_out)
    mask = (ctypes.c_uint8 * (n_in * n_out))()
    lib.network_get_mask(ctx, network, layer, mask)
    kept = {(i // n_in, i % n_in) for i in range(n_in * n_out) if mask[i]}
    for i in range(n_in * n_out):
        expect(mask[i] or weights[i] == 0, f"layer {layer}: a masked weight is {weights[i]}")
    expect(len(kept) == lib.network_synapses(network, layer), f"layer {layer}: synapses")
    return n_in, n_out, weights, kept


def crossbars_of(lib, ctx, mapping):
    """Every crossbar as a dict of plain lists."""
    listed = []
    for index in range(lib.mapping_crossbars(mapping)):
        c = lib.struct("crossbar")
        lib.mapping_crossbar(ctx, mapping, index, c)
        listed.append({"layer": c.layer, "residue": c.residue, "synapses": c.synapses,
                       "shape": (c.shape_inputs, c.shape_outputs),
                       "inputs": trnnsf.integers(c.inputs, c.n_inputs),
                       "outputs": trnnsf.integers(c.outputs, c.n_outputs),
                       "weights": list(trnnsf.floats(c.weights, c.n_inputs * c.n_outputs))})
    return listed


def recount(lib, ctx, network, mapping):
    """The invariants and every count, from the crossbars' plain lists."""
    crossbars = crossbars_of(lib, ctx, mapping)
    layers = [layer_of(lib, ctx, network, layer) for layer in range(lib.network_layers(network))]
    placed = [{} for _ in layers]
    for index, bar in enumerate(crossbars):
        expect(len(bar["inputs"]) <= bar["shape"][0] == MCA, f"crossbar {index}: too many inputs")
        expect(len(bar["outputs"]) <= bar["shape"][1] == MCA, f"crossbar {index}: too many outputs")
        expect(len(set(bar["inputs"])) == len(bar["inputs"]), f"crossbar {index}: an input twice")
        width = len(bar["inputs"])
        for i, output in enumerate(bar["outputs"]):
            for j, source in enumerate(bar["inputs"]):
                weight = bar["weights"][i * width + j]
                if weight != 0:
                    cell = (output, source)
                    expect(cell not in placed[bar["layer"]], f"crossbar {index}: {cell} is placed twice")
                    placed[bar["layer"]][cell] = weight
    for layer, (n_in, n_out, weights, kept) in enumerate(layers):
        nonzero = {cell for cell in kept if weights[cell[0] * n_in + cell[1]] != 0}
        expect(set(placed[layer]) == nonzero, f"layer {layer}: the kept synapses are not those on crossbars")
        for (output, source), weight in placed[layer].items():
            expect(weight == weights[output * n_in + source], f"layer {layer}: another weight on the crossbar")
    counts = lib.struct("crossbar_counts")
    lib.mapping_counts(ctx, mapping, trnnsf.ALL_LAYERS, counts)
    residue = sum(bar["residue"] for bar in crossbars)
    kept = sum(len(layer[3]) for layer in layers)
    expect(counts.total == len(crossbars), "total crossbars")
    expect(counts.residue == residue and counts.clustered == len(crossbars) - residue, "clustered and residue")
    expect(counts.dense == sum(math.ceil(n_in / MCA) * math.ceil(n_out / MCA)
                               for n_in, n_out, _, _ in layers), "dense crossbars")
    expect(counts.synapses == kept == sum(bar["synapses"] for bar in crossbars), "synapses")
    expect(counts.synapses_dense == sum(n_in * n_out for n_in, n_out, _, _ in layers), "dense synapses")
    expect(counts.lower_bound <= min(counts.total, counts.pruned), "the lower bound is above a count")
    expect(counts.lower_bound >= sum(math.ceil(len(layer[3]) / MCA ** 2) for layer in layers),
           "the lower bound is below the synapses' room")
    expect(close(counts.utilisation, kept / (len(crossbars) * MCA ** 2)), "utilisation")
    return counts, crossbars, layers


def forward_by_hand(crossbars, layers, values):
    """One sample through the crossbars; ReLU after each layer but the last."""
    for layer, (_, n_out, _, _) in enumerate(layers):
        sums = [0.0] * n_out
        for bar in (bar for bar in crossbars if bar["layer"] == layer):
            width = len(bar["inputs"])
            for i, output in enumerate(bar["outputs"]):
                row = bar["weights"][i * width:(i + 1) * width]
                sums[output] += sum(w * values[j] for w, j in zip(row, bar["inputs"]))
        last = layer == len(layers) - 1
        values = sums if last else [max(0.0, total) for total in sums]
    return values


def accuracy(lib, ctx, network, mapping, dataset, crossbars, layers):
    samples = lib.dataset_samples(dataset, 2)
    features = lib.dataset_values(dataset, 2)
    labels = trnnsf.integers(lib.dataset_labels(dataset, 2), samples)
    outputs, mapped = (ctypes.c_float * (samples * 10))(), (ctypes.c_float * (samples * 10))()
    lib.network_forward(ctx, network, samples, features, outputs)
    lib.mapping_forward(ctx, mapping, network, samples, features, mapped)
    result = lib.struct("evaluation")
    lib.network_evaluate(ctx, network, dataset, 2, 0, result)
    rows = [outputs[10 * i:10 * i + 10] for i in range(samples)]
    correct = sum(row.index(max(row)) == label for row, label in zip(rows, labels))
    expect(result.samples == samples and result.correct == correct, f"correct: {result.correct}, {correct}")
    expect(close(result.accuracy, correct / samples), "accuracy")
    largest = max(max(map(abs, row)) for row in rows)
    worst = max(abs(a - b) for a, b in zip(outputs, mapped))
    expect(worst <= 1e-4 * largest, f"the crossbars' outputs differ by {worst}")
    values = trnnsf.floats(features, samples * 64)
    for i in range(0, samples, 150):
        by_hand = forward_by_hand(crossbars, layers, list(values[64 * i:64 * i + 64]))
        expect(all(abs(a - b) <= 1e-4 * largest for a, b in zip(by_hand, rows[i])), f"sample {i} by hand")
    return correct / samples


def cost(lib, ctx, network, mapping, tech, dataset):
    activity = lib.activity_measure(ctx, network, dataset, 2)
    made = lib.cost_evaluate(ctx, mapping, tech, activity)
    for kind in (lib.cost_area, lib.cost_energy):
        parts = [kind(made, trnnsf.ALL_LAYERS, part) for part in range(6)]
        layers = [kind(made, layer, 5) for layer in range(lib.mapping_layers(mapping))]
        expect(all(part >= 0 for part in parts) and parts[5] > 0, f"costs {parts}")
        expect(close(sum(parts[:5]), parts[5]), "the parts do not add up to the total")
        expect(close(sum(layers), parts[5]), "the layers do not add up to the total")
    rates, count = lib.activity_rate(activity, 0)
    expect(count == 64 and all(0 <= rate <= 1 for rate in trnnsf.floats(rates, count)), "rates")
    lib.activity_free(activity)
    return made


def safetensors(path):
    """Names, shapes and bytes of a safetensors file, by its specification alone."""
    raw = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    header.pop("__metadata__", None)
    return {name: (entry["dtype"], entry["shape"], raw[8 + size:][slice(*entry["data_offsets"])])
            for name, entry in header.items()}


def files(lib, ctx, network, mapping, folder):
    lib.network_save(ctx, network, folder + "/network.safetensors")
    tensors = safetensors(folder + "/network.safetensors")
    weights = bytes(trnnsf.floats(lib.network_weights(network, 0), 64 * lib.network_outputs(network, 0)))
    expect(any(raw == weights and dtype == "F32" for dtype, _, raw in tensors.values()),
           "no tensor of the file holds the first layer's weights")
    again = lib.network_load(ctx, folder + "/network.safetensors")
    lib.mapping_save(ctx, mapping, folder + "/mapping.safetensors")
    loaded = lib.mapping_load(ctx, folder + "/mapping.safetensors")
    lib.mapping_check(ctx, loaded, again)
    expect(lib.mapping_crossbars(loaded) == lib.mapping_crossbars(mapping), "crossbars after loading")
    lib.mapping_free(loaded)
    lib.network_free(again)


def report(lib, ctx, handles, counts, test_accuracy, folder):
    made = lib.report_create(ctx)
    entry = lib.struct("report_entry", method=b"transform", seed=1, seconds=-1.0,
                       **{name: handle.value for name, handle in handles.items()})
    lib.report_add(ctx, made, entry)
    text = json.loads(lib.report_text(ctx, made))
    lib.report_save(ctx, made, folder + "/report.json")
    with open(folder + "/report.json", encoding="utf-8") as file:
        expect(json.load(file) == text, "the saved report is another one")
    expect(text["method"] == "transform" and text["seconds"] is None, "method and seconds")
    for key in ("dense", "pruned", "clustered", "residue", "total", "lower_bound"):
        expect(text["crossbars"][key] == getattr(counts, key), f"crossbars.{key}")
        expect(lib.report_number(ctx, made, "crossbars." + key) == getattr(counts, key), key)
    expect(close(text["accuracy"]["test"], test_accuracy), "accuracy.test")
    expect(close(text["sparsity"], 1 - counts.synapses / counts.synapses_dense), "sparsity")
    expect(close(text["utilisation"], counts.utilisation), "utilisation")
    for group in ("area_m2", "energy_j"):
        parts = [text[group][part] for part in ("array", "periphery", "neuron", "buffer", "communication")]
        expect(close(sum(parts), text[group]["total"]), f"{group}.total")
    expect(len(text["layers"]) == 2 and text["latency_s"] > 0, "layers and latency")
    try:
        lib.report_figure(ctx, made, folder + "/figure.svg")
        expect(b"<svg" in pathlib.Path(folder + "/figure.svg").read_bytes()[:400], "no SVG")
    except trnnsf.Failure as failure:
        expect(failure.status == trnnsf.UNSUPPORTED, str(failure))
        print("SKIPPED: the figure:", failure.text)
    lib.report_free(made)


def files_and_report(lib, ctx, handles, counts, test_accuracy):
    with tempfile.TemporaryDirectory() as folder:
        try:
            files(lib, ctx, handles["network"], handles["mapping"], folder)
            report(lib, ctx, handles, counts, test_accuracy, folder)
            expect({name.split(".")[0] for name in os.listdir(folder)}
                   <= {"network", "mapping", "report", "figure"}, "files are left over")
        except trnnsf.Failure as failure:
            expect(failure.status == trnnsf.UNSUPPORTED, str(failure))
            print("SKIPPED: files and report:", failure.text)


def main():
    lib = trnnsf.Library(sys.argv[1])
    progress = Progress()
    ctx = open_context(lib, progress)
    try:
        dataset = data(lib, ctx, sys.argv[2])
    except trnnsf.Failure as failure:
        expect(failure.status == trnnsf.UNSUPPORTED, str(failure))
        print("SKIPPED:", failure.text)
        sys.exit(77)
    sizes = trnnsf.array(ctypes.c_size_t, [64, 160, 10])
    network = lib.network_create(ctx, sizes, 3, lib.struct("network_options", seed=5, output_activation=0))
    preset = lib.tech_preset(ctx, "resparc-45nm")
    tech = lib.tech_with_shapes(ctx, preset, f"{MCA}x{MCA}")
    plan = schedule(lib, ctx)
    run = lib.run_create(ctx, network, dataset, plan, tech, 0.0)
    steps(lib, ctx, run, progress)
    expect(progress.calls > 0, "no progress was told")
    mapping = lib.mapping_create(ctx, network, tech, None)
    lib.mapping_check(ctx, mapping, network)
    counts, crossbars, layers = recount(lib, ctx, network, mapping)
    test_accuracy = accuracy(lib, ctx, network, mapping, dataset, crossbars, layers)
    expect(test_accuracy > 0.9, f"test accuracy {test_accuracy}")
    costs = cost(lib, ctx, network, mapping, tech, dataset)
    handles = {"network": network, "mapping": mapping, "tech": tech, "dataset": dataset, "run": run}
    files_and_report(lib, ctx, handles, counts, test_accuracy)
    # The context first: whatever was made with it holds it.
    lib.context_free(ctx)
    for free, handle in ((lib.cost_free, costs), (lib.mapping_free, mapping), (lib.run_free, run),
                         (lib.schedule_free, plan), (lib.tech_free, tech), (lib.tech_free, preset),
                         (lib.network_free, network), (lib.dataset_free, dataset)):
        free(handle)
    print(f"accuracy {test_accuracy:.4f}, {counts.total} crossbars ({counts.dense} dense), "
          f"utilisation {counts.utilisation:.3f}")


main()
