"""Makes the golden files of ../../golden/onnx and expected.txt, what PyTorch says the networks give.

    export.py [FOLDER]     files that are there stay: a golden file once released is never changed

Needs torch and onnx. Broken files are made of the good ones by the functions of `broken.py`.
"""
import pathlib
import sys

import numpy as np
import onnx
import torch
from onnx import numpy_helper

import broken
import models

HERE = pathlib.Path(__file__).parent
SAMPLES = 2
GOLDEN = {  # name: (width, opset, arguments of export(), of make())
    "lenet": (0.25, 9, {}, {}),
    "vgg8": (1 / 16, 11, {"dynamic": False}, {}),
    "resnet18": (1 / 32, 13, {}, {}),
    "mobilenetv2": (0.1, 12, {"fold": True}, {"repeats": 1}),
    "mlp": (0.0625, 10, {}, {}),
    "sequence": (0.25, 17, {}, {}),
    "chain": (0.2, 13, {}, {}),
    "swish": (0.5, 15, {}, {}),
    "odd": (0.5, 14, {}, {}),
}


def samples(shape, count=SAMPLES):
    """Values in [-1, 1) that any language makes alike."""
    n = count * int(np.prod(shape))
    hashed = (np.arange(n, dtype=np.uint64) * np.uint64(2654435761)) >> np.uint64(8)
    return ((hashed & np.uint64(0xffff)).astype(np.float32) / 32768 - 1).reshape(count, *shape)


def to_half(model):
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name))
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    return model


def typed(model):
    """Weights in typed fields in place of raw bytes, as other exporters have them."""
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32:
            tensor.ClearField("raw_data")
            tensor.float_data.extend(values.ravel().tolist())
        elif values.dtype == np.int64:
            tensor.ClearField("raw_data")
            tensor.int64_data.extend(values.ravel().tolist())
    return model


def outside(model, folder, name):
    """The largest tensor in a file of its own, beside what is not the model's."""
    tensor = max(model.graph.initializer, key=lambda t: len(t.raw_data))
    (folder / name).write_bytes(b"\0" * 16 + tensor.raw_data + b"\1" * 3)
    entries = {"location": name, "offset": "16", "length": str(len(tensor.raw_data))}
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=value)
    return model


def save(folder, name, model):
    path = folder / name
    if not path.exists():
        path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
        print(f"{name}: {path.stat().st_size} bytes")


def good(folder):
    """Writes the files; returns {name: outputs}."""
    expected, made = {}, {}
    for name, (width, opset, exporting, making) in GOLDEN.items():
        model, shape = models.make(name, width, **making)
        made[name] = onnx.load_from_string(models.export(model, shape, opset, **exporting))
        with torch.no_grad():
            expected[name] = model(torch.from_numpy(samples(shape))).numpy()
        save(folder, name + ".onnx", made[name])
    copy = onnx.ModelProto()
    for name, change in {"typed": typed, "half": to_half, "outside": lambda m: outside(m, folder, "outside.bin")}.items():
        copy.CopyFrom(made["chain"])
        save(folder, name + ".onnx", change(copy))
    expected["typed"] = expected["outside"] = expected["chain"]
    expected["half"] = half_outputs()
    return expected, made["lenet"]


def half_outputs():
    """The chain's with weights rounded."""
    model, shape = models.make("chain", GOLDEN["chain"][0])
    model.half().float()
    with torch.no_grad():
        return model(torch.from_numpy(samples(shape))).numpy()


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[1] / "golden" / "onnx"
    folder.mkdir(parents=True, exist_ok=True)
    expected, lenet = good(folder)
    for name, model in broken.of(lenet).items():
        save(folder, f"bad-{name}.onnx", model)
    lines = [" ".join([name, str(values.size), *(f"{v:.9g}" for v in values.ravel())])
             for name, values in sorted(expected.items())]
    (HERE / "expected.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
