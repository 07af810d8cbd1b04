from pathlib import Path

import numpy as np
import pytest
import torch
from ignite.engine import Engine
from monai.data import MetaTensor

from scripts.handlers.case_scores import CaseScores
from tests.phantom import RAS, grid, phantom, save

SHAPE = (20, 24, 28)
AFFINE = grid(RAS, (1.0, 1.0, 1.5), SHAPE)


def evaluation(handler: CaseScores, cases: list[tuple[dict, dict]]) -> Engine:
    """Run an engine whose iterations end as a postprocessed SupervisedEvaluator's do."""

    def step(engine: Engine, case: tuple[dict, dict]) -> list[dict]:
        engine.state.batch, output = [case[0]], [case[1]]
        return output

    engine = Engine(step)
    handler.attach(engine)
    engine.run(cases)
    return engine


def case(folder: Path, name: str, half: bool = False) -> tuple[dict, dict]:
    vessels = phantom(AFFINE, SHAPE)[1].astype(np.float32)
    label = save(folder / f"{name}_label.nii.gz", vessels, AFFINE)
    mask = vessels.copy()
    if half:
        mask[: int(np.median(np.argwhere(vessels)[:, 0]))] = 0
    pred = MetaTensor(torch.from_numpy(mask[None]), affine=torch.from_numpy(AFFINE))
    pred.meta["filename_or_obj"] = str(folder / f"{name}.nii.gz")
    return {"label": str(label)}, {"pred": pred}


def test_report_and_means(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "out"
    cases = [case(tmp_path, "a"), case(tmp_path, "b", half=True)]
    engine = evaluation(CaseScores(str(out), note="A note."), cases)
    printed = capsys.readouterr().out
    assert printed.startswith("A note.")
    assert "| a | 1.000 | 1.000 | 1.000 |" in printed
    assert (out / "summary.md").read_text() in printed
    half = float((out / "metrics.csv").read_text().splitlines()[2].split(",")[1])
    assert 0.4 < half < 0.8  # about half of the vessel is left: 2 * 0.5 / 1.5
    assert engine.state.metrics["DSC"] == pytest.approx((1 + half) / 2, abs=1e-5)


def test_report_of_the_cases_before_a_failure(tmp_path: Path) -> None:
    broken = case(tmp_path, "b")
    broken[0]["label"] = str(tmp_path / "nowhere.nii.gz")
    with pytest.raises(Exception, match="nowhere"):
        evaluation(CaseScores(str(tmp_path / "out"), note=""), [case(tmp_path, "a"), broken])
    assert "\na,1,1,1," in (tmp_path / "out" / "metrics.csv").read_text()


def test_a_second_run_starts_anew(tmp_path: Path) -> None:
    handler = CaseScores(str(tmp_path / "out"), note="")
    evaluation(handler, [case(tmp_path, "a")])
    evaluation(handler, [case(tmp_path, "b")])
    assert "\na," not in (tmp_path / "out" / "metrics.csv").read_text()
