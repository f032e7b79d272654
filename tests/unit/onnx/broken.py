"""Files that are to be refused, with what the text has to say."""
import onnx
from onnx import TensorProto, helper


def tensor(name, dims, values, kind=TensorProto.FLOAT):
    return helper.make_tensor(name, kind, dims, values)


def model(nodes, initialisers=(), shape=("n", 4), output=(None, None), opset=13, kind=TensorProto.FLOAT):
    """Unchecked: most of these are no ONNX."""
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", kind, shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)], list(initialisers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


def dense(name="fc", source="x", target="y"):
    return helper.make_node("Gemm", [source, "w", "b"], [target], name=name, transB=1)


WEIGHTS = [tensor("w", [2, 4], [0.5] * 8), tensor("b", [2], [0.0, 1.0])]


def single(op, name="bad", shape=("n", 2, 4, 4), inputs=("x",), initialisers=(), opset=13, **attributes):
    """One node whose output is the network's."""
    return model([helper.make_node(op, list(inputs), ["y"], name=name, **attributes)], initialisers, shape, opset=opset)


def changed(change):
    made = model([dense()], WEIGHTS)
    change(made)
    return made


def outside(location, **entries):
    def change(made):
        weight = made.graph.initializer[0]
        weight.ClearField("float_data")
        weight.data_location = TensorProto.EXTERNAL
        for key, value in {"location": location, **entries}.items():
            weight.external_data.add(key=key, value=value)
    return changed(change)


def nested(depth):
    """A graph in an attribute of a node in a graph …, by hand: the package does not nest so deep."""
    def field(number, content):
        size, length = len(content), b""
        while size >= 128:
            length += bytes([size & 127 | 128])
            size >>= 7
        return bytes([number << 3 | 2]) + length + bytes([size]) + content
    graph = b""
    for _ in range(depth):
        graph = field(1, field(5, field(6, graph)))  # node, attribute, g
    return field(7, graph)


def of(good):
    """{name: model or bytes}, in the order of the table in golden_test.c."""
    kernel = tensor("k", [2, 2, 3, 3], [0.0] * 36)
    whole = good.SerializeToString()
    add = helper.make_node("Add", ["x", "c"], ["a"], name="first")
    return {
        "magic": b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        "empty": b"",
        "truncated": whole[:len(whole) // 2],
        "nested": nested(4000),
        "opset-8": model([dense()], WEIGHTS, opset=8),
        "opset-99": model([dense()], WEIGHTS, opset=99),
        "no-graph": changed(lambda m: m.ClearField("graph")),
        "cycle": model([add, helper.make_node("Relu", ["a"], ["c"], name="second"), dense(source="c")], WEIGHTS),
        "unknown-value": model([dense(source="nowhere")], WEIGHTS),
        "twice": model([dense(), dense("again")], WEIGHTS),
        "no-output": changed(lambda m: m.graph.output[0].__setattr__("name", "elsewhere")),
        "two-inputs": changed(lambda m: m.graph.input.append(helper.make_tensor_value_info("z", 1, [1, 2]))),
        "batch-8": model([dense()], WEIGHTS, shape=(8, 4)),
        "symbolic": single("GlobalMaxPool", shape=("n", 2, "h", 4)),
        "negative-input": model([dense()], WEIGHTS, shape=("n", -4)),
        "int-input": model([dense()], WEIGHTS, kind=TensorProto.INT64),
        "negative-dims": changed(lambda m: m.graph.initializer[0].dims.__setitem__(0, -2)),
        "huge-dims": changed(lambda m: m.graph.initializer[0].dims.__setitem__(0, 1 << 60)),
        "few-values": changed(lambda m: m.graph.initializer[0].dims.__setitem__(0, 3)),
        "double-strings": changed(lambda m: m.graph.initializer[0].__setattr__("data_type", TensorProto.STRING)),
        "infinite": changed(lambda m: m.graph.initializer[0].float_data.__setitem__(5, float("inf"))),
        "outside-above": outside("../secret.bin"),
        "outside-root": outside("/etc/passwd"),
        "outside-sly": outside("a/../../secret.bin"),
        "outside-missing": outside("nowhere.bin"),
        "outside-range": outside("outside.bin", offset="1000000"),
        "shape": model([dense()], WEIGHTS, shape=("n", 5)),
        "operator": single("LSTM", "recurrent"),
        "domain": changed(lambda m: m.graph.node[0].__setattr__("domain", "com.example")),
        "attribute": single("Relu", "odd", alpha=1.0),
        "attribute-type": single("LeakyRelu", "leaky", alpha=2),
        "clip": single("Clip", "clip", inputs=("x", "", "m"), initialisers=[tensor("m", [], [5.0])]),
        "softmax": model([helper.make_node("Softmax", ["x"], ["s"], name="soft"), dense(source="s")], WEIGHTS),
        "product": single("Mul", "square", inputs=("x", "x")),
        "groups": single("Conv", "conv", inputs=("x", "k"), initialisers=[kernel], group=3),
        "kernel": single("Conv", "conv", inputs=("x", "k"), initialisers=[kernel], kernel_shape=[3, 2]),
        "large-kernel": single("MaxPool", "pool", kernel_shape=[9, 9]),
        "pads": single("MaxPool", "pool", kernel_shape=[2, 2], pads=[0, 0, -1, 0]),
        "stride": single("MaxPool", "pool", kernel_shape=[2, 2], strides=[0, 1]),
        "axis": single("Concat", "join", inputs=("x", "x"), axis=2),
        "mode": single("Pad", "pad", inputs=("x", "p"), mode="reflect", initialisers=[
            tensor("p", [8], [0, 0, 1, 1, 0, 0, 1, 1], TensorProto.INT64)]),
        "pad-last": single("Pad", "pad", inputs=("x", "p"), initialisers=[
            tensor("p", [8], [0, 0, 1, 1, 0, 0, 1, 1], TensorProto.INT64)]),
        "reshape": single("Reshape", "shape", inputs=("x", "p"), initialisers=[
            tensor("p", [2], [1, -1], TensorProto.INT64)]),
        "reshape-size": single("Reshape", "shape", inputs=("x", "p"), initialisers=[
            tensor("p", [2], [0, 33], TensorProto.INT64)]),
        "fill": model(
            [helper.make_node("ConstantOfShape", ["p"], ["c"], name="fill"),
             helper.make_node("Conv", ["x", "c"], ["y"], name="conv")],
            [tensor("p", [4], [1 << 30, 2, 3, 3], TensorProto.INT64)], ("n", 2, 4, 4)),
        "no-weights": single("Relu", "only"),
        "variance": single("BatchNormalization", "norm", inputs=("x", "o", "o", "o", "v"),
                           initialisers=[tensor("o", [2], [1.0] * 2), tensor("v", [2], [1.0, -1.0])]),
    }
