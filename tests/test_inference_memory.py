import numpy as np
import torch

from scripts.benchmark.apart import MIB, Meter
from scripts.vessels.vessel_graph import vessel_graph
from tests.phantom import RAS, save
from tests.run_inference import inference_config

SHAPE = (240, 200, 100)
VOLUME = np.prod(SHAPE) * 4 / MIB  # of a float32 scan, MiB


def test_what_follows_the_network_takes_the_memory_of_a_few_volumes(tmp_path):
    parser = inference_config(spacing=1.5, brain_mask="none", min_component=20.0)
    scan = np.random.default_rng(0).normal(100, 10, SHAPE).astype(np.int16)
    case = parser.get_parsed_content("preprocessing")({"image": str(save(tmp_path / "scan.nii", scan, RAS))})
    assert case["scan"].dtype == torch.int16
    case["pred"] = torch.zeros_like(case["image"])
    case["pred"][:, 40, 40, 3:-3] = 0.9
    with Meter() as meter:
        result = parser.get_parsed_content("postprocessing")(case)
        vessels = result["pred"][0].numpy()
        segments = vessel_graph(vessels, np.eye(4))
    assert len(segments) == 1 and result["probability"].shape == (1, *SHAPE)
    assert meter.cost.above < 4.5 * VOLUME  # the sampling grid of a resampled volume alone would be three
