"""A run that is killed again and again, at random moments, ends as the one that was not."""

import random
import subprocess
import time
import unittest

from programs import InFolder, SMALL, command, have, run


@unittest.skipUnless(have("JANSSON"), "built without jansson")
class Resume(InFolder):
    def arguments(self, name):
        return [*SMALL, "--epochs", 12, "--set", "train.batch=20", "--threads", 1, "--reproducible",
                "--quiet", "--checkpoint", self.folder / f"{name}.checkpoint", "--json",
                self.folder / f"{name}.json", "--save", self.folder / f"{name}.network"]

    def kill_until_done(self, seconds, rng):
        """Returns how often it was killed."""
        for kills in range(60):
            process = subprocess.Popen(command("transform", *self.arguments("killed")))
            try:
                # Longer and longer, so that it comes to an end on a busy machine too.
                process.wait(timeout=seconds * rng.uniform(0.02, 0.3) * (1 + kills / 10))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                continue
            self.assertEqual(process.returncode, 0)
            return kills
        self.fail("not done after 60 starts")

    def test_killed_and_resumed(self):
        began = time.monotonic()
        run("transform", *self.arguments("whole"))
        seconds = time.monotonic() - began
        seed = random.randrange(10 ** 6)
        kills = self.kill_until_done(seconds, random.Random(seed))
        print(f"killed {kills} times, moments of seed {seed}")
        self.assertGreater(kills, 0)
        for ending in "json", "network", "checkpoint.transform":
            self.assertEqual((self.folder / f"killed.{ending}").read_bytes(),
                             (self.folder / f"whole.{ending}").read_bytes(), ending)

    def test_checkpoint_of_another_run(self):
        run("transform", *self.arguments("whole"), "--method", "dense")
        result = run("transform", *self.arguments("whole"), "--method", "dense", "--layers",
                     "64-32-10", code=1)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)


unittest.main()
