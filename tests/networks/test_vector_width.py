import os

import pytest
import torch

from scripts.networks.vector_width import LIMIT, fitting_vectors

ZEN_4 = {"cpu_name": "AMD EPYC 9354P", "avx512_f": True, "avx512_vp2intersect": False}


@pytest.mark.parametrize(
    ("change", "limited"),
    [
        ({}, True),
        ({"cpu_name": "Intel Xeon"}, False),
        ({"avx512_f": False}, False),
        ({"avx512_vp2intersect": True}, False),
    ],
)
def test_vectors_are_narrow_where_wide_ones_are_split_and_for_the_compilation_alone(change, limited, monkeypatch):
    monkeypatch.delenv(LIMIT, raising=False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {**ZEN_4, **change})
    with fitting_vectors() as told:
        assert told == limited and os.environ.get(LIMIT) == ("AVX2" if limited else None)
    assert LIMIT not in os.environ


def test_the_users_own_limit_stays(monkeypatch):
    monkeypatch.setenv(LIMIT, "AVX512_CORE")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: ZEN_4)
    with fitting_vectors() as limited:
        assert not limited and os.environ[LIMIT] == "AVX512_CORE"
    assert os.environ[LIMIT] == "AVX512_CORE"
