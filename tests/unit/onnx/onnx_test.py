"""ONNX files from PyTorch and for other programs.

    onnx_test.py DRIVER

The golden files, and, where torch is installed, files that it exports now: imported they give PyTorch's
outputs to 1e-5 of the largest one; exported again they pass python3-onnx's checker and give the same in
OpenCV's DNN module to 1e-4. Then single operators that exporters of other frameworks write. Exits
with 77 (skipped) where onnx is not installed; says what else is skipped.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy as np
    import onnx
    from onnx import numpy_helper
except ImportError:
    print("SKIPPED: onnx or numpy is not installed")
    sys.exit(77)
try:
    import cv2
except ImportError:
    cv2 = None
    print("SKIPPED: comparisons with OpenCV, which is not installed")
try:
    import torch
except ImportError:
    torch = None
    print("SKIPPED: files from PyTorch and single operators, as torch is not installed")

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE.parents[1] / "golden" / "onnx"
IMPORT, OTHER = 1e-5, 1e-4  # of the largest output
faults = []
driver, folder = sys.argv[1], pathlib.Path(tempfile.mkdtemp())


def expect(holds, what):
    if not holds:
        faults.append(what)
        print("FAULT:", what)


def samples(shape, count):
    """As export.py has them."""
    n = count * int(np.prod(shape))
    hashed = (np.arange(n, dtype=np.uint64) * np.uint64(2654435761)) >> np.uint64(8)
    return ((hashed & np.uint64(0xffff)).astype(np.float32) / 32768 - 1).reshape(count, *shape)


def difference(found, wanted):
    return float(np.abs(found.ravel() - wanted.ravel()).max() / np.abs(wanted).max())


def load_and_save(path, inputs, *more):
    """Outputs, the file written anew, and what the driver says."""
    inputs.astype(np.float32).tofile(folder / "inputs")
    again = folder / "again.onnx"
    said = subprocess.run([driver, "run", path, str(len(inputs)), folder / "inputs", folder / "outputs", again, *more],
                          capture_output=True, text=True, check=False)
    if said.returncode:
        return None, None, said.stdout.strip() or f"code {said.returncode}"
    return np.fromfile(folder / "outputs", np.float32), again, said.stdout.strip()


def in_opencv(path, inputs):
    """One sample at a time: it cannot change the batch. Its Python takes a short last axis for colours."""
    if inputs.ndim == 3 and inputs.shape[2] <= 512:
        return None
    network = cv2.dnn.readNetFromONNX(str(path))
    outputs = []
    for sample in inputs:
        network.setInput(sample[None])
        outputs.append(network.forward().copy().ravel())
    return np.array(outputs)


def check(what, path, inputs, wanted, opencv=True):
    found, again, said = load_and_save(path, inputs)
    if found is None:
        expect(False, f"{what}: {said}")
        return
    ours = difference(found, wanted)
    expect(ours <= IMPORT, f"{what}: {ours:.2g} from what it should give")
    try:
        onnx.checker.check_model(onnx.load(str(again)), full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        expect(False, f"{what}, written: {error}")
    others = in_opencv(again, inputs) if cv2 and opencv else None
    theirs = "-" if others is None else f"{difference(others, wanted):.2g}"
    expect(others is None or difference(others, wanted) <= OTHER, f"{what}, in OpenCV: {theirs}")
    print(f"{what}: imported {ours:.2g}, OpenCV {theirs}  [{said}]")


def shape_of(path):
    dims = onnx.load(str(path), load_external_data=False).graph.input[0].type.tensor_type.shape.dim
    return tuple(dim.dim_value for dim in list(dims)[1:])


def golden_files():
    for line in (HERE / "expected.txt").read_text(encoding="utf-8").splitlines():
        name, _, *values = line.split()
        path = GOLDEN / f"{name}.onnx"
        check(f"golden {name}", path, samples(shape_of(path), 2), np.array(values, np.float32))


def exported(name, width, opset, **arguments):
    import models
    model, shape = models.make(name, width)
    path = folder / "exported.onnx"
    path.write_bytes(models.export(model, shape, opset, **arguments))
    inputs = torch.randn(3, *shape)
    with torch.no_grad():
        wanted = model(inputs).numpy()
    marks = " ".join(key for key, value in arguments.items() if value)
    check(f"PyTorch {torch.__version__} {name} x{width:g} opset {opset} {marks}".strip(), path, inputs.numpy(), wanted)


def pytorch():
    import models
    warnings.filterwarnings("ignore")
    for name in models.ASKED:
        exported(name, 1.0, 13)
    for k, name in enumerate(models.MODELS):
        for opset in range(9 + k % 4, 18, 4):
            exported(name, 0.125, opset, fold=bool((opset + k) // 2 % 2), dynamic=opset % 3 > 0)


def single(op, shape, wanted, opset=13, inputs=(), opencv=True, **attributes):
    """A node before a fully connected layer of ones and twos; `wanted` computes the node's outputs."""
    helper = onnx.helper
    x = torch.from_numpy(samples(shape, 3))
    y = wanted(x).flatten(1)
    weights = (np.arange(y.shape[1] * 2) % 5 - 2).astype(np.float32).reshape(-1, 2)
    named = {f"c{i}": value for i, value in enumerate(inputs)}
    nodes = [helper.make_node(op, ["x", *("" if v is None else n for n, v in named.items())], ["y"], "it", **attributes),
             helper.make_node("Flatten", ["y"], ["f"]), helper.make_node("MatMul", ["f", "w"], ["out"])]
    initialisers = [numpy_helper.from_array(np.asarray(v), n) for n, v in [*named.items(), ("w", weights)] if v is not None]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", 1, ["n", *shape])],
                              [helper.make_tensor_value_info("out", 1, ["n", 2])], initialisers)
    path = folder / "single.onnx"
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    path.write_bytes(model.SerializeToString())
    check(f"{op} opset {opset} {attributes}", path, x.numpy(), y.numpy() @ weights, opencv)


