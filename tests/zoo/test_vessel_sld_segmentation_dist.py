# Licensed under the Apache License, Version 2.0 (the "License"); http://www.apache.org/licenses/LICENSE-2.0
"""Training and inference in several processes, one per GPU, or two without one. In the Model Zoo's root folder:

python ci/unit_tests/runner.py --b vessel_sld_segmentation --dist True
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import torch
from monai.bundle import ConfigParser
from test_vessel_sld_segmentation import BUNDLE, SMALL, SMALL_TRAINING, fake_dataset


class TestVesselSLDMultiGPU(unittest.TestCase):
    def setUp(self):
        self.dataset_dir, self.output_dir = tempfile.mkdtemp(), tempfile.mkdtemp()
        fake_dataset(self.dataset_dir)

    def tearDown(self):
        shutil.rmtree(self.dataset_dir)
        shutil.rmtree(self.output_dir)

    def run_processes(self, *names, **override):
        """Write the config with what overrides it as one file, and run it by torchrun."""
        parser = ConfigParser()
        parser.read_config([os.path.join(BUNDLE, "configs", f"{name}.yaml") for name in names])
        parser.update({"dataset_dir": self.dataset_dir, "output_dir": self.output_dir, **override})
        config_file = os.path.join(self.output_dir, "override.json")
        ConfigParser.export_config_file(parser.config, config_file, indent=4)
        processes = max(2, torch.cuda.device_count())
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
        command += ["-m", "monai.bundle", "run", "--config_file", config_file]
        command += ["--logging_file", os.path.join(BUNDLE, "configs", "logging.conf")]
        command += ["--meta_file", os.path.join(BUNDLE, "configs", "metadata.json")]
        subprocess.check_call(command, env={**os.environ, "PYTHONPATH": BUNDLE})

    def test_train_mgpu_config(self):
        crops = {"crop_pairs": max(2, torch.cuda.device_count())}
        self.run_processes("train", "pretrain", "multi_gpu", **{**SMALL_TRAINING, **crops})
        self.run_processes("train", "multi_gpu", **{**SMALL_TRAINING, **crops})
        self.assertTrue(os.path.isfile(os.path.join(self.output_dir, "train", "model.pt")))

    def test_infer_mgpu_config(self):
        scans = os.path.join(self.dataset_dir, "training", "images")
        self.run_processes("inference", "multi_gpu_inference", **{**SMALL, "dataset_dir": scans})
        for name in ("a", "b"):
            self.assertTrue(os.path.isfile(os.path.join(self.output_dir, f"{name}_vessels.nii.gz")))


if __name__ == "__main__":
    unittest.main()
