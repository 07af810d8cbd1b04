import pytest

from scripts.benchmark.training_memory import peak_memory

# Narrow: beside the features of 96^3, which this is for, weights and their gradients are little.
NARROW = {"channels": [8, 16, 32, 64, 128]}
SMALL = {"crop_size": 32, "crop_pairs": 1, "crops": 2, "reference_masks_per_iteration": 4, **NARROW}


@pytest.mark.parametrize("stage", ["train", "refine"])
def test_checkpointing_halves_the_memory_of_a_stage(stage: str) -> None:
    kept, again = (peak_memory(stage, amp=True, checkpointing=on, **SMALL) for on in (False, True))
    assert again < 0.55 * kept


def test_tensors_without_content_need_what_true_ones_need() -> None:
    settings = {"amp": False, "checkpointing": True, **SMALL}
    assert peak_memory("train", **settings) == pytest.approx(peak_memory("train", content=True, **settings), rel=0.02)
