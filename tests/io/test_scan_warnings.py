import logging

import torch
from monai.data import MetaTensor, decollate_batch, list_data_collate

from scripts.io.scan_warnings import add_warning, warnings_of


def test_a_warning_is_logged_and_noted_once(caplog):
    volume = MetaTensor(torch.zeros(1, 2, 2, 2), meta={"filename_or_obj": "a.nii"})
    assert warnings_of(volume) == []
    for words in ("one thing", "another", "one thing"):
        add_warning(volume, words)
    assert warnings_of(volume) == ["one thing", "another"]
    assert [(r.levelno, r.message) for r in caplog.records] == [
        (logging.WARNING, "a.nii: one thing"),
        (logging.WARNING, "a.nii: another"),
    ]


def test_warnings_survive_a_batch_and_go_to_what_is_made_of_the_volume():
    volume = MetaTensor(torch.zeros(1, 2, 2, 2))
    add_warning(volume, "one thing")
    add_warning(volume, "another")
    (item,) = decollate_batch(list_data_collate([{"image": volume}]))
    assert warnings_of(item["image"] > 0) == ["one thing", "another"]
