"""trnnsf-analog: ideal devices are the network, worse ones are worse; equal runs, equal bytes."""

import unittest

from programs import SMALL, InFolder, have, read_json, run

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

    def test_remap(self):
        stuck = ["--set", "devices_per_sign=2", "--set", "stuck_on_fraction=0.05", "--set",
                 "stuck_off_fraction=0.05", "--chips", 2]
        errors = {means: self.analog(*stuck, "--remap", means)["cases"][0]["layer_errors"][0]
                  for means in ("none", "lines", "compensation", "both")}
        self.assertEqual(errors["none"], self.analog(*stuck)["cases"][0]["layer_errors"][0])
        self.assertLess(errors["lines"], errors["none"])
        self.assertLess(errors["compensation"], errors["none"])
        self.assertLess(errors["both"], min(errors["lines"], errors["compensation"]))
        more = self.analog(*stuck, "--remap", "lines", "--remap-starts", 3, "--threads", 1)
        self.assertLess(more["cases"][0]["layer_errors"][0], errors["none"])
        refused = run("analog", self.network, "--data", "digits", "--remap", "some", code=2)
        self.assertIn("--remap some", refused.stderr)

    def test_table(self):
        text = run("analog", self.network, "--data", "digits", *DEVICE, "--chips", 2).stdout
        for word in ("network", "all", "saturated", "area", "energy", "latency"):
            self.assertIn(word, text)


if __name__ == "__main__":
    unittest.main()
