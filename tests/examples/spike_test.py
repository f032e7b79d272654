"""trnnsf-spike: spikes come to the network's classes; equal runs, equal bytes; what is wrong is said."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

from programs import SMALL, InFolder, have, read_json, run

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


@unittest.skipUnless(have("JANSSON"), "built without jansson")
class Spike(InFolder):
    def setUp(self):
        super().setUp()
        self.network = self.folder / "dense.safetensors"
        run("transform", *SMALL, "--method", "dense", "--epochs", 8, "--save", self.network,
            "--mapping", self.folder / "mapping.safetensors", "--quiet")

    def spike(self, *arguments):
        run("spike", self.network, "--data", "digits", "--mca", "32x32", *arguments, "--quiet",
            "--reproducible", "--json", self.folder / "result.json")
        return read_json(self.folder / "result.json")

    def test_accuracy(self):
        result = self.spike("--steps", 64)
        self.assertEqual(len(result["accuracy_after_step"]), 64)
        self.assertAlmostEqual(result["accuracy"]["test"], result["accuracy_after_step"][-1], 8)
        self.assertLess(abs(result["accuracy"]["network"] - result["accuracy"]["test"]), 0.01)
        self.assertLess(result["accuracy_after_step"][0], result["accuracy"]["test"])
        self.assertGreater(result["energy_j"]["total"], 0)
        for layer in result["layers"]:
            self.assertGreater(layer["correlation"], 0.9)

    def test_convolutions(self):
        """A graph has the network's accuracy after few steps, and a cost."""
        file = self.folder / "graph.safetensors"
        keys = ("network.init=he", "network.init_scale=1", "train.loss=cross-entropy", "train.optimiser=adam",
                "train.rate=0.005")
        run("transform", "--data", "digits", "--layers", "8c3:same:norm-2s-16c3:same:norm-2s-10:softmax", "--method",
            "dense", "--compare", "none", "--epochs", 6, *(x for key in keys for x in ("--set", key)), "--save", file,
            "--quiet")
        run("spike", file, "--data", "digits", "--steps", 64, "--quiet", "--json", self.folder / "result.json")
        result = read_json(self.folder / "result.json")
        self.assertGreater(result["accuracy"]["network"], 0.9)
        self.assertLess(abs(result["accuracy"]["network"] - result["accuracy"]["test"]), 0.006)
        self.assertEqual(len(result["layers"]), 2)
        self.assertGreater(result["energy_j"]["total"], 0)
        self.assertIn("need a network of fully", run("spike", file, "--data", "digits", "--chips", 1, code=2).stderr)

    def test_same_bytes(self):
        poisson = ("--coding", "poisson", "--readout", "spikes")
        first = self.spike(*poisson)
        self.assertEqual(first, self.spike(*poisson, "--threads", 1))
        self.assertNotEqual(first, self.spike(*poisson, "--seed", 2))

    def test_mapping(self):
        """The crossbars do not show in the spikes, only in the cost."""
        here, there = self.spike(), self.spike("--mapping", self.folder / "mapping.safetensors")
        self.assertEqual(here["accuracy_after_step"], there["accuracy_after_step"])
        self.assertEqual(here["spikes_a_sample"], there["spikes_a_sample"])

    def test_traffic(self):
        """A spike drives a row on each crossbar that reads it, and packets are at most one a step and crossbar."""
        single = self.spike("--mca", "1024x1024", "--coding", "poisson", "--steps", 16)
        self.assertEqual(single["crossbars"]["total"], 3)
        self.assertAlmostEqual(single["rows_a_sample"] / single["spikes_a_sample"], 1, 4)
        many = self.spike("--mca", "16x16", "--coding", "poisson", "--steps", 16)
        self.assertGreater(many["rows_a_sample"], 2 * single["rows_a_sample"])
        for result in (single, many):
            self.assertGreater(result["packets_a_sample"], 0)
            self.assertLessEqual(result["packets_a_sample"], 16 * result["crossbars"]["total"])

    def test_patience(self):
        result = self.spike("--patience", 8, "--steps", 64)
        self.assertLess(result["steps_a_sample"], 40)
        self.assertLess(result["energy_j"]["total"], self.spike("--steps", 64)["energy_j"]["total"])

    def test_traffic(self):
        """Crossbars of half the side: as many spikes, each to more rows and PEs."""
        large, small = self.spike(), self.spike("--mca", "16x16")
        self.assertEqual(large["spikes_a_sample"], small["spikes_a_sample"])
        for key in "rows", "messages", "reads":
            self.assertGreater(small["traffic_a_sample"][key], large["traffic_a_sample"][key])
        self.assertEqual(large["traffic_a_sample"]["updates"], small["traffic_a_sample"]["updates"])

    def test_energy_script(self):
        """One line a method, and what the second saves of the first."""
        script = EXAMPLES / "spiking_energy.py"
        result = subprocess.run([sys.executable, script, "--spike", os.environ["TRNNSF_SPIKE"], "--data", "digits",
                                 "--seeds", "dense,dense", f"dense={self.folder}/{{}}.safetensors",
                                 f"other={self.network}", "--options=--steps 4"],
                                capture_output=True, text=True, check=True)
        rows = [line.split("|")[1:-1] for line in result.stdout.splitlines() if line.startswith("| ")]
        self.assertEqual([row[0].strip() for row in rows],
                         ["network", "---", "dense", "other", "saved, %", "---", "other"])
        self.assertIn("± 0.00", rows[2][1])
        self.assertEqual([cell.strip() for cell in rows[-1][1:]], ["0.0", "0.0", "0.0"])

    def test_chips(self):
        """Ideal devices lose nothing, stuck ones do, and chips differ."""
        pairs = ["--set", "devices_per_sign=2", "--chips", 3]
        ideal = self.spike(*pairs)
        self.assertEqual(ideal["chips"], 3 * [ideal["accuracy_after_step"][-1]])
        stuck = self.spike(*pairs, "--set", "stuck_on_fraction=0.05")
        self.assertLess(max(stuck["chips"]), ideal["accuracy"]["test"])
        self.assertGreater(len(set(stuck["chips"])), 1)

    def test_reads(self):
        """Converters and read noise take part: ample ones lose nothing, few bits and much noise do."""
        pairs = ["--set", "devices_per_sign=2", "--chips", 2]
        ample = self.spike(*pairs, "--set", "adc_bits=16")
        self.assertEqual(ample["chips"], 2 * [ample["accuracy_after_step"][-1]])
        few = self.spike(*pairs, "--set", "adc_bits=2")
        self.assertLess(max(few["chips"]), ample["chips"][0] - 0.1)
        noisy = self.spike(*pairs, "--set", "read_sigma_on=1")
        self.assertLess(max(noisy["chips"]), ample["chips"][0] - 0.01)
        self.assertEqual(noisy, self.spike(*pairs, "--set", "read_sigma_on=1", "--threads", 1))
        cut = self.spike(*pairs, "--set", "adc_bits=6", "--sum-percentile", 90)
        self.assertGreater(cut["adc_saturation"], 0.001)

    @unittest.skipUnless(have("HDF5"), "built without HDF5")
    def test_nir(self):
        """A graph that was written has the same spikes when it is read."""
        graph = self.folder / "network.nir"
        for more in (["--leak", 0.125, "--reset", "zero"], ["--readout", "spikes", "--dt", 1e-4]):
            there = self.spike("--nir", graph, *more)
            run("spike", graph, "--data", "digits", "--quiet", "--reproducible", "--json", self.folder / "again.json")
            again = read_json(self.folder / "again.json")
            self.assertEqual(there["accuracy_after_step"], again["accuracy_after_step"])
            self.assertEqual(there["spikes_a_sample"], again["spikes_a_sample"])
        self.assertIn("accuracy", run("spike", graph, "--data", "digits").stdout)
        result = run("spike", graph, "--data", "digits", "--mca", "32x32", code=2)
        self.assertIn("need a network", result.stderr)

    def test_table_and_figure(self):
        figure = self.folder / "figure.svg"
        more = ["--figure", figure] if have("CAIRO") else []
        text = run("spike", self.network, "--data", "digits", "--coding", "first-spike", "--tiles",
                   "resparc", *more).stdout
        for word in ("network", "accuracy", "correlation", "crossbars", "energy", "of 64x64", "mesh"):
            self.assertIn(word, text)
        if more:
            self.assertIn("<svg", figure.read_text(encoding="utf-8"))
            height = int(re.search('height="([0-9]+)pt"', figure.read_text(encoding="utf-8"))[1])
            run("spike", self.network, "--data", "digits", "--quiet", "--figure", figure)
            less = int(re.search('height="([0-9]+)pt"', figure.read_text(encoding="utf-8"))[1])
            self.assertGreater(height, less)  # a row with the mesh

    def test_tiles(self):
        """Sums change nothing, spiking units little, dropping a lot; F is chosen, and less is more."""
        whole = self.spike("--coding", "poisson", "--readout", "spikes")
        results = {}
        for name, more in (("sums", []), ("spiking", ["--units", "spiking", "--form", "chain"]),
                           ("off", ["--decompose", "off"]), ("first", ["--mapper", "first-fit"]),
                           ("fixed", ["--decompose", 16, "--cut", "own", "--mesh", "20x20"]),
                           ("whole", ["--decompose", 16, "--cut", "busy-whole"])):
            results[name] = self.spike("--coding", "poisson", "--readout", "spikes", "--tiles",
                                       "32x32", *more)["tiles"]
        self.assertAlmostEqual(results["sums"]["accuracy"], whole["accuracy"]["test"], 8)
        self.assertEqual(results["sums"]["accuracy"], results["fixed"]["accuracy"])
        self.assertGreater(results["spiking"]["accuracy"], results["off"]["accuracy"])
        self.assertLess(results["off"]["accuracy"], whole["accuracy"]["test"] - 0.05)
        self.assertGreater(results["off"]["dropped"], 0.2)
        self.assertIsNone(results["off"]["fan_in"])
        self.assertEqual((results["fixed"]["fan_in"], results["fixed"]["cut"]), (16, "own"))
        self.assertEqual((results["whole"]["fan_in"], results["whole"]["cut"]), (16, "busy-whole"))
        self.assertEqual(results["whole"]["accuracy"], results["fixed"]["accuracy"])
        self.assertEqual(results["fixed"]["mesh_width"], 20)
        self.assertLessEqual(results["sums"]["total"], results["first"]["total"])
        for result in results.values():
            self.assertGreater(result["mesh_j"], 0)
            self.assertLessEqual(result["neuron_utilisation"], 1)

    def test_refusals(self):
        for arguments, words in ((["--coding", "rank"], "--coding rank: expected current|poisson"),
                                 (["--tiles", "32"], "--tiles 32: expected RxC"),
                                 (["--tiles", "0x4"], "--tiles 0x4: expected RxC"),
                                 (["--decompose", 1], "--decompose 1: expected auto, off or"),
                                 (["--mapper", "best"], "--mapper best: expected first-fit|"),
                                 (["--mesh", "4"], "--mesh 4: expected WxH"),
                                 (["--steps", 0], "--steps 0 is not in [1, 1048576]"),
                                 (["--sample", 10000000], "--sample 10000000 is not below")):
            result = run("spike", self.network, "--data", "digits", *arguments, code=2)
            self.assertIn(words, result.stderr)
        result = run("spike", self.network, "--data", "digits", "--leak", 1, code=1)
        self.assertIn("leak 1 is not in [0, 1)", result.stderr)


if __name__ == "__main__":
    unittest.main()
