import pytest
import torch
from monai.engines import SupervisedEvaluator
from torch import Tensor, nn
from torch.nn import functional as F

from scripts.engines.retrieval_evaluator import RetrievalEvaluator, retrieval_accuracy

CELLS = torch.eye(8).reshape(1, 8, 2, 2, 2)  # eight patches, orthogonal to each other


def test_patches_that_are_alike_are_all_found() -> None:
    assert retrieval_accuracy(CELLS, CELLS) == 1


def test_share_that_is_found_by_hand() -> None:
    swapped = CELLS.clone()
    swapped[..., 0], swapped[..., 1] = CELLS[..., 1], CELLS[..., 0]
    assert retrieval_accuracy(CELLS, swapped) == 0
    swapped[:, :, 0] = CELLS[:, :, 0]  # four of eight in their places again
    assert retrieval_accuracy(CELLS, swapped) == pytest.approx(0.5)


def test_the_evaluator_undoes_the_orientation_of_the_second_view() -> None:
    class Position(nn.Module):
        """An embedding that says which patch a voxel was in before it was turned."""

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            assert not self.training
            return F.one_hot(x[:, 0].round().long().clamp(0, 63), 64).movedim(-1, 1).float(), x

    cells = torch.arange(64.0).reshape(1, 1, 4, 4, 4)
    view = F.interpolate(cells, size=8, mode="nearest").repeat(2, 1, 1, 1, 1)
    item = {
        "first": view,
        "second": view,
        "orientation": torch.tensor([9, 30]),
        "mixup_weight": torch.full((1, 2), 0.5),
    }
    evaluator = RetrievalEvaluator(device="cpu", val_data_loader=[item], network=Position(), decollate=False)
    assert isinstance(evaluator, SupervisedEvaluator)
    evaluator.run()
    # Both crops are alike: the first of two equal patches is taken, so the other crop's count as not found.
    assert evaluator.state.output == {"retrieval": 0.5}
