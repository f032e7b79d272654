"""Networks for the tiles' benchmark (doc/tiles.md), trained with PyTorch on real data, pruned at no loss
of accuracy and stored unrolled: a filter is a layer with a mask, its weights repeated at each position.

    tiles_train.py OUT DATA [DENSE PACKED]

OUT/NAME.safetensors, OUT/networks.txt (name, data, what is judged, text) and data sets that are not in
DATA. Strided filters stand for pooling. DENSE and PACKED are 784-1200-1200-10 by trnnsf-transform
(doc/results.md), from which one is pruned here, and which is taken as it is; without them both are left
out but for the pruned one, which is then trained here. What is in OUT is not made again.
"""

import gzip
import json
import lzma
import pathlib
import struct
import sys

import numpy
import torch

BATCH = 100


def idx(path):
    raw = gzip.open(path).read()
    return numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * raw[3]).reshape(
        struct.unpack(">" + "I" * raw[3], raw[4:4 + 4 * raw[3]]))


def digits(folder, full):
    parts = []
    for part in ("train", "t10k"):
        images = idx(folder / f"{part}-images-idx3-ubyte.gz").astype(numpy.float32) / full
        parts += [images.reshape(len(images), -1),
                  idx(folder / f"{part}-labels-idx1-ubyte.gz").astype(numpy.int64)]
    return parts


def activities(folder, to):
    """What is above 0 and what is below it as channels of their own: inputs that spike have no sign."""
    parts = []
    to.mkdir(exist_ok=True)
    for part in ("train", "test"):
        x = numpy.load(gzip.open(folder / f"X_{part}.npy.gz"))
        y = numpy.load(gzip.open(folder / f"y_{part}.npy.gz")).astype(numpy.int64)
        x = numpy.clip(numpy.concatenate([x, -x], 1), 0, 2)[:, :, None, :].astype(numpy.float32)
        numpy.save(to / f"X_{part}.npy", x)
        numpy.save(to / f"y_{part}.npy", y.astype(numpy.uint8))
        parts += [x.reshape(len(x), -1), y - y.min()]
    return parts


def pictures(path, to, side):
    """Four CIFAR-10 images in a square, in grey, cut to side x side."""
    raw = numpy.frombuffer(lzma.open(path).read(320 * 3073), numpy.uint8).reshape(-1, 3073)
    grey = numpy.tensordot(raw[:, 1:].reshape(-1, 3, 32, 32) / 255.0, [0.299, 0.587, 0.114], (1, 0))
    grey = grey.reshape(-1, 2, 2, 32, 32).transpose(0, 1, 3, 2, 4).reshape(-1, 64, 64)
    grey = grey[:, :side, :side].astype(numpy.float32)
    to.mkdir(exist_ok=True)
    for part, first, end in (("train", 0, 60), ("test", 60, 80)):
        numpy.save(to / f"X_{part}.npy", grey[first:end, None])
        numpy.save(to / f"y_{part}.npy", numpy.arange(end - first, dtype=numpy.uint8) % 2)


