import pytest
import torch
from monai.networks.nets import VNet as MonaiVNet

from scripts.baselines.vnet import VNet


def test_at_monais_width_it_is_monais() -> None:
    torch.manual_seed(0)
    theirs, ours = MonaiVNet().eval(), VNet((16, 32, 64, 128, 256)).eval()
    weights = theirs.state_dict()
    assert [tuple(w.shape) for w in weights.values()] == [tuple(w.shape) for w in ours.state_dict().values()]
    ours.load_state_dict(dict(zip(ours.state_dict(), weights.values())))
    x = torch.rand(1, 1, 16, 16, 32)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x))


@pytest.mark.parametrize("channels", [(8, 16, 32, 64), (8, 16, 32, 64, 100)])
def test_widths_that_do_not_double_raise(channels: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="twice as wide"):
        VNet(channels)
