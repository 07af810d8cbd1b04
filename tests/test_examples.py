"""The examples in the docstrings of losses and transforms run, and none lacks one."""

from __future__ import annotations

import doctest
import inspect
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import MapTransform
from torch import nn

ROOT = Path(__file__).parent.parent
FILES = [*ROOT.glob("scripts/losses/[a-z]*.py"), *ROOT.glob("scripts/transforms/[a-z]*.py")]
LOSSES_OF_BASELINES = ["scripts.baselines.class_balancing", "scripts.baselines.projection_cross_entropy"]
MODULES = sorted(".".join(file.relative_to(ROOT).with_suffix("").parts) for file in FILES) + LOSSES_OF_BASELINES


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    names = {"np": np, "torch": torch, "MetaTensor": MetaTensor}
    assert doctest.testmod(import_module(name), extraglobs=names).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_every_loss_and_transform_has_an_example(name: str) -> None:
    classes = [item for _, item in inspect.getmembers(import_module(name), inspect.isclass) if item.__module__ == name]
    for item in classes:
        if issubclass(item, (nn.Module, MapTransform)):
            assert "Example:\n" in item.__doc__, item.__name__
