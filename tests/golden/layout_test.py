"""Reads a network file as any other program would, by the published layout of safetensors alone:
layout_test.py SAVE_SAMPLE FOLDER. The file saved anew must hold what the golden one holds. Python's own
safetensors package, where it is installed, must agree."""

import json
import os
import struct
import subprocess
import sys
import tempfile

FORMATS = {"F32": "f", "F64": "d", "U8": "B", "U32": "I", "U64": "Q", "I64": "q"}


def read(path):
    """Metadata, and for each tensor its type, shape and values; every rule of the layout is checked."""
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack("<Q", content[:8])
    header_text = content[8:8 + length]
    assert length % 8 == 0, "the data does not begin on 8 bytes"
    assert header_text.startswith(b"{")
    assert header_text.rstrip(b" ").endswith(b"}"), "padded with something other than spaces"
    header = json.loads(header_text)
    data = content[8 + length:]
    metadata = header.pop("__metadata__")
    assert all(isinstance(value, str) for value in metadata.values())

    tensors, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = entry["data_offsets"]
        assert begin == end, f"{name} begins at {begin}, not {end}"
        end = stop
        size = struct.calcsize(FORMATS[entry["dtype"]])
        assert begin % size == 0, f"{name} is not aligned"
        count = 1
        for side in entry["shape"]:
            count *= side
        assert stop - begin == count * size, name
        values = struct.unpack(f"<{count}{FORMATS[entry['dtype']]}", data[begin:stop])
        tensors[name] = (entry["dtype"], entry["shape"], values)
    assert end == len(data), "bytes are left"
    return metadata, tensors


def check(metadata, tensors):
    assert metadata["format"] == "trnnsf-network" and metadata["format_version"] == "1"
    assert metadata["layers"] == "2"
    assert metadata["layer.0.activation"] == "tanh"
    assert metadata["layer.1.activation"] == "softmax"
    assert metadata["library"].startswith("trnnsf ")
    mask = tuple(int(i % 5 != 0) for i in range(24))
    # Clusters join the mask: outputs 0, 2 x inputs 1, 2, 4, and output 3 x input 5.
    joined = tuple(int(bool(mask[i]) or (i // 6 in (0, 2) and i % 6 in (1, 2, 4)) or i == 23)
                   for i in range(24))
    weights = tuple(i / 8 if mask[i] else 0.0 for i in range(24))
    assert tensors["layer.0.mask"] == ("U8", [4, 6], joined)
    assert tensors["layer.0.weight"] == ("F32", [4, 6], weights)
    assert tensors["layer.0.bias"] == ("F32", [4], (0.5, -0.5, 0.25, 0.0))
    assert tensors["layer.0.clusters.output_start"] == ("U64", [3], (0, 2, 3))
    assert tensors["layer.0.clusters.output"] == ("U32", [3], (0, 2, 3))
    assert tensors["layer.0.clusters.input_start"] == ("U64", [3], (0, 3, 4))
    assert tensors["layer.0.clusters.input"] == ("U32", [4], (1, 2, 4, 5))
    assert tensors["layer.1.weight"] == ("F32", [3, 4], tuple(-i / 4 for i in range(12)))
    assert tensors["layer.1.bias"] == ("F32", [3], (1.0, 2.0, 3.0))
    assert len(tensors) == 9


def check_graph(metadata, tensors):
    assert metadata["layers"] == "2" and "layer.0.activation" not in metadata
    assert tensors["graph.shape"] == ("U64", [3], (1, 2, 3))
    assert tensors["graph.input_start"] == ("U64", [6], (0, 0, 1, 2, 4, 5))
    assert tensors["graph.inputs"] == ("U32", [5], (0, 1, 1, 2, 3))
    assert tensors["graph.options"][1] == [5, 18]
    assert tensors["graph.options"][2][::18] == (0, 2, 5, 6, 1), "kinds"
    assert tensors["node.2.norm"] == ("F32", [4, 2], (1.0, 1.0, 0.0, 0.0, 0.5, -0.5, 1.0, 1.0))
    assert tensors["layer.0.weight"][1] == [2, 4] and tensors["layer.1.weight"][1] == [3, 4]


def compare_with_package(path, tensors):
    try:
        from safetensors.numpy import load_file
    except ImportError:
        print("SKIPPED: Python's safetensors package is not installed; its layout was read by hand")
        return
    for name, array in load_file(path).items():
        assert list(array.shape) == tensors[name][1]
        assert tuple(array.ravel().tolist()) == tensors[name][2]


def main():
    save_sample, folder = sys.argv[1:]
    golden = os.path.join(folder, "network", "v1.safetensors")
    check(*read(golden))
    check_graph(*read(os.path.join(folder, "network", "v1-graph.safetensors")))
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "network.safetensors")
        subprocess.run([save_sample, path], check=True)
        metadata, tensors = read(path)
        check(metadata, tensors)
        compare_with_package(path, tensors)
        subprocess.run([save_sample, path, "graph"], check=True)
        check_graph(*read(path))
    print("golden and new file as they should be")


main()
