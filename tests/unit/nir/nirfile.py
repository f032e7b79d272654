"""NIR files by h5py and numpy alone: writes graphs as the Python package `nir` does (structure only: no
code is shared), reads them, and simulates chains by forward Euler in double precision. The judge of
h5py_test.py."""
import h5py
import numpy as np

TEXT = h5py.string_dtype()


def put(group, name, value):
    """The package's rules: text as UTF-8 of any length, arrays compressed, all else as it is."""
    if isinstance(value, str):
        group.create_dataset(name, data=value, dtype=TEXT)
    elif isinstance(value, dict):
        inner = group.create_group(name)
        for key, item in value.items():
            put(inner, key, item)
    elif isinstance(value, np.ndarray) and value.ndim > 0:
        group.create_dataset(name, data=value, compression="gzip")
    else:
        group.create_dataset(name, data=value)


def write(path, nodes, edges=None, version="1.0.8", libver="earliest", **more):
    """nodes: {name: {type, ...}}; edges default to a chain in their order."""
    names = list(nodes)
    with h5py.File(path, "w", libver=libver) as file:
        if version:
            put(file, "version", version)
        graph = file.create_group("node")
        put(graph, "type", "NIRGraph")
        put(graph, "nodes", nodes)
        put(graph, "edges", list(zip(names, names[1:])) if edges is None else edges)
        for key, value in more.items():
            put(graph, key, value)


def value_of(dataset):
    value = dataset[()]
    return value.decode() if isinstance(value, bytes) else value


def members(group):
    return {name: members(item) if isinstance(item, h5py.Group) else value_of(item)
            for name, item in group.items()}


def read(path):
    """(version, {name: node}, edges, metadata) with every member of the documented structure."""
    with h5py.File(path, "r") as file:
        graph = file["node"]
        assert graph["type"].dtype == TEXT and value_of(graph["type"]) == "NIRGraph"
        edges = [(a.decode(), b.decode()) for a, b in graph["edges"][()]]
        metadata = members(graph["metadata"]) if "metadata" in graph else {}
        return value_of(file["version"]), members(graph["nodes"]), edges, metadata


def chain(nodes, edges):
    """Names from the input to the output."""
    follows = dict(edges)
    at = next(name for name, node in nodes.items() if node["type"] == "Input")
    names = [at]
    while at in follows:
        at = follows[at]
        names.append(at)
    return names


def pair(value):
    value = np.atleast_1d(value)
    return int(value[0]), int(value[-1])


def slide(x, weight, node, groups=1):
    """A convolution over channels, rows and columns, by its definition; weight [out, in, rows, columns]."""
    stride, dilation = pair(node["stride"]), pair(node.get("dilation", 1))
    kernel = weight.shape[2:]
    if isinstance(node["padding"], str):
        before = [0, 0] if node["padding"] == "valid" else [d * (k - 1) // 2 for d, k in zip(dilation, kernel)]
        after = [0, 0] if node["padding"] == "valid" else [d * (k - 1) - b for d, k, b in zip(dilation, kernel, before)]
    else:
        before = after = pair(node["padding"])
    x = np.pad(x, [(0, 0), (before[0], after[0]), (before[1], after[1])])
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel)]
    rows = (x.shape[1] - reach[0]) // stride[0] + 1
    columns = (x.shape[2] - reach[1]) // stride[1] + 1
    out = np.zeros((weight.shape[0], rows, columns))
    for o in range(weight.shape[0]):
        first = o // (weight.shape[0] // groups) * weight.shape[1]
        for r in range(rows):
            for c in range(columns):
                part = x[first:first + weight.shape[1],
                         r * stride[0]:r * stride[0] + reach[0]:dilation[0],
                         c * stride[1]:c * stride[1] + reach[1]:dilation[1]]
                out[o, r, c] = np.sum(part * weight[o])
    return out


def convolve(node, x):
    weight = np.asarray(node["weight"], float)
    if node["type"] == "Conv1d":
        flat = {**node, "stride": (1, pair(node["stride"])[0]), "dilation": (1, pair(node["dilation"])[0])}
        if not isinstance(node["padding"], str):
            flat["padding"] = (0, pair(node["padding"])[0])
        out = slide(x[:, None, :], weight[:, :, None, :], flat, int(node["groups"]))[:, 0, :]
    else:
        out = slide(x, weight, node, int(node["groups"]))
    return out + np.asarray(node["bias"], float).reshape(-1, *[1] * (out.ndim - 1))


def pool(node, x):
    kernel = pair(node["kernel_size"])
    out = np.stack([slide(channel[None], np.ones((1, 1, *kernel)), node)[0] for channel in x])
    return out / (kernel[0] * kernel[1]) if node["type"] == "AvgPool2d" else out


