"""Files that are, or are not, weights of a network."""

from __future__ import annotations

from pathlib import Path

import torch

from scripts.networks.vessel_unet import VesselSegmenter

CHANNELS = (2, 2, 4, 4, 4)


class RunsCode:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


def weights_file(folder: Path, fault: str) -> Path:
    file = folder / "model.pt"
    state = VesselSegmenter(CHANNELS).state_dict()
    torch.save({"sound": state}.get(fault, state), file)
    if fault == "under a key":
        torch.save({"model": state}, file)
    elif fault == "truncated":
        file.write_bytes(file.read_bytes()[:-500])
    elif fault == "cut early":
        file.write_bytes(file.read_bytes()[:500])
    elif fault == "empty":
        file.write_bytes(b"")
    elif fault == "text":
        file.write_text("version https://git-lfs.github.com/spec/v1\n")
    elif fault == "code":
        torch.save({**state, "more": RunsCode(folder / "ran")}, file)
    elif fault == "another width":
        torch.save(VesselSegmenter((4, 4, 4, 4, 4)).state_dict(), file)
    elif fault == "without the key":
        torch.save({"weights": state}, file)
    elif fault == "checkpoint":
        torch.save({"network": state, "trainer": {"iteration": 3}}, file)
    elif fault == "no dictionary":
        torch.save([1, 2], file)
    elif fault == "not finite":
        torch.save({key: tensor * torch.nan for key, tensor in state.items()}, file)
    elif fault == "gone":
        file.unlink()
    return file
