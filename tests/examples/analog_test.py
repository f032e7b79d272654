"""trnnsf-analog: ideal devices are the network, worse ones are worse; equal runs, equal bytes. And the search
for networks of one sign, which asks it for areas."""

import os
import pathlib
import subprocess
import sys
import unittest

from programs import SMALL, InFolder, have, read_json, run

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"

DEVICE = ["--set", "devices_per_sign=2", "--set", "conductance_levels=16", "--set",
          "programming_sigma_constant=0.05", "--set", "stuck_off_fraction=0.01", "--set", "adc_bits=6"]


@unittest.skipUnless(have("JANSSON"), "built without jansson")
class Analog(InFolder):
    def setUp(self):
        super().setUp()
        self.network = self.folder / "dense.safetensors"
        run("transform", *SMALL, "--method", "dense", "--epochs", 8, "--save", self.network,
            "--mapping", self.folder / "mapping.safetensors", "--quiet")

    def analog(self, *arguments):
        run("analog", self.network, "--data", "digits", "--mca", "32x32", *arguments, "--quiet",
            "--reproducible", "--json", self.folder / "result.json")
        return read_json(self.folder / "result.json")

    def test_ideal(self):
        result = self.analog("--chips", 2)
        self.assertEqual(result["accuracy"]["network"], result["accuracy"]["test"])
        self.assertEqual(result["accuracy"]["deviation"], 0)
        self.assertGreater(result["area_m2"]["total"], 0)
        self.assertGreater(result["energy_j"]["total"], 0)

    def test_study(self):
        result = self.analog(*DEVICE, "--chips", 3, "--each")
        names = [case["effects"] for case in result["cases"]]
        self.assertEqual(names, ["all", "levels", "programming", "stuck", "adc"])
        self.assertEqual(len(result["cases"][0]["accuracies"]), 3)
        self.assertGreater(result["accuracy"]["test"], 0.5)
        for case in result["cases"]:
            self.assertLessEqual(case["least"], case["median"])
            self.assertGreater(case["layer_errors"][0], 0)
        self.assertEqual(result, self.analog(*DEVICE, "--chips", 3, "--each", "--threads", 1))
        self.assertNotEqual(result, self.analog(*DEVICE, "--chips", 3, "--each", "--seed", 2))

    def test_mapping(self):
        mapping = self.folder / "mapping.safetensors"
        other = self.analog("--mapping", mapping, "--chips", 1)
        self.assertEqual(other["accuracy"]["network"], other["accuracy"]["test"])

    def test_table(self):
        text = run("analog", self.network, "--data", "digits", *DEVICE, "--chips", 2).stdout
        for word in ("network", "all", "saturated", "area", "energy", "latency"):
            self.assertIn(word, text)

    def test_references(self):
        """One more column of 33: so much more array, and no other accuracy."""
        plain = self.analog("--chips", 1)
        counted = self.analog("--chips", 1, "--set", "reference_columns=1")
        self.assertEqual(plain["accuracy"], counted["accuracy"])
        self.assertAlmostEqual(counted["area_m2"]["array"] / plain["area_m2"]["array"], 33 / 32)
        self.assertGreater(counted["energy_j"]["array"], plain["energy_j"]["array"])
        self.assertEqual(counted["area_m2"]["neuron"], plain["area_m2"]["neuron"])


@unittest.skipUnless(have("JANSSON"), "built without jansson")
class Search(unittest.TestCase):
    @staticmethod
    def search(*arguments):
        programs = pathlib.Path(os.environ["TRNNSF_TRANSFORM"]).parent
        line = [sys.executable, EXAMPLES / "unipolar_search.py", "--programs", programs, "--data", "digits",
                "--inputs", 64, "--classes", 10, "--schedules", EXAMPLES / "schedules" / "har",
                "--random", 1, "--epochs", 2, *arguments]
        return subprocess.run(list(map(str, line)), capture_output=True, text=True, check=True,
                              timeout=240).stdout

    def test_candidates(self):
        lines = self.search("--candidates", 2).splitlines()
        scores = [line for line in lines if " mm2  {" in line and not line.startswith("best")]
        self.assertEqual(len(scores), 2)
        best = max(scores, key=lambda line: float(line.split()[0]))
        self.assertTrue(lines[-1].startswith("best: "))
        self.assertEqual(lines[-1].split("{")[1], best.split("{")[1])

    def test_area(self):
        text = self.search("--candidates", 1, "--area", 1e-6)
        self.assertIn("too large", text)
        self.assertIn("best of those that are too large", text)


if __name__ == "__main__":
    unittest.main()
