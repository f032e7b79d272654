"""trnnsf-transform on the digits: the report's keys, equal bytes, files, pictures."""

import math
import os
import subprocess
import unittest

from programs import InFolder, SMALL, command, have, read_json, run

COSTS = {"array", "periphery", "neuron", "buffer", "communication", "total"}
COUNTS = {"dense", "pruned", "clustered", "residue", "total", "lower_bound", "gap", "by_mca"}


@unittest.skipUnless(have("JANSSON"), "built without jansson")
class Transform(InFolder):
    def check_part(self, part):
        self.assertEqual(set(part["crossbars"]), COUNTS)
        self.assertEqual(set(part["area_m2"]), COSTS)
        self.assertEqual(set(part["energy_j"]), COSTS)
        self.assertTrue(0 <= part["sparsity"] <= 1)
        self.assertTrue(0 <= part["utilisation"] <= 1)
        self.assertGreaterEqual(part["latency_s"], 0)
        self.assertLessEqual(part["crossbars"]["lower_bound"], part["crossbars"]["total"])
        self.assertAlmostEqual(part["crossbars"]["gap"], part["crossbars"]["total"]
                               / part["crossbars"]["lower_bound"] - 1)
        self.assertEqual(sum(part["crossbars"]["by_mca"].values()), part["crossbars"]["total"])
        for costs in part["area_m2"], part["energy_j"]:
            parts = math.fsum(value for key, value in costs.items() if key != "total")
            self.assertTrue(math.isclose(parts, costs["total"], rel_tol=1e-9))

    def check_entry(self, entry, method):
        self.assertEqual(entry["method"], method)
        self.assertEqual(set(entry["accuracy"]), {"train", "validation", "test"})
        for accuracy in entry["accuracy"].values():
            self.assertTrue(0 <= accuracy <= 1)
        self.check_part(entry)
        self.assertGreater(entry["latency_s"], 0)
        self.assertEqual(len(entry["layers"]), 3)
        for layer in entry["layers"]:
            self.check_part(layer)
        for key in "clustered", "residue", "total", "dense", "lower_bound":
            self.assertEqual(entry["crossbars"][key],
                             sum(layer["crossbars"][key] for layer in entry["layers"]))
        self.assertEqual([step["epoch"] for step in entry["history"]], [1, 2, 3, 4, 5])

    def test_layers_as_text(self):
        """A convolutional network is trained, mapped and saved, described, and trained on from its file."""
        network, report = self.folder / "graph.net", self.folder / "graph.json"
        line = ["transform", "--data", "digits", "--method", "dense", "--compare", "none", "--mca", "32x32", "--set",
                "train.optimiser=adam", "--set", "train.rate=0.01", "--set", "network.init=he", "--set",
                "network.init_scale=1", "--set", "network.output_activation=softmax", "--set", "train.loss=cross-entropy",
                "--json", report, "--save", network]
        text = "8c3:same:norm-2m-16c3-2s-32-10"
        run(*line, "--layers", text, "--epochs", 3, "--set", "train.crop=1", "--set", "train.average=exponential")
        first = read_json(report)
        self.assertEqual(len(first["layers"]), 4)
        self.assertGreater(first["accuracy"]["test"], 0.4)
        described = run("info", network).stdout
        self.assertRegex(described, r"node 2 +batch norm of 1, relu")
        self.assertRegex(described, r"node 5 +mean pool 2x2")
        run(*line, "--network", network, "--epochs", 2)
        self.assertGreater(read_json(report)["accuracy"]["test"], first["accuracy"]["test"])

    def test_spiking(self):
        """With --spiking costs are those of a spiking run of each method; four times the steps cost about
        four times as much, and nothing else is another."""
        reports = []
        for steps in [], ["--spiking", 4], ["--spiking", 16]:
            result = run("transform", *SMALL, "--epochs", 5, "--json", self.folder / "report.json", *steps,
                         "--reproducible")
            reports.append(read_json(self.folder / "report.json"))
        self.assertRegex(result.stdout, r"(?m)^spiking .*dense: after 16 steps")
        still, short, long = reports
        self.assertNotIn("spiking", still)
        for report, steps in (short, 4), (long, 16):
            for entry in (report, *report["compared"].values()):
                self.assertEqual(entry["spiking"]["steps"], steps)
                self.assertGreater(entry["spiking"]["spikes"], 0)
            self.assertEqual(report["crossbars"], still["crossbars"])
            self.assertEqual(report["area_m2"], still["area_m2"])
            self.assertEqual(report["accuracy"], still["accuracy"])
        self.assertLess(abs(long["spiking"]["accuracy"] - long["accuracy"]["test"]), 0.05)
        for one, other in (long, short), (long["compared"]["dense"], short["compared"]["dense"]):
            self.assertTrue(2.5 < one["energy_j"]["total"] / other["energy_j"]["total"] < 5.5)
        self.assertIn("--spiking 0 is not in [1, 65536]",
                      run("transform", *SMALL, "--spiking", 0, code=2).stderr)

    def test_keys(self):
        path = self.folder / "report.json"
        result = run("transform", *SMALL, "--epochs", 5, "--json", path, "--seed", 7)
        for method in "dense", "prune", "transform", "at least", "saved/dense", "saved/prune":
            self.assertRegex(result.stdout, rf"(?m)^{method} ")
        self.assertEqual(result.stderr, "")
        report = read_json(path)
        self.assertEqual(report["seed"], 7)
        self.assertGreater(report["seconds"], 0)
        self.assertEqual(report["technology"], "resparc-45nm")
        self.assertEqual(report["mca"], ["32x32"])
        self.assertEqual(report["network"], [64, 96, 64, 10])
        self.check_entry(report, "transform")
        self.assertEqual(set(report["compared"]), {"dense", "prune"})
        for method, entry in report["compared"].items():
            self.check_entry(entry, method)
        self.assertEqual(set(report["dense"]), {"accuracy", "crossbars", "area_m2", "energy_j"})
        for key in report["dense"]:
            self.assertEqual(report["dense"][key], report["compared"]["dense"][key])
        for what, of in ("area", "area_m2"), ("energy", "energy_j"), ("crossbars", "crossbars"):
            for other in "dense", "prune":
                self.assertAlmostEqual(
                    report["savings"][f"{what}_vs_{other}"],
                    1 - report[of]["total"] / report["compared"][other][of]["total"])

    def test_same_bytes_for_any_threads(self):
        texts = []
        for threads in 1, 2, 2:
            path = self.folder / f"{len(texts)}.json"
            run("transform", *SMALL, "--epochs", 4, "--threads", threads, "--backend",
                "reference", "--reproducible", "--quiet", "--json", path)
            texts.append(path.read_bytes())
        self.assertEqual(texts[0], texts[1])
        self.assertEqual(texts[1], texts[2])
        self.assertIsNone(read_json(self.folder / "0.json")["seconds"])
        path = self.folder / "other.json"
        run("transform", *SMALL, "--epochs", 4, "--backend", "reference", "--reproducible",
            "--quiet", "--json", path, "--seed", 2)
        self.assertNotEqual(path.read_bytes(), texts[0])

    def test_json_on_standard_output(self):
        result = run("transform", *SMALL, "--epochs", 1, "--method", "dense", "--json", "-")
        path = self.folder / "out.json"
        path.write_text(result.stdout, encoding="utf-8")
        report = read_json(path)
        self.assertEqual(report["method"], "dense")
        self.assertEqual(report["compared"], {})
        self.assertEqual(report["dense"]["accuracy"], report["accuracy"])

    def test_methods_and_variants(self):
        for method in "dense", "prune", "offline", "transform", "pack":
            for variant in "corrected", "published":
                path = self.folder / f"{method}-{variant}.json"
                run("transform", *SMALL, "--epochs", 2, "--method", method, "--variant", variant,
                    "--compare", "none", "--quiet", "--json", path)
                report = read_json(path)
                self.assertEqual(report["method"], method)
                self.assertEqual("dense" in report, method == "dense")

    def test_target_of_accuracy(self):
        path = self.folder / "searched.json"
        result = run("transform", *SMALL, "--epochs", 3, "--method", "pack", "--target", "loss=20",
                     "--compare", "dense", "--json", path)
        self.assertIn("tried", result.stdout)
        report = read_json(path)
        self.assertLess(report["crossbars"]["total"], report["dense"]["crossbars"]["total"])
        self.assertGreaterEqual(report["accuracy"]["validation"],
                                report["dense"]["accuracy"]["validation"] - 0.2)

    @unittest.skipUnless(have("CAIRO"), "built without cairo")
    def test_figure_of_a_search_has_its_curve(self):
        heights = []
        for target in "crossbars=9", "area=1e-7":  # one run, and a search
            path = self.folder / "searched.png"
            run("transform", *SMALL, "--epochs", 3, "--method", "pack", "--target", target,
                "--compare", "dense", "--quiet", "--figure", path)
            heights.append(int.from_bytes(path.read_bytes()[20:24], "big"))
        self.assertGreater(heights[1], heights[0] + 400)

    def test_target_of_a_cost(self):
        path = self.folder / "within.json"
        for target, key in ("area=1e-7", "area_m2"), ("energy=3e-8", "energy_j"):
            result = run("transform", *SMALL, "--epochs", 3, "--method", "pack", "--target", target,
                         "--compare", "dense", "--json", path)
            self.assertIn("tried", result.stdout)
            report = read_json(path)
            limit = float(target.split("=")[1])
            best = max((trial for trial in report["trials"] if trial["met"]),
                       key=lambda trial: trial["validation_accuracy"])
            for trial in report["trials"]:
                self.assertEqual(trial["met"], int(trial[key] <= limit))
            self.assertEqual(report["crossbars"]["total"], best["crossbars"])
            self.assertEqual(report["area_m2"]["total"], best["area_m2"])
            # Trials have the activity on the validation part, reports that on the test part.
            self.assertAlmostEqual(report["energy_j"]["total"] / best["energy_j"], 1, delta=0.2)

    def test_target_in_several_ways(self):
        path = self.folder / "ways.json"
        result = run("transform", *SMALL, "--epochs", 3, "--method", "pack", "--target", "crossbars=12",
                     "--vary", "pack.patches=0.5,pack.patch_inputs=16", "--vary", "pack.effort=2",
                     "--compare", "dense", "--json", path)
        tried = [line for line in result.stdout.splitlines() if line.startswith("tried")]
        report = read_json(path)
        self.assertEqual([trial["variant"] for trial in report["trials"]],
                         [i % 3 for i in range(len(tried))])
        self.assertTrue(tried[1].endswith("pack.patches 0.5, pack.patch_inputs 16"), tried[1])
        self.assertTrue(tried[2].endswith("pack.effort 2"), tried[2])
        self.assertLessEqual(report["crossbars"]["total"], 12)
        self.assertEqual(report["accuracy"]["validation"],
                         max(trial["validation_accuracy"] for trial in report["trials"] if trial["met"]))

    def test_target_of_crossbars_is_no_search(self):
        for option in ("--target", "crossbars=9"), ("--set", "target.crossbars=9"):
            path = self.folder / "nine.json"
            result = run("transform", *SMALL, "--epochs", 3, "--method", "pack", *option,
                         "--compare", "dense", "--json", path)
            self.assertNotIn("tried", result.stdout)
            self.assertNotIn("target", result.stdout)
            report = read_json(path)
            self.assertLessEqual(report["crossbars"]["total"], 9)
            self.assertNotIn("trials", report)

    def test_pool_of_shapes(self):
        path = self.folder / "pool.json"
        for cost in "crossbars", "area", "energy":
            run("transform", "--data", "digits", "--layers", "64-96-64-10", "--mca",
                "16x16,32x32,16x8", "--epochs", 4, "--method", "pack", "--set", f"pack.cost={cost}",
                "--target", "crossbars=12", "--compare", "none", "--quiet", "--json", path)
            crossbars = read_json(path)["crossbars"]
            self.assertEqual(crossbars["residue"], 0)
            self.assertEqual(sum(crossbars["by_mca"].values()), crossbars["total"])
            if cost == "crossbars":
                self.assertEqual(crossbars["by_mca"]["16x8"], 0)

    def test_saved_files(self):
        network, mapping = self.folder / "network.safetensors", self.folder / "mapping.safetensors"
        run("transform", *SMALL, "--epochs", 2, "--quiet", "--save", network, "--mapping", mapping)
        self.assertRegex(run("info", network).stdout, r"kind +network")
        self.assertRegex(run("info", mapping).stdout, r"kind +mapping")
        run("transform", "--data", "digits", "--network", network, "--epochs", 1, "--quiet",
            "--mca", "32x32", "--json", self.folder / "again.json")
        self.assertEqual(read_json(self.folder / "again.json")["network"], [64, 96, 64, 10])

    @unittest.skipUnless(have("ONNX"), "built without ONNX")
    def test_onnx_in_and_out(self):
        network, smaller = self.folder / "network.onnx", self.folder / "smaller.onnx"
        run("transform", *SMALL, "--epochs", 2, "--quiet", "--save", network)
        run("transform", "--data", "digits", "--network", network, "--epochs", 1, "--quiet", "--save", smaller)
        self.assertRegex(run("info", smaller).stdout, r"layer 0 +64 inputs")
        report = self.folder / "map.json"
        run("map", smaller, "--mca", "64x64", "--quiet", "--json", report)
        self.assertTrue(report.stat().st_size)

    def test_teachers(self):
        teacher, report = self.folder / "teacher.safetensors", self.folder / "report.json"
        run("transform", *SMALL, "--epochs", 3, "--compare", "none", "--method", "dense", "--quiet",
            "--save", teacher)
        line = ["transform", "--data", "digits", "--mirror", "--layers", "128-48-10", "--epochs", 3,
                "--compare", "none", "--method", "dense", "--quiet", "--json", report]
        run(*line, "--teacher", teacher, code=1)
        losses = []
        for share in 0, 0.5:
            more = ["--teacher", teacher, "--teacher", teacher] if share else []
            run(*line, "--set", f"train.distil={share}", *more)
            losses.append(read_json(report)["accuracy"]["train"])
        self.assertNotEqual(*losses)

    @unittest.skipUnless(have("CAIRO"), "built without cairo")
    def test_figures(self):
        magic = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}
        for ending, begin in magic.items():
            path = self.folder / f"figure.{ending}"
            run("transform", *SMALL, "--epochs", 2, "--quiet", "--figure", path)
            content = path.read_bytes()
            self.assertTrue(content.startswith(begin), ending)
            self.assertGreater(len(content), 10000)

    def test_files_that_cannot_be_written(self):
        for option, name in ("--json", "r.json"), ("--save", "n"), ("--mapping", "m"), (
                "--checkpoint", "c"):
            result = run("transform", *SMALL, "--epochs", 1, "--method", "dense", option,
                         self.folder / "none" / name, code=1)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)

    def test_interrupt_leaves_nothing_half_done(self):
        path = self.folder / "report.json"
        process = subprocess.Popen(
            command("transform", "--data", "digits", "--epochs", 100000, "--json", path),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            process.terminate()
        text = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 1)
        self.assertIn("cancelled", text)
        self.assertFalse(path.exists())


@unittest.skipUnless(have("ZLIB"), "built without zlib, and the digits are packed")
class FortyLines(unittest.TestCase):
    def test_it_says_what_it_found(self):
        result = run("forty_lines", os.environ["TRNNSF_DIGITS"])
        accuracy, crossbars, dense = (float(word) for word in result.stdout.split()
                                      if word[0].isdigit())
        self.assertGreater(accuracy, 90)
        self.assertLess(crossbars, dense)
        run("forty_lines", "/no/such/folder", code=1)


unittest.main()
