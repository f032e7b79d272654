"""trnnsf-transform on a small network of convolutions: all methods, on a saved network, killed and resumed."""

import subprocess
import time
import unittest

from programs import InFolder, command, have, read_json, run

SETS = {"network.init": "he", "network.init_scale": 1, "network.output_activation": "softmax",
        "train.loss": "cross-entropy", "train.optimiser": "adam", "train.rate": 0.003,
        "train.hidden_dropout": 0}
REGIME = ["--data", "digits", "--mca", "32x32",
          *[word for key, value in SETS.items() for word in ("--set", f"{key}={value}")]]
LAYERS = "12c3:norm-2m-24c2:norm-48:norm-10"


@unittest.skipUnless(have("JANSSON"), "built without jansson")
class TransformGraphs(InFolder):
    def setUp(self):
        super().setUp()
        self.dense = self.folder / "dense.safetensors"
        run("transform", *REGIME, "--layers", LAYERS, "--method", "dense", "--epochs", 8, "--quiet",
            "--save", self.dense, "--json", self.folder / "dense.json")
        self.accuracy = read_json(self.folder / "dense.json")["accuracy"]["test"]

    def transform(self, method, *more, name="out"):
        path = self.folder / f"{name}.json"
        run("transform", *REGIME, "--network", self.dense, "--method", method, "--compare", "none",
            "--epochs", 5, "--quiet", "--json", path, *more)
        return read_json(path)

    def test_methods_on_a_saved_network(self):
        self.assertGreater(self.accuracy, 0.9)
        before = read_json(self.folder / "dense.json")["crossbars"]["total"]
        for method in "prune", "offline", "transform", "pack":
            report = self.transform(method)
            self.assertEqual(report["method"], method)
            self.assertGreater(report["accuracy"]["test"], self.accuracy - 0.05, method)
            self.assertGreater(report["sparsity"], 0)
            self.assertGreater(report["energy_j"]["total"], 0)
            total = sum(layer["crossbars"]["total"] for layer in report["layers"])
            self.assertEqual(total, report["crossbars"]["total"])
            self.assertEqual(report["history"][-1]["crossbars"], total)  # as runs count them
            if method in ("transform", "pack"):
                self.assertLess(total, before)

    def test_chosen_layers(self):
        for word, chosen in ("dense", (2, 3)), ("convolutions", (0, 1)):
            report = self.transform("transform", "--set", f"layers={word}")
            for number, layer in enumerate(report["layers"]):
                self.assertEqual(layer["crossbars"]["clustered"] + layer["sparsity"] > 0,
                                 number in chosen)

    def test_target_of_a_cost(self):
        area = read_json(self.folder / "dense.json")["area_m2"]["total"]
        report = self.transform("pack", "--target", f"area={0.8 * area}")
        self.assertLessEqual(report["area_m2"]["total"], 0.8 * area)

    def test_same_bytes_for_any_threads(self):
        reports = [self.transform("pack", "--threads", threads, "--backend", "reference",
                                  "--reproducible") for threads in (1, 3)]
        self.assertEqual(*reports)

    def test_device(self):
        report = self.transform("dense", "--set", "device.weight_levels=31", "--set",
                                "device.activation_bits=6", "--set", "device.uniform=1")
        self.assertGreater(report["accuracy"]["test"], self.accuracy - 0.1)

    def test_killed_and_resumed(self):
        line = ["--set", "train.batch=10", "--threads", 1, "--reproducible"]
        began = time.monotonic()
        whole = self.transform("pack", *line, "--save", self.folder / "whole", name="whole")
        seconds = time.monotonic() - began
        checkpoint = self.folder / "killed"
        more = [*line, "--checkpoint", checkpoint, "--save", self.folder / "killed.network"]
        process = subprocess.Popen(command("transform", *REGIME, "--network", self.dense, "--method",
                                           "pack", "--compare", "none", "--epochs", 5, *more,
                                           "--quiet"))
        try:
            process.wait(timeout=seconds / 2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.assertEqual(self.transform("pack", *more, name="killed"), whole)
        self.assertEqual((self.folder / "killed.network").read_bytes(),
                         (self.folder / "whole").read_bytes())


unittest.main()
