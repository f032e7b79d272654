"""Structs of other sizes than today's: shorter ones of older callers are taken, longer ones whose tail is
zero too, a tail that is set is refused; results are written no further than the caller's struct reaches.
Takes the shared library."""

import ctypes
import sys

import trnnsf

SENTINEL = 0xA5
faults = []


def expect(holds, text):
    if not holds:
        faults.append(text)


def bytes_of(lib, name, size, tail):
    """The defaults of an option struct in a buffer of its own, `size` bytes told, `tail` after them."""
    today = lib.struct(name)
    buffer = ctypes.create_string_buffer(bytes(today) + bytes([tail]) * 64, ctypes.sizeof(today) + 64)
    ctypes.c_size_t.from_buffer(buffer).value = size
    return buffer


def options(lib, name, call):
    """`call(buffer)` gives the status with that option struct."""
    size = ctypes.sizeof(lib.structs["trnnsf_" + name])
    word = ctypes.sizeof(ctypes.c_size_t)
    expect(call(bytes_of(lib, name, size, SENTINEL)) == trnnsf.OK, f"{name}: today's size is refused")
    expect(call(bytes_of(lib, name, word, SENTINEL)) == trnnsf.OK, f"{name}: the shortest is refused")
    expect(call(bytes_of(lib, name, size + 16, 0)) == trnnsf.OK, f"{name}: a longer one is refused")
    for bad, wanted in ((size + 16, trnnsf.UNSUPPORTED), (0, trnnsf.INVALID), (word - 1, trnnsf.INVALID),
                        (2 ** 63, trnnsf.INVALID)):
        status = call(bytes_of(lib, name, bad, SENTINEL))
        expect(status == wanted, f"{name}: struct_size {bad} gives status {status}, not {wanted}")


def result(lib, name, call):
    """`call(buffer)` fills a result struct: as far as its struct_size says, no byte more."""
    size = ctypes.sizeof(lib.structs["trnnsf_" + name])
    for told in (size, size - 8, 16):
        buffer = ctypes.create_string_buffer(bytes([SENTINEL]) * (size + 16), size + 16)
        ctypes.c_size_t.from_buffer(buffer).value = told
        status = call(buffer)
        expect(status == trnnsf.OK, f"{name}: struct_size {told} gives status {status}")
        expect(ctypes.c_size_t.from_buffer(buffer).value == told, f"{name}: struct_size {told} was changed")
        expect(all(byte == SENTINEL for byte in buffer.raw[told:]),
               f"{name}: bytes after struct_size {told} were written")
    for told in (0, 2 ** 62):
        buffer = ctypes.create_string_buffer(bytes([SENTINEL]) * (size + 16), size + 16)
        ctypes.c_size_t.from_buffer(buffer).value = told
        status = call(buffer)
        expect(status == trnnsf.INVALID, f"{name}: struct_size {told} gives status {status}")
        expect(buffer.raw[8:] == bytes([SENTINEL]) * (size + 8), f"{name}: written in spite of failure")


def maker(lib, function, free, before, after=()):
    """Calls a creating function with an option struct, and frees what it made."""
    def call(buffer):
        made = ctypes.c_void_p()
        status = lib.raw(function)(*before, buffer, *after, ctypes.byref(made))
        lib.raw(free)(made)
        return status
    return call


