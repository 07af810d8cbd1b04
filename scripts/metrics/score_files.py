"""Scoring masks that lie on disk, whoever made them."""

from __future__ import annotations

from pathlib import Path

from monai.data import MetaTensor

from ..cases.scan_files import FORMATS, named, scan_name, volumes_in
from ..io.printable import printable
from ..io.result_names import VESSELS
from ..io.user_error import MissingInput
from ..io.volumes import read_volume, reorient_to_ras
from ..transforms.input_checks import check_mask
from .case_metrics import case_metrics
from .report import write_report


def aligned(pred: MetaTensor, label_file: str | Path) -> tuple[MetaTensor, MetaTensor]:
    """Turn a prediction (1, D, H, W) and the label in a file to one orientation, RAS: (1, D, H, W) each.

    Raises:
        ValueError: the label cannot be read, lies on another grid or is not binary.
    """
    pred, label = reorient_to_ras(pred), reorient_to_ras(read_volume(str(label_file)))
    check_mask("label", label, pred)
    return pred, label


def score_against_file(pred: MetaTensor, label_file: str | Path) -> dict[str, float]:
    """Score a predicted mask (1, D, H, W) against a label file; see `aligned` and `case_metrics`."""
    pred, label = aligned(pred, label_file)
    return case_metrics(pred=pred[0].numpy(), label=label[0].numpy(), spacing=pred.pixdim.tolist())


def score_files(predictions_dir: str, labels_dir: str, output_dir: str) -> None:
    """Score every label's prediction, `<name>_vessels.*` or `<name>.*`; write and print the report.

    Args:
        predictions_dir: folder of binary masks, those of inference.yaml or of any other tool.
        labels_dir: folder of labels, on the grids of the predictions.
        output_dir: for `metrics.csv` and `summary.md`.

    Raises:
        FileNotFoundError: there is no label, or a label has no prediction.
        ValueError: a file cannot be read; a label lies on another grid than its prediction, or is not binary.
    """
    labels = volumes_in(Path(labels_dir))
    if not labels:
        raise MissingInput(f"{labels_dir}: no label found ({', '.join(FORMATS)}).")
    pairs = {scan_name(label): (_prediction(Path(predictions_dir), label), label) for label in labels}
    scores = {name: score_against_file(read_volume(str(pred)), label) for name, (pred, label) in pairs.items()}
    print(write_report(scores, output_dir, note=f"{predictions_dir} against {labels_dir}."))
    print(f"Written to {output_dir}: metrics.csv, summary.md")


def _prediction(folder: Path, label: Path) -> Path:
    names = [printable(scan_name(label)) + VESSELS, scan_name(label)]  # of inference; of any other tool
    found = next((file for name in names if (file := named(folder, name))), None)
    if found is None:
        raise MissingInput(f"{label}: no prediction {' or '.join(names)} in {folder}.")
    return found