def flatten(node, x):
    first, last = int(node.get("start_dim", 1)), int(node.get("end_dim", -1))
    last += x.ndim if last < 0 else 0
    return x.reshape(*x.shape[:first], -1, *x.shape[last + 1:])


LINEAR = {"Affine": lambda n, x: np.asarray(n["weight"], float) @ x + np.asarray(n["bias"], float),
          "Linear": lambda n, x: np.asarray(n["weight"], float) @ x,
          "Scale": lambda n, x: np.asarray(n["scale"], float) * x,
          "Conv1d": convolve, "Conv2d": convolve, "SumPool2d": pool, "AvgPool2d": pool, "Flatten": flatten,
          "Input": lambda n, x: x, "Output": lambda n, x: x}
FIRES = ("IF", "LIF", "CubaLIF", "Threshold")


class Neurons:
    """dv = dt / tau (v_leak - v + r I), dI = dt / tau_syn (w_in x - I), both by the last step's values; a
    spike where v > v_threshold, then v = v_reset, or less by the threshold."""

    def __init__(self, node, dt, subtract):
        self.node, self.dt, self.subtract = node, dt, subtract
        metadata = node.get("metadata", {})
        if subtract is None:
            self.subtract = metadata.get("reset") == "subtract"
        self.at_threshold = bool(metadata.get("fires_at_threshold", 0))
        self.initial, self.v, self.current = metadata.get("initial", 0.0), None, None
        self.nearest = np.inf

    def get(self, name, fallback=0.0):
        return np.asarray(self.node.get(name, fallback), float)

    def step(self, x):
        kind, dt = self.node["type"], self.dt
        if self.v is None:
            self.v = np.broadcast_to(np.asarray(self.initial, float).reshape(
                x.shape if np.size(self.initial) > 1 else ()), x.shape).copy()
            self.current = np.zeros(x.shape)
        if kind == "Threshold":
            self.v = np.array(x, float)
        elif kind in ("CubaLI", "CubaLIF"):
            last = self.current
            self.current = last + dt / self.get("tau_syn") * (self.get("w_in", 1.0) * x - last)
            self.v = self.v + dt / self.get("tau_mem") * (self.get("v_leak") - self.v + self.get("r") * last)
        elif kind in ("LI", "LIF"):
            self.v = self.v + dt / self.get("tau") * (self.get("v_leak") - self.v + self.get("r") * x)
        else:
            self.v = self.v + dt * self.get("r") * x
        if kind not in FIRES:
            return self.v
        threshold = self.get("threshold" if kind == "Threshold" else "v_threshold")
        above = self.v - threshold
        self.nearest = min(self.nearest, float(np.min(np.abs(above))))
        spikes = above >= 0 if self.at_threshold else above > 0
        if kind != "Threshold":
            reset = self.v - threshold if self.subtract else self.get("v_reset")
            self.v = np.where(spikes, reset, self.v)
        return spikes.astype(float)


class Late:
    def __init__(self, node, dt):
        self.steps = np.rint(np.asarray(node["delay"], float) / dt).astype(int)
        self.seen = []

    def step(self, x):
        self.seen.append(x)
        steps = np.broadcast_to(self.steps, x.shape)
        out = np.zeros(x.shape)
        for place in np.ndindex(x.shape):
            at = len(self.seen) - 1 - steps[place]
            out[place] = self.seen[at][place] if at >= 0 else 0
        return out


def simulate(path, inputs, steps, dt=None, subtract=None):
    """Spikes of each group of neurons that fires [neurons, steps], the last potentials, and for each step
    how near any potential has come to its threshold so far."""
    _, nodes, edges, metadata = read(path)
    names = chain(nodes, edges)
    dt = dt or float(metadata.get("dt", 0)) or 1.0
    places = {name: Late(nodes[name], dt) if nodes[name]["type"] == "Delay"
              else Neurons(nodes[name], dt, subtract)
              for name in names if nodes[name]["type"] not in LINEAR}
    shape = tuple(np.atleast_1d(nodes[names[0]]["shape"]))
    spikes, last, nearest = {}, None, []
    for _ in range(steps):
        x = np.asarray(inputs, float).reshape(shape)
        for name in names:
            x = places[name].step(x) if name in places else LINEAR[nodes[name]["type"]](nodes[name], x)
            if nodes[name]["type"] in FIRES:
                spikes.setdefault(name, []).append(x.ravel())
        last = x.ravel()
        nearest.append(min([p.nearest for p in places.values() if isinstance(p, Neurons)], default=np.inf))
    return [np.array(train, dtype=np.uint8).T for train in spikes.values()], last, np.array(nearest)
