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

    def test_spiking(self):
        """Costs are those that trnnsf-spike has; accuracies stay."""
        still, spiking = self.analog("--chips", 1), self.analog("--chips", 1, "--spiking", 16)
        run("spike", self.network, "--data", "digits", "--mca", "32x32", "--steps", 16, "--quiet", "--json",
            self.folder / "spike.json")
        spike = read_json(self.folder / "spike.json")
        self.assertEqual(spiking["energy_j"], spike["energy_j"])
        self.assertEqual(spiking["latency_s"], spike["latency_s"])
        self.assertEqual(spiking["spiking"]["accuracy"], spike["accuracy"]["test"])
        self.assertEqual(spiking["accuracy"], still["accuracy"])
        self.assertEqual(spiking["area_m2"], still["area_m2"])
        self.assertNotEqual(spiking["energy_j"], still["energy_j"])

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

    def test_sweep(self):
        second = self.folder / "second-16.safetensors"
        second.write_bytes(self.network.read_bytes())
        other = self.folder / "second-2.safetensors"
        other.write_bytes(self.network.read_bytes())
        sweep = ["--sweep", "conductance_levels=2,16", "--chips", 2, *DEVICE]
        result = self.analog(f"again={self.folder}/second-{{}}.safetensors", *sweep)
        points = result["points"]
        self.assertEqual(result["sweep"], "conductance_levels")
        self.assertEqual([(p["network"], p["value"]) for p in points],
                         [("dense", "2"), ("dense", "16"), ("again", "2"), ("again", "16")])
        self.assertLess(points[0]["accuracy"]["test"], points[1]["accuracy"]["test"])
        for k in (0, 1):
            self.assertEqual({**points[k], "network": ""}, {**points[2 + k], "network": ""})
        alone = self.analog("--chips", 2, *DEVICE)
        self.assertEqual(alone["cases"], points[1]["cases"])
        self.assertEqual(alone["energy_j"], points[1]["energy_j"])

    def test_sweep_of_several_keys_and_of_options(self):
        stuck = self.analog("--chips", 1, "--sweep", "stuck_on_fraction+stuck_off_fraction=0,0.3", "--set",
                            "devices_per_sign=2")["points"]
        self.assertEqual(stuck[0]["accuracy"]["test"], stuck[0]["accuracy"]["network"])
        self.assertLess(stuck[1]["accuracy"]["test"], 0.8 * stuck[0]["accuracy"]["test"])
        shapes = self.analog("--chips", 1, "--sweep", "mca=16x16,64x64")["points"]
        self.assertGreater(shapes[0]["crossbars"]["total"], shapes[1]["crossbars"]["total"])
        clipped = self.analog("--chips", 1, "--set", "adc_bits=8", "--sweep", "sum-percentile=50,100")
        means = [point["accuracy"]["test"] for point in clipped["points"]]
        self.assertLess(means[0], means[1])

    def test_sweep_table(self):
        text = run("analog", self.network, "--data", "digits", *DEVICE, "--chips", 2, "--sweep",
                   "adc_bits=3,6").stdout
        self.assertEqual(len(text.splitlines()), 5)
        self.assertIn("adc_bits", text)

    def test_parts(self):
        test = self.analog("--chips", 1)["accuracy"]
        validation = self.analog("--chips", 1, "--part", "validation")["accuracy"]
        self.assertNotEqual(test["network"], validation["network"])
        self.assertEqual(validation["network"], validation["validation"])
        self.assertEqual(self.analog("--chips", 1, "--samples", 10 ** 9)["accuracy"], test)
        few = self.analog("--chips", 1, "--samples", 20)["accuracy"]["network"]
        self.assertAlmostEqual(20 * few, round(20 * few))

    @unittest.skipUnless(have("CAIRO"), "built without cairo")
    def test_figures(self):
        names = {"figure": "sweep.svg", "wires-map": "wires.svg", "conductances": "written.svg"}
        options = [part for option, name in names.items() for part in ("--" + option, self.folder / name)]
        self.analog("--chips", 1, "--set", "devices_per_sign=2", "--set", "word_wire_ohm=5", "--set",
                    "bit_wire_ohm=5", "--sweep", "adc_bits=3,6", "--floor", 50, "--crossbar", 1, *options)
        pictures = {(self.folder / name).read_bytes() for name in names.values()}
        self.assertEqual(len(pictures), 3)
        for picture in pictures:
            self.assertTrue(picture.startswith(b"<?xml") and picture.endswith(b"</svg>\n"))
            self.assertGreater(picture.count(b"<path"), 20)
        run("analog", self.network, "--data", "digits", "--mca", "32x32", "--chips", 1, "--quiet", "--crossbar",
            10000, "--wires-map", self.folder / "none.png", code=1)
        self.assertFalse((self.folder / "none.png").exists())

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
