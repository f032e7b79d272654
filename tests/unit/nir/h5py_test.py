"""NIR files against an independent reader and writer, Python's h5py, and an independent simulation.

    h5py_test.py DRIVER
    h5py_test.py DRIVER flips N    files with a few bytes changed, each in a process of its own: how many
                                   end in a signal or take longer than ten seconds

Files that the library writes have the documented structure and, simulated by numpy in double precision,
the library's spikes; files in the package's layout, older ones and variants of them are read; chains of
every supported node give the spikes of the simulation; broken files are refused with the node's name.
Spikes are compared until a potential comes within 1e-5 of its threshold, where rounding may decide.
Exits with 77 (skipped) where h5py is not installed.
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
except ImportError:
    print("SKIPPED: h5py or numpy is not installed")
    sys.exit(77)
import nirfile

NEAR = 1e-5
faults = []


def expect(holds, what):
    if not holds:
        faults.append(what)
        print("FAULT:", what)


def drive(driver, *arguments):
    return subprocess.run([driver, *map(str, arguments)], capture_output=True, check=False).stdout


def parse_spikes(output):
    """[(neurons, steps) array] and the class."""
    layers = []
    while not output.startswith(b"class"):
        head, _, output = output.partition(b"\n")
        neurons, steps = map(int, head.split())
        layers.append(np.frombuffer(output[:neurons * steps], np.uint8).reshape(neurons, steps))
        output = output[neurons * steps:]
    return layers, int(output.split()[1])


def same_spikes(ours, theirs, nearest, what):
    """Layers that fire, until rounding may decide; returns the steps that were compared."""
    clear = int(np.argmax(nearest < NEAR)) if (nearest < NEAR).any() else len(nearest)
    expect(len(ours) == len(theirs), f"{what}: {len(ours)} firing layers, not {len(theirs)}")
    for k, (a, b) in enumerate(zip(ours, theirs)):
        expect(a.shape == b.shape, f"{what}: layer {k} has {a.shape}, not {b.shape}")
        expect(np.array_equal(a[:, :clear], b[:, :clear]), f"{what}: layer {k} spikes otherwise")
    return clear


# What the package's classes take, beside their own parameters, type and metadata.
TAKES_TYPES = {"Affine", "Conv1d", "CubaLI", "CubaLIF", "Delay", "I", "IF", "LI", "LIF", "SumPool2d", "Threshold"}
PARAMETERS = {"Input": {"shape"}, "Output": {"shape"}, "Affine": {"weight", "bias"}, "Linear": {"weight"},
              "IF": {"r", "v_threshold", "v_reset"}, "I": {"r"},
              "LIF": {"tau", "r", "v_leak", "v_threshold", "v_reset"}, "LI": {"tau", "r", "v_leak"},
              "CubaLIF": {"tau_syn", "tau_mem", "r", "v_leak", "v_threshold", "v_reset", "w_in"},
              "CubaLI": {"tau_syn", "tau_mem", "r", "v_leak", "w_in"}, "Delay": {"delay"}, "Scale": {"scale"},
              "Threshold": {"threshold"}, "Flatten": {"start_dim", "end_dim", "input_type"},
              "SumPool2d": {"kernel_size", "stride", "padding"}, "AvgPool2d": {"kernel_size", "stride", "padding"},
              "Conv1d": {"input_shape", "weight", "stride", "padding", "dilation", "groups", "bias"},
              "Conv2d": {"input_shape", "weight", "stride", "padding", "dilation", "groups", "bias"}}


def check_structure(path, what):
    version, nodes, edges, _ = nirfile.read(path)
    expect(isinstance(version, str), f"{what}: version is no text")
    for name, node in nodes.items():
        kind = node["type"]
        wanted = PARAMETERS[kind] | {"type", "metadata"}
        if kind in TAKES_TYPES:
            wanted |= {"input_type", "output_type"}
            expect(set(node["input_type"]) == {"input"}, f"{what}: {name}: input_type")
        expect(set(node) == wanted, f"{what}: {name} has {sorted(set(node) ^ wanted)} too few or too many")
        for said in ("input_type", "output_type"):
            expect(node["metadata"][said].ndim == 1, f"{what}: {name}: no {said}")
    for a, b in edges:
        expect(np.array_equal(nodes[a]["metadata"]["output_type"], nodes[b]["metadata"]["input_type"]),
               f"{what}: shapes of {a} and {b}")


def exported(driver, folder):
    """Our own networks: leak, reset and readout in all ways."""
    compared = 0
    for seed in range(12):
        leak, reset, readout = [0, 0.125, 0.1][seed % 3], seed // 3 % 2, seed // 6
        path, what = folder / f"own{seed}.nir", f"export {seed}"
        ours, label = parse_spikes(drive(driver, "export", path, seed, leak, reset, readout, 70))
        check_structure(path, what)
        inputs = np.fromfile(f"{path}.inputs", np.float32)
        scale = float(nirfile.read(path)[1]["input"]["metadata"]["scale"])
        coded = np.rint(inputs * np.float32(1 / scale) * 4096) / 4096
        theirs, last, nearest = nirfile.simulate(path, coded, 70)
        compared += same_spikes(ours[:len(theirs)], theirs, nearest, what)
        if readout == 0 and nearest[-1] >= NEAR:
            expect(int(np.argmax(last)) == label, f"{what}: class {label}, not {np.argmax(last)}")
        again, other = parse_spikes(drive(driver, "run", path, 0, 0, 70, readout, f"{path}.inputs"))
        expect(all(np.array_equal(a, b) for a, b in zip(ours, again)) and label == other,
               f"{what}: other spikes when read again")
        copied = folder / "copied.nir"
        drive(driver, "copy", path, copied)
        expect(copied.read_bytes() == path.read_bytes() or
               nirfile.read(copied)[1].keys() == nirfile.read(path)[1].keys(), f"{what}: copied")
    return compared


def port(*shape):
    return np.array(shape)


def full(n, value, spread=0.0, random=None):
    return (value + (spread * random.random(n) if random is not None else np.zeros(n))).astype(np.float32)


def neurons(kind, shape, random, dt=1e-3):
    """Random parameters, each neuron its own."""
    def vary(value, spread):
        return (value + spread * random.random(shape)).astype(np.float32)
    node = {"type": kind}
    if kind in ("LI", "LIF"):
        node["tau"] = vary(4 * dt, 20 * dt)
    if kind in ("CubaLI", "CubaLIF"):
        node |= {"tau_syn": vary(2 * dt, 6 * dt), "tau_mem": vary(4 * dt, 20 * dt), "w_in": vary(2, 4)}
    if kind == "Threshold":
        return node | {"threshold": vary(-0.2, 1)}
    node["r"] = vary(0.5 / dt if kind in ("I", "IF") else 2, 0.3 / dt if kind in ("I", "IF") else 6)
    if kind not in ("I", "IF"):
        node["v_leak"] = vary(-0.1, 0.3)
    if kind in nirfile.FIRES:
        node |= {"v_threshold": vary(0.6, 1), "v_reset": vary(-0.3, 0.5)}
    return node


def affine(n_out, n_in, random):
    return {"type": "Affine", "weight": random.uniform(-0.3, 0.5, (n_out, n_in)).astype(np.float32),
            "bias": random.uniform(-0.1, 0.2, n_out).astype(np.float32)}


def convolution(n_out, n_in, kernel, random, size, **ways):
    node = {"type": "Conv2d" if len(kernel) == 2 else "Conv1d", "input_shape": size,
            "weight": random.uniform(-0.2, 0.5, (n_out, n_in, *kernel)).astype(np.float32),
            "bias": random.uniform(-0.1, 0.1, n_out).astype(np.float32),
            "stride": (1, 1) if len(kernel) == 2 else 1, "dilation": (1, 1) if len(kernel) == 2 else 1,
            "padding": (0, 0) if len(kernel) == 2 else 0, "groups": 1}
    return node | ways


def chains(random):
    """Graphs that hold every node, each a dict in the order of the chain."""
    start, end = {"type": "Input", "shape": port(12)}, {"type": "Output", "shape": port(7)}
    for kind in ("IF", "LIF", "CubaLIF", "Threshold"):
        for last in ("I", "LI", "CubaLI", kind, None):
            nodes = {"in": start, "a": affine(9, 12, random), "b": neurons(kind, 9, random),
                     "c": affine(7, 9, random)}
            if last:
                nodes["d"] = neurons(last, 7, random)
            yield nodes | {"out": end}
    yield {"in": start, "n": neurons("LIF", 12, random), "s": {"type": "Scale", "scale": full(12, 1, 1, random)},
           "w": {"type": "Linear", "weight": random.random((5, 12))}, "a": affine(7, 5, random),
           "i": neurons("IF", 7, random), "j": neurons("IF", 7, random), "out": end}
    yield {"in": start, "a": affine(9, 12, random), "b": neurons("LIF", 9, random),
           "d": {"type": "Delay", "delay": 1e-3 * np.arange(9) * 9}, "e": {"type": "Delay", "delay": np.full(9, 2e-3)},
           "c": affine(7, 9, random), "f": neurons("CubaLIF", 7, random), "out": end}
    yield {"in": {"type": "Input", "shape": port(2, 9, 8)},
           "conv": convolution(4, 2, (3, 2), random, (9, 8), stride=(2, 1), padding=(1, 2), dilation=(1, 2)),
           "n": neurons("LIF", (4, 5, 10), random),
           "pool": {"type": "AvgPool2d", "kernel_size": port(2, 3), "stride": port(2, 2), "padding": port(1, 0)},
           "two": convolution(6, 2, (3, 3), random, (3, 4), padding="same", groups=2),
           "m": neurons("IF", (6, 3, 4), random),
           "sum": {"type": "SumPool2d", "kernel_size": port(2, 2), "stride": port(1, 2), "padding": port(0, 1)},
           "flat": {"type": "Flatten", "start_dim": 0, "end_dim": -1, "input_type": port(6, 2, 3)},
           "fc": affine(7, 36, random), "i": neurons("LI", 7, random), "out": end}
    yield {"in": {"type": "Input", "shape": port(3, 20)},
           "conv": convolution(4, 3, (5,), random, 20, stride=2, padding=2, dilation=2),
           "s": {"type": "Scale", "scale": 0.5 + random.random((4, 8))},
           "n": neurons("CubaLIF", (4, 8), random), "valid": convolution(2, 4, (3,), random, 8, padding="valid"),
           "flat": {"type": "Flatten", "start_dim": 0, "end_dim": 1, "input_type": port(2, 6)},
           "fc": affine(7, 12, random), "i": neurons("LIF", 7, random), "out": end}


def simulated(driver, folder):
    random, compared, spikes = np.random.default_rng(7), 0, 0
    for number, nodes in enumerate(chains(random)):
        path, what = folder / "chain.nir", f"chain {number}"
        nirfile.write(path, nodes)
        inputs = (random.integers(0, 4096, int(np.prod(nodes["in"]["shape"]))) / 4096).astype(np.float32)
        inputs.tofile(folder / "inputs")
        for reset in (1, 2):
            subtract = reset == 1
            if subtract and any(node["type"] == "Threshold" for node in nodes.values()):
                continue
            output = drive(driver, "run", path, 1e-3, reset, 77, 1, folder / "inputs")
            if output.startswith(b"TRNNSF"):
                expect(False, f"{what}: {output.decode()}")
                continue
            ours, _ = parse_spikes(output)
            theirs, last, nearest = nirfile.simulate(path, inputs, 77, 1e-3, subtract)
            steps = same_spikes(ours[:len(theirs)], theirs, nearest, what)
            compared, spikes = compared + steps, spikes + sum(int(t[:, :steps].sum()) for t in theirs)
            if list(nodes.values())[-2]["type"] not in nirfile.FIRES and nearest[-1] >= NEAR:
                _, label = parse_spikes(output)
                ideal = last if list(nodes.values())[-2]["type"] in ("I", "LI", "CubaLI") else None
                expect(ideal is None or int(np.argmax(ideal)) == label, f"{what}: class {label}")
    return compared, spikes


def small(**changed):
    """A good graph of small size; nodes changed, or None: left out."""
    nodes = {"in": {"type": "Input", "shape": port(3)},
             "fc": {"type": "Affine", "weight": np.ones((2, 3), np.float32), "bias": np.zeros(2, np.float32)},
             "lif": {"type": "LIF", "tau": np.full(2, 1e-2), "r": np.ones(2), "v_leak": np.zeros(2),
                     "v_threshold": np.ones(2), "v_reset": np.zeros(2)},
             "out": {"type": "Output", "shape": port(2)}}
    for name, change in changed.items():
        nodes[name] = nodes.get(name, {}) | change
        nodes[name] = {key: value for key, value in nodes[name].items() if value is not None}
    return nodes


CHAIN = [("in", "fc"), ("fc", "lif"), ("lif", "out")]


def readable():
    """What must load: (what, nodes, edges, more)."""
    yield "plain", small(), CHAIN, {}
    yield "no v_reset", small(lif={"v_reset": None}), CHAIN, {}
    yield "scalars", small(lif={"tau": 1e-2, "r": 1.0, "v_leak": 0, "v_threshold": 1, "v_reset": None}), CHAIN, {}
    yield "one value", small(lif={"tau": np.array([1e-2]), "v_reset": np.array([0.0])}), CHAIN, {}
    yield "types as groups", small(lif={"input_type": {"input": port(2)}, "output_type": {"output": port(2)}}), CHAIN, {}
    yield "metadata", small(lif={"metadata": {"a": "text", "b": 2, "c": {"d": np.arange(3)}}}), CHAIN, {
        "metadata": {"who": "me", "flags": np.array([True, False])}}
    yield "float16", small(lif={"tau": np.full(2, 1e-2, np.float16)}), CHAIN, {}
    yield "integers", small(fc={"weight": np.ones((2, 3), np.int8)}), CHAIN, {}
    yield "no version", small(), CHAIN, {"version": None}
    yield "types of the graph", small(), CHAIN, {"input_type": {"in": port(3)}, "output_type": {"out": port(2)}}
    nested = {"in": {"type": "Input", "shape": port(2)}, "if": {"type": "IF", "r": np.ones(2), "v_threshold": np.ones(2)},
              "end": {"type": "Output", "shape": port(2)}}
    yield "nested", small(lif={"type": "NIRGraph", "nodes": nested, "edges": [("in", "if"), ("if", "end")],
                               "tau": None, "r": None, "v_leak": None, "v_threshold": None,
                               "v_reset": None}), CHAIN, {}


def refused():
    """What must not: (what, nodes, edges, status, words)."""
    form, unsupported = "TRNNSF_E_FORMAT", "TRNNSF_E_UNSUPPORTED"
    yield "missing member", small(lif={"tau": None}), CHAIN, form, '"lif": tau is missing'
    yield "extra member", small(lif={"tao": np.ones(2)}), CHAIN, form, '"lif": LIF has no member "tao"'
    yield "missing type", small(lif={"type": None}), CHAIN, form, '"lif": type is missing'
    yield "unknown type", small(lif={"type": "Izhikevich"}), CHAIN, unsupported, '"lif": type "Izhikevich"'
    yield "missing node", small(), CHAIN + [("lif", "who")], form, 'no node "who"'
    yield "wrong shape", small(lif={"tau": np.full(3, 1e-2)}), CHAIN, form, '"lif": tau has shape [3], the input [2]'
    yield "bias", small(fc={"bias": np.zeros(3)}), CHAIN, form, '"fc": bias [3]'
    yield "weight", small(fc={"weight": np.ones(3)}), CHAIN, form, '"fc": weight [3]'
    yield "weight of other inputs", small(fc={"weight": np.ones((2, 4))}), CHAIN, form, '"fc": the shape that comes in is [3], not [4]'
    yield "output", small(out={"shape": port(5)}), CHAIN, form, '"out"'
    yield "said", small(lif={"input_type": {"input": port(4)}}), CHAIN, form, '"lif": input_type is [4], not [2]'
    yield "not a number", small(lif={"tau": np.array([1e-2, np.nan])}), CHAIN, form, '"lif": tau[1] nan'
    yield "infinite", small(fc={"weight": np.full((2, 3), np.inf)}), CHAIN, form, '"fc": weight[0] inf'
    yield "no time", small(lif={"tau": np.zeros(2)}), CHAIN, form, '"lif": tau[0] 0'
    yield "text", small(lif={"tau": "long"}), CHAIN, form, '"lif": tau is the text'
    yield "no lengths", small(**{"in": {"shape": port(0)}}), CHAIN, form, '"in": shape[0] 0'
    yield "absurd", small(**{"in": {"shape": port(2 ** 24, 2 ** 24)}}), CHAIN, "TRNNSF_E_LIMIT", '"in"'
    yield "loop", small(), CHAIN + [("lif", "fc")], unsupported, '"lif" -> "fc" is recurrent'
    yield "own loop", small(), CHAIN + [("lif", "lif")], unsupported, '"lif": edge "lif" -> "lif" is recurrent'
    yield "twice", small(), CHAIN + [("fc", "lif")], form, 'edge "fc" -> "lif" is there twice'
    yield "unreached", small(spare={"type": "Threshold", "threshold": np.ones(2)}), CHAIN, form, '"spare"'
    yield "leads nowhere", small(spare={"type": "Threshold", "threshold": np.ones(2)}), CHAIN + [("fc", "spare")], form, '"spare": no output'
    yield "no edges", small(), [], form, "not reached"
    yield "no input", {k: v for k, v in small().items() if k != "in"}, CHAIN[1:], form, "no node of type Input"


def shapes(driver, folder):
    path = folder / "small.nir"
    for what, nodes, edges, more in readable():
        nirfile.write(path, nodes, edges, **({"version": "1.0.8"} | more))
        output = drive(driver, "check", path).decode()
        expect(output.startswith("version") and "node in Input in=3 out=3" in output, f"{what}: {output}")
        if what == "nested":
            expect("edge fc lif.if" in output and "edge lif.if out" in output, f"{what}: {output}")
    count = 0
    for what, nodes, edges, status, words in refused():
        nirfile.write(path, nodes, edges)
        output = drive(driver, "check", path).decode()
        expect(output.startswith(status + ":") and words in output, f"{what}: {output}")
        count += 1
    return count


def odd_files(driver, folder):
    """Layouts of HDF5 that are read or refused, and the layout before version 0.1."""
    path = folder / "odd.nir"

    def check(what, words):
        output = drive(driver, "check", path).decode()
        expect(words in output, f"{what}: {output}")

    with h5py.File(path, "w") as file:
        for number, node in enumerate([{"type": "Input", "shape": port(3)},
                                       {"type": "Linear", "weights": np.ones((2, 3)), "bias": np.zeros(2)},
                                       {"type": "LIF", "tau": np.ones(2), "r": np.ones(2), "v_leak": np.zeros(2),
                                        "v_th": np.ones(2)}, {"type": "Output"}]):
            nirfile.put(file, f"nodes/{number}", node)
        file["edges"] = [(0, 1), (1, 2), (2, 3)]
    check("the first layout", "node 1 Affine in=3 out=2")
    for latest in (False, True):
        with h5py.File(path, "w", libver="latest" if latest else "earliest", track_order=latest) as file:
            for key, value in {"type": "NIRGraph", "nodes": small()}.items():
                nirfile.put(file, f"node/{key}", value)
            file["node/edges"] = np.array(CHAIN, dtype="S8")
            del file["node/nodes/fc/type"]
            file["node/nodes/fc/type"] = np.bytes_(b"Affine")
        check("texts of a fixed size", "node lif LIF in=2")

    def broken(what, words, change):
        nirfile.write(path, small(), CHAIN)
        with h5py.File(path, "r+") as file:
            change(file)
        check(what, words)

    def replace(file, name, **how):
        del file[name]
        file.create_dataset(name, **how)

    weight = "node/nodes/fc/weight"
    broken("soft link", "is a link", lambda f: f["node/nodes"].__setitem__("soft", h5py.SoftLink("/node")))
    broken("link to a file", "is a link", lambda f: f["node/nodes"].__setitem__("far", h5py.ExternalLink("/etc/passwd", "/")))
    broken("a graph in itself", "nested too deep", lambda f: f["node/nodes"].__setitem__("self", f["node"]))
    broken("metadata in itself", "too", lambda f: f.create_group("node/nodes/fc/metadata").__setitem__("self", f["node/nodes/fc/metadata"]))
    broken("a group for a dataset", '"fc": weight: it is no dataset', lambda f: (f.__delitem__(weight), f.create_group(weight)))
    broken("never written", '"fc": weight: ', lambda f: replace(f, weight, shape=(10000, 20000), dtype="f8"))
    broken("other filter", '"fc": weight: it lies', lambda f: replace(f, weight, data=np.ones((2, 3)), compression="lzf"))
    broken("outside", '"fc": weight: it lies', lambda f: replace(f, weight, shape=(2, 3), dtype="f8", external=[("/etc/passwd", 0, 48)]))
    broken("absurd lengths", "TRNNSF_E_LIMIT", lambda f: replace(f, weight, shape=(2 ** 40, 3), dtype="f8", chunks=(1024, 3)))
    broken("compound", '"fc": weight is neither', lambda f: replace(f, weight, data=np.zeros(3, dtype=[("a", "f4")])))
    broken("edges of three", "pairs of names", lambda f: replace(f, "node/edges", data=np.array([["a", "b", "c"]], dtype="S2")))
    broken("edges are numbers", "no node", lambda f: replace(f, "node/edges", data=np.array([[0, 1]])))
    broken("no edges", "edges is missing", lambda f: f.__delitem__("node/edges"))
    broken("no nodes", "nodes is missing", lambda f: f.__delitem__("node/nodes"))
    broken("no graph", "holds one LIF", lambda f: replace(f, "node/type", data="LIF"))
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200))
    check("no HDF5", "TRNNSF_E_FORMAT")
    path.write_bytes(b"")
    check("nothing", "TRNNSF_E_FORMAT")


def flips(driver, folder, count):
    """One to six bytes changed, two of three in the first 4000, where HDF5 keeps what it is."""
    random, bad = np.random.default_rng(1), 0
    golden = pathlib.Path(__file__).parents[2] / "golden" / "nir"
    files = [golden / name for name in ("latest.nir", "package.nir", "v1.nir", "first-layout.h5")]
    for number in range(count):
        changed = bytearray(files[number % len(files)].read_bytes())
        for _ in range(random.integers(1, 7)):
            reach = len(changed) if random.integers(3) == 0 else min(4000, len(changed))
            changed[random.integers(reach)] ^= random.integers(1, 256)
        (folder / "flipped.nir").write_bytes(changed)
        try:
            done = subprocess.run([driver, "check", folder / "flipped.nir"], capture_output=True, timeout=10, check=False)
            bad += done.returncode < 0
        except subprocess.TimeoutExpired:
            bad += 1
    print(f"{bad} of {count} changed files end in a signal or take longer than ten seconds")


def main():
    driver = sys.argv[1]
    if sys.argv[2:3] == ["flips"]:
        with tempfile.TemporaryDirectory() as name:
            flips(driver, pathlib.Path(name), int(sys.argv[3]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "probe").write_bytes(b"no")
        if b"built without HDF5" in drive(driver, "check", folder / "probe"):
            print("SKIPPED: the library was built without HDF5")
            sys.exit(77)
        print(f"{exported(driver, folder)} steps of exported networks compared")
        compared, spikes = simulated(driver, folder)
        print(f"{compared} steps of chains compared, {spikes} spikes in them")
        expect(compared > 2000 and spikes > 5000, "the chains hardly fire")
        print(f"{shapes(driver, folder)} broken graphs refused")
        odd_files(driver, folder)
    sys.exit(f"{len(faults)} faults" if faults else 0)


main()
