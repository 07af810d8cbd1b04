# Licensed under the Apache License, Version 2.0 (the "License"); http://www.apache.org/licenses/LICENSE-2.0
"""Every stage of the bundle once, on made-up scans. It runs in the Model Zoo's root folder:

python ci/unit_tests/runner.py --b vessel_sld_segmentation
"""

import os
import shutil
import sys
import tempfile
import unittest

import nibabel as nib
import numpy as np
from monai.bundle import ConfigWorkflow
from PIL import Image

BUNDLE = "models/vessel_sld_segmentation"
sys.path.insert(0, BUNDLE)
SMALL = {"bundle_root": BUNDLE, "brain_mask": "none", "window": [32, 32, 32], "num_workers": 0}
INFERENCE = {**SMALL, "runtime": "torch"}  # OpenVINO takes longer to convert a network than this to use it
NARROW = {"channels": [2, 2, 4, 4, 4]}
SMALL_TRAINING = {
    **SMALL,
    **NARROW,
    "crop_size": 32,
    "crop_pairs": 2,
    "epochs": 1,
    "iterations_per_epoch": 1,
    "cache_rate": 0.0,
    "previews": False,
}


def fake_dataset(folder: str) -> None:
    """Scans of noise with a bright tube, its labels, and a 2D vessel mask."""
    rng = np.random.default_rng(0)
    tube = np.zeros((40, 36, 32), np.uint8)
    tube[4:36, 16:19, 14:17] = 1
    for split, name in (("training", "a"), ("training", "b"), ("validation", "c"), ("test", "d")):
        scan = rng.normal(100, 5, tube.shape) + 100 * tube
        for kind, volume in (("images", scan.astype(np.float32)), ("labels", tube)):
            os.makedirs(os.path.join(folder, split, kind), exist_ok=True)
            image = nib.Nifti1Image(volume, np.diag([0.6, 0.6, 0.6, 1.0]))
            nib.save(image, os.path.join(folder, split, kind, f"{name}.nii.gz"))
    mask = np.zeros((60, 60), np.uint8)
    mask[28:32, 5:55] = mask[5:30, 20:23] = 255
    os.makedirs(os.path.join(folder, "masks_2d"))
    Image.fromarray(mask).save(os.path.join(folder, "masks_2d", "tree.png"))


class TestVesselSLD(unittest.TestCase):
    def setUp(self):
        self.dataset_dir, self.output_dir = tempfile.mkdtemp(), tempfile.mkdtemp()
        fake_dataset(self.dataset_dir)

    def tearDown(self):
        shutil.rmtree(self.dataset_dir)
        shutil.rmtree(self.output_dir)

    def run_config(self, workflow_type, *names, **override):
        override = {"dataset_dir": self.dataset_dir, "output_dir": self.output_dir, **override}
        workflow = ConfigWorkflow(
            workflow_type=workflow_type,
            config_file=[os.path.join(BUNDLE, "configs", f"{name}.yaml") for name in names],
            logging_file=os.path.join(BUNDLE, "configs", "logging.conf"),
            meta_file=os.path.join(BUNDLE, "configs", "metadata.json"),
            **override,
        )
        workflow.initialize()
        self.assertEqual(workflow.check_properties(), [])
        workflow.run()
        workflow.finalize()

    def written(self, *path):
        return os.path.isfile(os.path.join(self.output_dir, *path))

    def test_train_config(self):
        self.run_config("train", "train", pretrain_epochs=1, **SMALL_TRAINING)
        self.assertTrue(self.written("pretrain", "model.pt") and self.written("train", "model.pt"))
        self.run_config("train", "refine", **SMALL_TRAINING)
        weights = os.path.join(self.output_dir, "refine", "model.pt")
        self.run_config("infer", "inference", "evaluate", ckpt=weights, **INFERENCE, **NARROW)
        self.assertTrue(self.written("metrics.csv"))

    def test_infer_config(self):
        scans = os.path.join(self.dataset_dir, "test", "images")
        self.run_config("infer", "inference", **{**INFERENCE, "dataset_dir": scans})
        self.assertTrue(self.written("d_vessels.nii.gz") and self.written("report.html"))


if __name__ == "__main__":
    unittest.main()
