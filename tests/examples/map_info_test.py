"""trnnsf-map on a planted matrix and on a network; trnnsf-info on every kind of file."""

import gzip
import random
import unittest

from programs import InFolder, SMALL, have, read_json, run


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

    def test_lists(self):
        names = run("info", "--techs").stdout
        for name in "resparc-45nm", "puma-32nm":
            self.assertIn(name, names)
            self.assertRegex(run("info", "--tech", name).stdout, rf"name +{name}\n")
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