def same(x, kernel, stride, upper):
    """Pads as auto_pad does."""
    pads = []
    for axis in (3, 2):
        length = x.shape[axis]
        pad = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        pads += [pad // 2, pad - pad // 2] if upper else [pad - pad // 2, pad // 2]
    return pads


def operators():
    f = torch.nn.functional
    rng = np.random.default_rng(3)
    kernel = rng.normal(size=(4, 2, 3, 3)).astype(np.float32)
    bias = rng.normal(size=4).astype(np.float32)
    image, w, b = (2, 9, 8), torch.from_numpy(kernel), torch.from_numpy(bias)
    for mode, upper in (("SAME_UPPER", True), ("SAME_LOWER", False)):
        for stride in (1, 2):
            single("Conv", image, lambda x: f.conv2d(f.pad(x, same(x, 3, stride, upper)), w, b, stride),
                   inputs=[kernel, bias], auto_pad=mode, strides=[stride] * 2)
            single("MaxPool", image, lambda x: f.max_pool2d(f.pad(x, same(x, 2, stride, upper), value=-9), 2, stride),
                   auto_pad=mode, strides=[stride] * 2, kernel_shape=[2, 2])
    single("Conv", image, lambda x: f.conv2d(x, w, b), inputs=[kernel, bias], auto_pad="VALID")
    single("Conv", image, lambda x: f.conv2d(f.pad(x, (1, 0, 2, 1)), w), inputs=[kernel], pads=[2, 1, 1, 0])
    single("Conv", (2, 30), lambda x: f.conv1d(x, w[:, :, 0], b, 2, 1, 2), inputs=[kernel[:, :, 0], bias], pads=[1, 1],
           strides=[2], dilations=[2])
    single("Conv", (4, 6, 6), lambda x: f.conv2d(x, w, b, groups=2), inputs=[kernel, bias], group=2)
    single("MaxPool", image, lambda x: f.max_pool2d(x, 3, 2, 1, ceil_mode=True), kernel_shape=[3, 3], strides=[2, 2],
           pads=[1, 1, 1, 1], ceil_mode=1)
    single("MaxPool", image, lambda x: f.max_pool2d(x, 2, 1, 0, 3), kernel_shape=[2, 2], dilations=[3, 3],
           opencv=False)  # it does not heed them
    single("AveragePool", image, lambda x: f.avg_pool2d(x, 3, 2, 1), kernel_shape=[3, 3], strides=[2, 2],
           pads=[1, 1, 1, 1], count_include_pad=1)
    single("AveragePool", image, lambda x: f.avg_pool2d(x, 3, 2, 1, count_include_pad=False), kernel_shape=[3, 3],
           strides=[2, 2], pads=[1, 1, 1, 1])
    single("AveragePool", image, lambda x: f.avg_pool2d(x, 3, 2, 0, ceil_mode=True), kernel_shape=[3, 3], strides=[2, 2],
           ceil_mode=1)
    single("GlobalMaxPool", image, lambda x: f.adaptive_max_pool2d(x, 1))
    single("ReduceMean", image, lambda x: x.mean([2, 3]), axes=[-1, 2], keepdims=0)
    single("ReduceMean", image, lambda x: x.mean([2, 3]), opset=18, inputs=[np.array([2, 3])])
    single("Clip", image, lambda x: x.clamp(0, 6), opset=10, min=0.0, max=6.0)
    single("Clip", image, torch.relu, inputs=[np.float32(0), None])
    single("LeakyRelu", image, lambda x: f.leaky_relu(x, 0.3), alpha=0.3)
    single("HardSwish", image, f.hardswish, opset=14)
    single("BatchNormalization", image, lambda x: f.batch_norm(x, b[:2], b[2:].abs(), b[1:3], b[:2], eps=1e-3), opset=15,
           inputs=[bias[1:3], bias[:2], bias[:2], np.abs(bias[2:])], epsilon=1e-3)
    single("Gemm", (8,), lambda x: 2 * x @ w.flatten()[:24].view(8, 3) - 0.5 * b[:3], opset=11, alpha=2.0, beta=-0.5,
           inputs=[kernel.ravel()[:24].reshape(8, 3), bias[:3].reshape(1, 3)])
    for op, wanted in (("Add", lambda x: x + b[:2].view(2, 1, 1)), ("Sub", lambda x: x - b[:2].view(2, 1, 1)),
                       ("Mul", lambda x: x * b[:2].view(2, 1, 1)), ("Div", lambda x: x / b[:2].view(2, 1, 1))):
        single(op, image, wanted, inputs=[bias[:2].reshape(2, 1, 1)])
    single("Concat", image, lambda x: x, axis=-3)
    single("Transpose", (1, 3, 5), lambda x: x.permute(0, 2, 3, 1), perm=[0, 2, 3, 1])
    single("Squeeze", (1, 7), lambda x: x, opset=12, axes=[1])
    single("Reshape", image, lambda x: x, inputs=[np.array([0, 6, -1])])
    single("Dropout", image, lambda x: x, inputs=[np.float32(0.3), np.bool_(False)])


golden_files()
if torch:
    torch.set_num_threads(2)
    operators()
    if os.environ.get("TRNNSF_TEST_BRIEF"):
        print("SKIPPED: files from PyTorch, as TRNNSF_TEST_BRIEF is set")
    else:
        pytorch()
for file in folder.iterdir():
    file.unlink()
folder.rmdir()
print(f"{len(faults)} faults")
sys.exit(1 if faults else 0)
