"""trnnsf-map on a planted matrix and on a network; trnnsf-info on every kind of file."""

import gzip
import pathlib
import random
import unittest

from programs import InFolder, SMALL, have, read_json, run

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"


def planted(path, rng):
    """8 blocks of 16 x 16 at 90 % density, rows and columns shuffled; packed by the ending."""
    side, blocks = 16, 8
    n = side * blocks
    rows, columns = list(range(n)), list(range(n))
    rng.shuffle(rows)
    rng.shuffle(columns)
    cells = [(rows[block * side + i], columns[block * side + j]) for block in range(blocks)
             for i in range(side) for j in range(side) if rng.random() < 0.9]
    lines = ["%%MatrixMarket matrix coordinate pattern general", f"{n} {n} {len(cells)}"]
    lines += [f"{row + 1} {column + 1}" for row, column in cells]
    text = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return n, len(cells)


class MapAndInfo(InFolder):
    def map(self, file, *arguments):
        path = self.folder / "map.json"
        run("map", file, *arguments, "--json", path)
        return read_json(path)

    def test_rules_on_a_matrix(self):
        file = self.folder / "planted.mtx"
        n, nonzeros = planted(file, random.Random(5))
        totals = {}
        for rule in "tiles", "permutation", "clusters", "scic":
            result = self.map(file, "--mca", "16x16", "--rule", rule)
            self.assertEqual((result["rows"], result["columns"], result["nonzeros"]),
                             (n, n, nonzeros))
            self.assertEqual(result["crossbars"]["tiles"], 64)
            self.assertLessEqual(result["crossbars"]["lower_bound"], result["crossbars"]["total"])
            self.assertAlmostEqual(result["utilisation"],
                                   nonzeros / (256 * result["crossbars"]["total"]))
            self.assertGreaterEqual(result["seconds"], 0)
            totals[rule] = result["crossbars"]["total"]
        self.assertEqual(totals["tiles"], 64)
        self.assertEqual(totals["permutation"], 8)
        self.assertEqual(totals["clusters"], 8)
        self.assertLess(totals["scic"], 20)
        plain = self.map(file, "--mca", "24x32", "--rule", "permutation", "--no-gaps", "--effort", 0)
        found = self.map(file, "--mca", "24x32", "--rule", "clusters")
        self.assertLessEqual(found["crossbars"]["total"], plain["crossbars"]["total"])
        self.assertEqual(found["crossbars"]["residue"], 0)

    @unittest.skipUnless(have("JANSSON"), "built without jansson")
    def test_schemes_of_convolutions(self):
        file, reads = GOLDEN / "network" / "v1-graph.safetensors", {}
        for scheme in "kernel-column", "unrolled", "duplicated":
            result = self.map(file, "--mca", "4x3", "--scheme", scheme)
            convolution, dense = result["layers"]
            reads[scheme] = convolution["reads"]
            self.assertEqual(dense["reads"], 1)
            self.assertEqual(convolution["groups"], 1)
            self.assertGreaterEqual(convolution["full_crossbars"], convolution["crossbars"]["total"])
        self.assertEqual(reads, {"kernel-column": 2, "unrolled": 1, "duplicated": 2})
        windows = self.map(file, "--mca", "4x3", "--scheme", "duplicated", "--window", "1x2",
                           "--save", self.folder / "windows.safetensors")
        self.assertEqual(windows["layers"][0]["window"], [1, 2])
        text = run("info", self.folder / "windows.safetensors").stdout
        self.assertIn("unrolled, 1 of 1x2 places, 1x2x3 to 2x1x2, 1 groups", text)
        for wrong in ("--window", "2"), ("--window", "0x2"), ("--scheme", "best"):
            run("map", file, "--mca", "4x3", *wrong, code=2)

    def test_pack_a_matrix(self):
        file, pruned = self.folder / "planted.mtx", self.folder / "pruned.mtx"
        _, nonzeros = planted(file, random.Random(8))
        exact = self.map(file, "--mca", "16x16", "--rule", "pack")
        self.assertEqual((exact["crossbars"]["total"], exact["nonzeros"]), (8, nonzeros))
        self.assertEqual(exact["pack"]["discarded"], 0)
        few = self.map(file, "--mca", "16x16", "--rule", "pack", "--crossbars", 5,
                       "--save-pruned", pruned)
        self.assertEqual(few["crossbars"]["total"], 5)
        self.assertEqual(few["nonzeros_before"], nonzeros)
        self.assertAlmostEqual(few["pack"]["discarded"], 1 - few["nonzeros"] / nonzeros, places=5)
        self.assertGreaterEqual(few["pack"]["discarded"], few["pack"]["discarded_least"])
        again = self.map(pruned, "--mca", "16x16", "--rule", "pack")
        self.assertEqual((again["crossbars"]["total"], again["nonzeros"]), (5, few["nonzeros"]))
        bound = self.map(file, "--mca", "16x16", "--rule", "pack", "--discard", 0.4,
                         "--effort", 1, "--salience", "equal")
        self.assertEqual(bound["crossbars"]["total"], 5)
        self.assertLessEqual(bound["pack"]["discarded"], 0.4)
        self.assertAlmostEqual(bound["crossbars"]["gap"],
                               5 / bound["crossbars"]["lower_bound"] - 1)

    def test_pools(self):
        file = self.folder / "planted.mtx"
        planted(file, random.Random(9))
        costs = {}
        for cost in "crossbars", "area", "energy":
            result = self.map(file, "--mca", "8x8,16x16,64x32", "--rule", "pack", "--cost", cost)
            by_mca = result["crossbars"]["by_mca"]
            self.assertEqual(list(by_mca), ["8x8", "16x16", "64x32"])
            self.assertEqual(sum(by_mca.values()), result["crossbars"]["total"])
            self.assertLessEqual(result["pack"]["cost_least"], result["pack"]["cost"])
            costs[cost] = result["pack"]["cost"]
        self.assertEqual(costs["crossbars"], int(costs["crossbars"]))
        limit = costs["area"] / 2
        half = self.map(file, "--mca", "8x8,16x16,64x32", "--rule", "pack", "--cost", "area",
                        "--cost-limit", limit)
        self.assertLessEqual(half["pack"]["cost"], limit)
        self.assertGreater(half["pack"]["discarded"], 0)

    @unittest.skipUnless(have("JANSSON"), "built without jansson")
    def test_pack_a_network(self):
        file, pruned = self.folder / "dense.safetensors", self.folder / "pruned.safetensors"
        run("transform", *SMALL, "--epochs", 2, "--method", "dense", "--compare", "none", "--quiet",
            "--save", file)
        exact = self.map(file, "--mca", "32x32", "--rule", "pack")
        self.assertEqual(exact["nonzeros"], exact["nonzeros_before"])
        for options in (["--crossbars", 6], ["--discard", 0.25, "--salience", "square"]):
            result = self.map(file, "--mca", "32x32", "--rule", "pack", *options,
                              "--save-pruned", pruned)
            self.assertEqual(result["crossbars"]["residue"], 0)
            self.assertLess(result["nonzeros"], exact["nonzeros"])
            for key in "total", "lower_bound":
                self.assertEqual(result["crossbars"][key],
                                 sum(layer["crossbars"][key] for layer in result["layers"]))
            self.assertAlmostEqual(
                sum(layer["pack"]["discarded"] for layer in result["layers"]) / 3,
                result["pack"]["discarded"])
            if "--discard" in options:
                for layer in result["layers"]:
                    self.assertLessEqual(layer["pack"]["discarded"], 0.25 + 1e-6)
            again = self.map(pruned, "--mca", "32x32", "--rule", "scic") # its own clusters
            self.assertEqual(again["crossbars"]["total"], result["crossbars"]["total"])
            self.assertEqual(again["nonzeros"], result["nonzeros"])
        text = run("map", file, "--mca", "32x32", "--rule", "pack", "--crossbars", 6).stdout
        self.assertRegex(text, r"(?m)^discarded +\d")
        self.assertRegex(text, r"(?m)^layer 2 .*at least")

    @unittest.skipUnless(have("ZLIB"), "built without zlib")
    def test_packed_matrix(self):
        file = self.folder / "planted.mtx.gz"
        _, nonzeros = planted(file, random.Random(6))
        self.assertEqual(self.map(file, "--mca", "64x64", "--rule", "tiles")["nonzeros"], nonzeros)
        self.assertRegex(run("info", file).stdout, rf"nonzeros +{nonzeros}\n")

    def test_reproducible(self):
        file = self.folder / "planted.mtx"
        planted(file, random.Random(7))
        texts = [run("map", file, "--mca", "16x16", "--rule", "clusters", "--reproducible",
                     "--json", "-", "--threads", threads).stdout for threads in (1, 2)]
        self.assertEqual(texts[0], texts[1])

    def test_broken_matrix(self):
        file = self.folder / "broken.mtx"
        file.write_text("%%MatrixMarket matrix coordinate real general\n3 3 2\n1 1 nan\n")
        for name, arguments in ("map", [file, "--mca", "4x4"]), ("info", [file]):
            result = run(name, *arguments, code=1)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)

    @unittest.skipUnless(have("JANSSON"), "built without jansson")
    def test_network(self):
        file = self.folder / "network.safetensors"
        checkpoint = self.folder / "run"
        run("transform", *SMALL, "--epochs", 2, "--method", "prune", "--compare", "none", "--quiet",
            "--save", file, "--checkpoint", checkpoint)
        results = {rule: self.map(file, "--mca", "32x32", "--rule", rule)
                   for rule in ("tiles", "permutation", "clusters", "scic")}
        self.assertLessEqual(results["permutation"]["crossbars"]["total"],
                             results["permutation"]["crossbars"]["pruned"])
        self.assertLessEqual(results["clusters"]["crossbars"]["total"],
                             results["permutation"]["crossbars"]["total"])
        for result in results.values():
            self.assertEqual((result["rows"], result["columns"]), (96 + 64 + 10, 64 + 96 + 64))
            self.assertEqual(result["nonzeros"], results["tiles"]["nonzeros"])
        text = run("info", file).stdout
        self.assertRegex(text, r"kind +network\n")
        self.assertRegex(text, r"layer 2 +64 inputs, 10 outputs, relu")
        self.assertRegex(run("info", f"{checkpoint}.prune").stdout, r"kind +checkpoint")
        path = self.folder / "info.json"
        run("info", file, "--quiet", "--json", path)
        self.assertEqual(read_json(path)["kind"], "network")

    @unittest.skipUnless(have("JANSSON"), "built without jansson")
    def test_graph_of_a_network(self):
        text = run("info", GOLDEN / "network" / "v1-graph.safetensors").stdout
        self.assertRegex(text, r"layer 0 +4 inputs, 2 outputs, linear with bias")
        self.assertRegex(text, r"node 1 +convolution 2x2 by 1x1 of 0, linear\n")
        self.assertRegex(text, r"node 3 +sum of 1 2, linear\n")

    @unittest.skipUnless(have("ONNX"), "built without ONNX")
    def test_onnx(self):
        text = run("info", GOLDEN / "onnx" / "sequence.onnx").stdout
        self.assertRegex(text, r"kind +network\n")
        self.assertRegex(text, r"layer 1 +6 inputs, 8 outputs, leaky relu with bias")
        self.assertRegex(text, r"node 2 +batch norm of 1, relu\n")

    @unittest.skipUnless(have("HDF5"), "built without HDF5")
    def test_nir_graph(self):
        text = run("info", GOLDEN / "nir" / "v1.nir").stdout
        self.assertRegex(text, r"kind +NIR graph\n")
        self.assertRegex(text, r"node \S+ +Input, \[")

    def test_lists(self):
        names = run("info", "--techs").stdout
        for name in "resparc-45nm", "puma-32nm", "pcm-hermes":
            self.assertIn(name, names)
            self.assertRegex(run("info", "--tech", name).stdout, rf"name +{name}\n")
        constants = run("info", "--tech-keys").stdout
        self.assertRegex(constants, r"(?m)^resistance_on_ohm +to be said +in \[10, 1e\+09\]: ")
        self.assertRegex(constants, r"(?m)^adc_bits +0 +in \[0, 24\], whole: ")
        keys = run("info", "--keys").stdout
        for key in "train.epochs", "method", "target.loss":
            self.assertRegex(keys, rf"(?m)^{key} ")

    @unittest.skipUnless(have("ZLIB"), "built without zlib, and the digits are packed")
    def test_data_sets(self):
        text = run("info", "digits").stdout
        self.assertRegex(text, r"features +64\n")
        self.assertRegex(text, r"test samples +1797\n")

    @unittest.skipUnless(have("YAML"), "built without a YAML reader")
    def test_yaml(self):
        file = self.folder / "schedule.yaml"
        file.write_text("method: prune\ntrain:\n  epochs: 7\n")
        text = run("info", file).stdout
        self.assertRegex(text, r"kind +schedule\n")
        self.assertRegex(text, r"train.epochs +7\n")
        file.write_text("neither: fish\nnor: fowl\n")
        result = run("info", file, code=1)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)


unittest.main()