def main():
    lib = trnnsf.Library(sys.argv[1])
    ctx = lib.context_create(None)
    sizes = trnnsf.array(ctypes.c_size_t, [6, 5, 3])
    network = lib.network_create(ctx, sizes, 3, None)
    dataset = lib.dataset_create(ctx, 1, 2, 3, 3)
    for part in range(3):
        lib.dataset_set(ctx, dataset, part, 6, trnnsf.array(ctypes.c_float, [0.5] * 36),
                        trnnsf.array(ctypes.c_uint32, [0, 1, 2] * 2))
    matrix = lib.matrix_from_dense(ctx, 2, 3, trnnsf.array(ctypes.c_float, [1, 0, 2, 0, 3, 0]))
    tech = lib.tech_preset(ctx, "resparc-45nm")
    mapping = lib.mapping_create(ctx, network, tech, None)
    plan = lib.schedule_create(ctx, "dense", "corrected")
    run = lib.run_create(ctx, network, dataset, plan, tech, 0.0)
    trainer = lib.trainer_create(ctx, network, dataset, None)
    lib.run_step(ctx, run, lib.struct("step"))

    options(lib, "context_options", maker(lib, "context_create", "context_free", []))
    options(lib, "network_options", maker(lib, "network_create", "network_free", [ctx, sizes, 3]))
    options(lib, "trainer_options", maker(lib, "trainer_create", "trainer_free", [ctx, network, dataset]))
    options(lib, "cluster_options", maker(lib, "clusters_find", "clusters_free", [ctx, matrix]))
    options(lib, "reorder_options", maker(lib, "clusters_cover", "clusters_free", [ctx, matrix]))
    options(lib, "map_options", maker(lib, "mapping_create", "mapping_free", [ctx, network, tech]))
    options(lib, "plot_options", maker(lib, "plot_create", "plot_free", [ctx]))
    page = lib.plot_create(ctx, None)
    numbers = trnnsf.array(ctypes.c_double, [1, 2, 3, 4])
    options(lib, "plot_map_options",
            lambda buffer: lib.raw("plot_map")(ctx, page, 2, 2, numbers, buffer))
    curves = (lib.structs["trnnsf_plot_series"] * 2)()
    for i in range(2):
        curves[i].struct_size = ctypes.sizeof(curves[i])
        curves[i].name = b"curve"
        curves[i].count = 4
        curves[i].y = ctypes.addressof(numbers)
    options(lib, "plot_lines_options",
            lambda buffer: lib.raw("plot_lines")(ctx, page, 2, curves, buffer))
    group = lib.structs["trnnsf_plot_group"]()
    group.struct_size = ctypes.sizeof(group)
    group.count = 4
    group.samples = ctypes.addressof(numbers)
    options(lib, "plot_histogram_options",
            lambda buffer: lib.raw("plot_histogram")(ctx, page, 1, ctypes.byref(group), buffer))
    lib.raw("plot_free")(page)
    options(lib, "quantise_options", lambda given: lib.raw("network_quantise")(ctx, network, None, given))
    result(lib, "layer_device", lambda out: lib.raw("network_device")(ctx, network, 0, out))
    result(lib, "evaluation", lambda out: lib.raw("network_evaluate")(ctx, network, dataset, 2, 0, out))
    result(lib, "epoch", lambda out: lib.raw("trainer_epoch")(ctx, trainer, out))
    result(lib, "step", lambda out: lib.raw("run_step")(ctx, run, out))
    result(lib, "step", lambda out: lib.raw("run_history")(ctx, run, 0, out))
    result(lib, "crossbar", lambda out: lib.raw("mapping_crossbar")(ctx, mapping, 0, out))
    result(lib, "crossbar_counts",
           lambda out: lib.raw("mapping_counts")(ctx, mapping, trnnsf.ALL_LAYERS, out))
    goal = lib.struct("search_options")
    goal.limit = 0.0
    lib.schedule_set(ctx, plan, "train.epochs", 1.0)
    search = ctypes.c_void_p()
    expect(lib.raw("search_create")(ctx, network, dataset, plan, tech, ctypes.byref(goal),
                                    ctypes.byref(search)) == trnnsf.OK, "search_create")
    expect(lib.raw("search_step")(ctx, search, None) == trnnsf.OK, "search_step")
    result(lib, "trial", lambda out: lib.raw("search_trial")(ctx, search, 0, out))
    lib.raw("search_free")(search)
    for free, handle in (("trainer", trainer), ("run", run), ("schedule", plan), ("mapping", mapping),
                         ("tech", tech), ("matrix", matrix), ("dataset", dataset), ("network", network),
                         ("context", ctx)):
        lib.raw(free + "_free")(handle)
    for fault in faults:
        print("FAULT", fault)
    sys.exit(1 if faults else 0)


main()