class Layer:
    """A filter [maps, channels, kh, kw] over [channels, height, width], or a matrix."""

    def __init__(self, n_in, maps, kernel=None, stride=1):
        channels = n_in[0]
        self.stride, self.n_in = stride, n_in
        if kernel is None:
            kernel = n_in[1:]
        self.n_out = (maps, (n_in[1] - kernel[0]) // stride + 1 if n_in[1] > 1 else 1,
                      (n_in[2] - kernel[1]) // stride + 1)
        fan_in = channels * kernel[0] * kernel[1]
        self.weight = torch.nn.Parameter(torch.randn(maps, channels, *kernel) * (2 / fan_in)**0.5)
        self.bias = torch.nn.Parameter(torch.zeros(maps))
        self.mask = torch.ones_like(self.weight)

    def forward(self, x):
        return torch.nn.functional.conv2d(x, self.weight, self.bias, self.stride)

    def unrolled(self):
        """Matrix and mask [outputs, inputs], bias."""
        (channels, height, width), (maps, rows, columns) = self.n_in, self.n_out
        matrix = numpy.zeros((maps, rows, columns, channels, height, width), numpy.float32)
        mask = numpy.zeros(matrix.shape, numpy.uint8)
        kh, kw = self.weight.shape[2:]
        for y in range(rows):
            for x in range(columns):
                where = (slice(None), y, x, slice(None), slice(y * self.stride, y * self.stride + kh),
                         slice(x * self.stride, x * self.stride + kw))
                matrix[where] = self.weight.detach().numpy()
                mask[where] = self.mask.numpy()
        size = (maps * rows * columns, channels * height * width)
        return (matrix.reshape(size), mask.reshape(size),
                numpy.repeat(self.bias.detach().numpy(), rows * columns).astype(numpy.float32))


def forward(layers, x):
    for layer in layers[:-1]:
        x = torch.relu(layer.forward(x)).reshape(len(x), *layer.n_out)
    return layers[-1].forward(x).flatten(1)


def accuracy(layers, x, y):
    with torch.no_grad():
        return float(torch.mean((forward(layers, x.reshape(-1, *layers[0].n_in)).argmax(1) == y) * 1.0))


def cut(layers, keep):
    """Of each layer the `keep` largest weights; the last one keeps twice as many."""
    for k, layer in enumerate(layers):
        share = min(1, keep * (2 if k + 1 == len(layers) else 1))
        size = layer.weight.detach().abs().flatten()
        least = size.sort(descending=True).values[max(1, int(share * len(size))) - 1]
        layer.mask = (layer.weight.detach().abs() >= least).float()
        layer.weight.data *= layer.mask


def train(layers, data, epochs, pruning, keep):
    """Without pruning; then ever fewer weights over half of `pruning` epochs, trained on."""
    x, y, test_x, test_y = (torch.from_numpy(part) for part in data)
    parameters = [p for layer in layers for p in (layer.weight, layer.bias)]
    dense = None
    for first, count, rate in ((0, epochs, 2e-3), (1, pruning, 1e-3)):
        optimiser = torch.optim.Adam(parameters, rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, count))
        for epoch in range(count):
            if first and epoch <= count // 2:
                cut(layers, keep**((epoch + 1) / (count // 2 + 1)))
            for batch in torch.randperm(len(x)).split(BATCH):
                optimiser.zero_grad()
                out = forward(layers, x[batch].reshape(-1, *layers[0].n_in))
                torch.nn.functional.cross_entropy(out, y[batch]).backward()
                optimiser.step()
                for layer in layers:
                    layer.weight.data *= layer.mask
            schedule.step()
        if not first:
            dense = accuracy(layers, test_x, test_y)
            print(f"  trained: {100 * dense:.2f} %", flush=True)
    print(f"  pruned: {100 * accuracy(layers, test_x, test_y):.2f} %", flush=True)


def save(path, layers):
    """As the library's network files are. A filter alone has rates for outputs, no classes."""
    header, blobs, place = {}, [], 0
    header["__metadata__"] = {"format": "trnnsf-network", "format_version": "1",
                              "layers": str(len(layers))}
    for k, layer in enumerate(layers):
        classes = k + 1 == len(layers) > 1
        header["__metadata__"][f"layer.{k}.activation"] = "softmax" if classes else "relu"
        matrix, mask, bias = layer.unrolled()
        for name, array, kind in (("weight", matrix, "F32"), ("bias", bias, "F32"),
                                  ("mask", mask, "U8")):
            header[f"layer.{k}.{name}"] = {"dtype": kind, "shape": list(array.shape),
                                           "data_offsets": [place, place + array.nbytes]}
            place += array.nbytes
            blobs.append(array.tobytes())
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def load(path, layers):
    raw = path.read_bytes()
    length, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + length])
    for k, layer in enumerate(layers):
        for name, to in (("weight", layer.weight), ("bias", layer.bias), ("mask", layer.mask)):
            if f"layer.{k}.{name}" not in header:
                continue
            first, end = header[f"layer.{k}.{name}"]["data_offsets"]
            kind = numpy.uint8 if name == "mask" else numpy.float32
            array = numpy.frombuffer(raw[8 + length + first:8 + length + end], kind).copy()
            to.data = torch.from_numpy(array.astype(numpy.float32)).reshape(to.shape)


def without_dead(layers):
    """Hidden neurons of matrices that nothing reads are left out, and those that read nothing: their
    activation is constant and goes into the biases of their readers."""
    for before, after in zip(layers, layers[1:]):
        if max(*before.n_out[1:], *after.n_out[1:], *before.n_in[1:]) > 1:
            continue
        for layer in (before, after):
            layer.weight.data *= layer.mask
        reads = before.mask.flatten(1).any(1)
        constant = torch.relu(before.bias.data) * ~reads
        after.bias.data += after.weight.data.flatten(1) @ constant
        kept = reads & after.mask.flatten(2)[:, :, 0].any(0)
        for layer, axis in ((before, 0), (after, 1)):
            layer.weight.data = layer.weight.data[(slice(None),) * axis + (kept,)]
            layer.mask = layer.mask[(slice(None),) * axis + (kept,)]
        before.bias.data = before.bias.data[kept]
        before.n_out = after.n_in = (int(kept.sum()), 1, 1)
    return layers


def gaussian(side, sigma):
    x = numpy.arange(side) - side // 2
    g = numpy.exp(-(x[:, None]**2 + x[None]**2) / (2 * sigma**2))
    return g / g.sum()


def image_filter(kernel, side):
    layer = Layer((1, side, side), 1, kernel.shape)
    layer.weight.data = torch.from_numpy(kernel.astype(numpy.float32))[None, None]
    return [layer]


def mlp(*sizes):
    return [Layer((n_in, 1, 1), n_out) for n_in, n_out in zip(sizes, sizes[1:])]


def lenet():
    layers = [Layer((1, 28, 28), 6, (5, 5), 2), Layer((6, 12, 12), 16, (5, 5), 2),
              Layer((16, 4, 4), 120)]
    return layers + mlp(120, 84, 10)


def activity():
    layers = [Layer((18, 1, 128), 16, (1, 7), 2), Layer((16, 1, 61), 16, (1, 8), 4)]
    return layers + [Layer(layers[-1].n_out, 6)]


def series():
    layers = [Layer((1, 1, 64), 8, (1, 16), 1), Layer((8, 1, 49), 16, (1, 16), 4)]
    return layers + [Layer(layers[-1].n_out, 10)]


def main():
    out, data = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    dense, packed = (pathlib.Path(p) for p in sys.argv[3:5]) if len(sys.argv) > 3 else (None, None)
    out.mkdir(exist_ok=True)
    numpy.random.seed(1)
    lines = []

    def add(name, where, judged, text, make):
        path = out / f"{name}.safetensors"
        lines.append("\t".join((name, str(path), str(where), judged, text)))
        (out / "networks.txt").write_text("\n".join(lines) + "\n")
        if not path.exists():
            print(name, flush=True)
            torch.manual_seed(1)
            save(path, without_dead(make()))

    def trained(layers, source, epochs, pruning, keep):
        train(layers, source(), epochs, pruning, keep)
        return layers

    def large():
        layers = mlp(784, 1200, 1200, 10)
        if dense:
            load(dense, layers)
        return trained(layers, mnist, 0 if dense else 6, 8, 0.08)

    def taken():
        layers = mlp(784, 1200, 1200, 10)
        load(packed, layers)
        return layers

    def mnist():
        return digits(data / "mnist", 255)

    har, grey64, grey40 = out / "activities", out / "grey64", out / "grey40"
    pictures(data / "cifar-10/test_batch.bin.xz", grey64, 64)
    pictures(data / "cifar-10/test_batch.bin.xz", grey40, 40)
    edge3 = numpy.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]) * -1.0 / 4 + gaussian(3, 1) * 0
    edge3 += numpy.array([[1, 0, 1], [0, -4, 0], [1, 0, 1]]) * -1.0 / 8
    edge5 = gaussian(5, 0.7) - gaussian(5, 1.4)
    edge11 = gaussian(11, 1.4) - gaussian(11, 2.8)
    add("mlp", data / "mnist", "class", "784-100-10, pruned",
        lambda: trained(mlp(784, 100, 10), mnist, 10, 20, 0.3))
    add("lenet", data / "mnist", "class", "28x28, 6 5x5 by 2, 16 5x5 by 2, 120-84-10, pruned",
        lambda: trained(lenet(), mnist, 6, 8, 0.3))
    add("image3", grey64, "image", "a 3x3 filter over 64x64", lambda: image_filter(edge3, 64))
    add("image5", grey64, "image", "a 5x5 filter over 64x64", lambda: image_filter(edge5, 64))
    add("image11", grey40, "image", "an 11x11 filter over 40x40", lambda: image_filter(edge11, 40))
    add("activity", har, "class", "18x128, 16 of 7 by 2, 16 of 8 by 4, 6",
        lambda: trained(activity(), lambda: activities(data / "har-inertial", har), 25, 25, 0.5))
    add("series", data / "optdigits", "class", "64, 8 of 16, 16 of 16 by 4, 10",
        lambda: trained(series(), lambda: digits(data / "optdigits", 16), 25, 40, 0.6))
    add("large", data / "mnist", "class", "784-1200-1200-10, pruned", large)
    if packed:
        add("packed", data / "mnist", "class", "784-1200-1200-10, packed", taken)
    add("mlp-dense", data / "mnist", "class", "784-100-10, not pruned",
        lambda: trained(mlp(784, 100, 10), mnist, 10, 0, 1))
    add("lenet-dense", data / "mnist", "class", "the same filters, not pruned",
        lambda: trained(lenet(), mnist, 6, 0, 1))


if __name__ == "__main__":
    main()
