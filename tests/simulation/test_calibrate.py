import numpy as np
import pytest

from scripts.simulation.calibrate import oracle_dice


def test_best_threshold():
    # from the top: 1 hit of 1, 2 of 2, 2 of 3, 3 of 4 -> 2*1/(1+3), 2*2/(2+3), 2*2/(3+3), 2*3/(4+3) = 0.857
    assert oracle_dice(np.array([9.0, 8, 7, 6, 5]), np.array([1, 1, 0, 1, 0], bool)) == pytest.approx(6 / 7)


def test_equal_scores_pass_together():
    # one threshold only: all four, 2 hits -> 2*2/(4+2)
    assert oracle_dice(np.ones(4), np.array([1, 1, 0, 0], bool)) == pytest.approx(2 / 3)


def test_no_vessel():
    assert oracle_dice(np.arange(4.0), np.zeros(4, bool)) == 0
