"""A vessel graph as SWC, as a table of segments, and in a few numbers."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..vessels.swc import VesselTree
from ..vessels.vessel_graph import VesselSegment

SUMMARY_COLUMNS = (
    "length_m",
    "length_thin_m",
    "length_medium_m",
    "length_thick_m",
    "branches",
    "bifurcations",
    "end_points",
    "mean_radius_mm",
    "max_radius_mm",
    "mean_tortuosity",
)
CALIBRES = (0.5, 1.0)  # mm radius; below the first is thin, from the second on thick
SEGMENT_COLUMNS = (
    "segment",
    "start_node",
    "end_node",
    "length_mm",
    "mean_radius_mm",
    "min_radius_mm",
    "max_radius_mm",
    "tortuosity",
)


def vessel_tree(segments: Sequence[VesselSegment]) -> tuple[VesselTree, dict[int, int]]:
    """The graph as trees, whose points are RAS mm, and the row of each of its nodes.

    Every connected piece is rooted at its thickest end. A tree has no loops: where one closes, the node at which it
    does is there twice, so that no length is lost.
    """
    at: dict[int, list[VesselSegment]] = defaultdict(list)
    radius: dict[int, float] = defaultdict(float)
    for segment in segments:
        for node, r in {segment.start: segment.radii[0], segment.end: segment.radii[-1]}.items():
            at[node].append(segment)
            radius[node] = max(radius[node], r)
    degree = _degrees(segments)
    points: list[np.ndarray] = []
    radii: list[float] = []
    parents: list[int] = []
    rows: dict[int, int] = {}
    drawn: set[int] = set()
    for root in sorted(at, key=lambda node: (degree[node] != 1, -radius[node])):
        if root in rows:
            continue
        first = at[root][0]
        rows[root] = len(points)
        points.append(first.points[0 if first.start == root else -1])
        radii.append(radius[root])
        parents.append(-1)
        queue = [root]
        for node in queue:  # grows while it is walked: breadth first
            for segment in at[node]:
                if id(segment) in drawn or len(segment.points) == 1:
                    continue
                drawn.add(id(segment))
                onwards = segment.start == node
                parents += [rows[node], *range(len(points), len(points) + len(segment.points) - 2)]
                points += list(segment.points[1:] if onwards else segment.points[-2::-1])
                radii += list(segment.radii[1:] if onwards else segment.radii[-2::-1])
                far = segment.end if onwards else segment.start
                if far not in rows:
                    rows[far] = len(points) - 1
                    queue.append(far)
    tree = VesselTree(np.reshape(points, (-1, 3)), np.array(radii), np.array(parents, dtype=np.int64))
    return tree, rows


def write_segments(segments: Sequence[VesselSegment], rows: dict[int, int], path: Path) -> None:
    """A line per segment; its nodes are named by their ids in the SWC file, which are rows + 1.

    Columns are parted by commas, in a file `.tsv` by tabs. Tortuosity is length / chord, and left empty where the chord
    is 0: a closed loop, a piece of one point.
    """
    with open(path, "w", newline="") as stream:
        writer = csv.writer(stream, delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writerow(SEGMENT_COLUMNS)
        for number, segment in enumerate(segments, start=1):
            measures = [segment.length, segment.radii.mean(), segment.radii.min(), segment.radii.max()]
            tortuosity = f"{segment.length / segment.chord:.3f}" if segment.chord else ""
            nodes = (rows[segment.start] + 1, rows[segment.end] + 1)
            writer.writerow([number, *nodes, *(f"{measure:.3f}" for measure in measures), tortuosity])


def graph_summary(segments: Sequence[VesselSegment]) -> dict[str, str]:
    """The columns of `summary.csv` that describe the vessels of a scan.

    Total length, and that of thin, medium and thick vessels (`CALIBRES`), m; branches (segments); bifurcations (nodes
    where three or more meet) and end points; mean radius along the length and greatest radius, mm; mean tortuosity, the
    length of all segments over their chords, closed loops left out. An empty graph has no radii and no tortuosity.
    """
    lengths = np.array([segment.length for segment in segments])  # (S,)
    meeting = _degrees(segments).values()
    values = [f"{length / 1000:.3f}" for length in (lengths.sum(), *lengths_by_calibre(segments))]
    values += [str(len(segments)), str(sum(n > 2 for n in meeting)), str(sum(n == 1 for n in meeting)), "", "", ""]
    if segments:
        weights = lengths if lengths.any() else np.ones(len(segments))
        values[-3] = f"{np.average([segment.radii.mean() for segment in segments], weights=weights):.3f}"
        values[-2] = f"{max(segment.radii.max() for segment in segments):.3f}"
    if open_ended := [segment for segment in segments if segment.chord]:
        values[-1] = f"{sum(s.length for s in open_ended) / sum(s.chord for s in open_ended):.3f}"
    return dict(zip(SUMMARY_COLUMNS, values))


def lengths_by_calibre(segments: Sequence[VesselSegment]) -> np.ndarray:
    """Centreline length of thin, medium and thick vessels, (3,) mm; a step has the mean radius of its two points."""
    total = np.zeros(len(CALIBRES) + 1)
    for segment in segments:
        steps = np.linalg.norm(np.diff(segment.points, axis=0), axis=1)  # (P - 1,) mm
        radii = (segment.radii[1:] + segment.radii[:-1]) / 2  # (P - 1,) mm
        total += np.bincount(np.digitize(radii, CALIBRES), weights=steps, minlength=len(total))
    return total


def _degrees(segments: Sequence[VesselSegment]) -> Counter[int]:
    """How many vessels meet at each node; a piece of one point has no end."""
    return Counter(node for s in segments if len(s.points) > 1 for node in (s.start, s.end))
