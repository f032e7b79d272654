"""trnnsf-spike: spikes come to the network's classes; equal runs, equal bytes; what is wrong is said."""

import unittest

from programs import SMALL, InFolder, have, read_json, run


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

    def test_chips(self):
        """Ideal devices lose nothing, stuck ones do, and chips differ."""
        pairs = ["--set", "devices_per_sign=2", "--chips", 3]
        ideal = self.spike(*pairs)
        self.assertEqual(ideal["chips"], 3 * [ideal["accuracy_after_step"][-1]])
        stuck = self.spike(*pairs, "--set", "stuck_on_fraction=0.05")
        self.assertLess(max(stuck["chips"]), ideal["accuracy"]["test"])
        self.assertGreater(len(set(stuck["chips"])), 1)

    def test_table_and_figure(self):
        figure = self.folder / "figure.svg"
        more = ["--figure", figure] if have("CAIRO") else []
        text = run("spike", self.network, "--data", "digits", "--coding", "first-spike", *more).stdout
        for word in ("network", "accuracy", "correlation", "crossbars", "energy"):
            self.assertIn(word, text)
        if more:
            self.assertIn("<svg", figure.read_text(encoding="utf-8"))

    def test_refusals(self):
        for arguments, words in ((["--coding", "rank"], "--coding rank: expected current|poisson"),
                                 (["--steps", 0], "--steps 0 is not in [1, 1048576]"),
                                 (["--sample", 10000000], "--sample 10000000 is not below")):
            result = run("spike", self.network, "--data", "digits", *arguments, code=2)
            self.assertIn(words, result.stderr)
        result = run("spike", self.network, "--data", "digits", "--leak", 1, code=1)
        self.assertIn("leak 1 is not in [0, 1)", result.stderr)


if __name__ == "__main__":
    unittest.main()
