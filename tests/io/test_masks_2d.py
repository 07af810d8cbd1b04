from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.io.masks_2d import load_masks_2d


@pytest.fixture
def tree() -> np.ndarray:
    mask = np.zeros((30, 40), dtype=np.uint8)
    mask[10:13] = mask[:, 20:22] = 1
    return mask


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.TIFF", "a.gif", "a.bmp"])
@pytest.mark.parametrize("vessel", [1, 255])
def test_formats_and_values(tmp_path: Path, tree: np.ndarray, name: str, vessel: int) -> None:
    Image.fromarray(tree * np.uint8(vessel)).save(tmp_path / name)
    (mask,) = load_masks_2d(tmp_path)
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, tree)


@pytest.mark.parametrize("values", [(100, 150), (1, 2), (128, 255)])
def test_of_two_values_the_brighter_one_is_vessel(tmp_path: Path, tree: np.ndarray, values: tuple[int, int]) -> None:
    Image.fromarray(np.where(tree, values[1], values[0]).astype(np.uint8)).save(tmp_path / "a.png")
    assert np.array_equal(load_masks_2d(tmp_path)[0], tree)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P"])
def test_colour_modes(tmp_path: Path, tree: np.ndarray, mode: str) -> None:
    Image.fromarray(tree * np.uint8(255)).convert(mode).save(tmp_path / "a.png")
    assert np.array_equal(load_masks_2d(tmp_path)[0], tree)


def test_sixteen_bits(tmp_path: Path, tree: np.ndarray) -> None:
    Image.fromarray(tree.astype(np.uint16) * 65535).save(tmp_path / "a.png")
    assert np.array_equal(load_masks_2d(tmp_path)[0], tree)


def test_compression_noise_and_soft_edges_are_cut_at_half(tmp_path: Path, tree: np.ndarray) -> None:
    noise = np.random.default_rng(0).integers(0, 20, tree.shape)
    Image.fromarray(np.where(tree, 250 - noise, noise).astype(np.uint8)).save(tmp_path / "a.png")
    assert np.array_equal(load_masks_2d(tmp_path)[0], tree)


def test_order_of_names_and_other_files_left_alone(tmp_path: Path, tree: np.ndarray) -> None:
    Image.fromarray(tree).save(tmp_path / "b.png")
    Image.fromarray(np.ascontiguousarray(tree.T)).save(tmp_path / "a.png")
    (tmp_path / "README.md").write_text("where these masks are from")
    (tmp_path / "._a.png").write_bytes(b"a macOS companion file")
    assert [mask.shape for mask in load_masks_2d(str(tmp_path))] == [(40, 30), (30, 40)]


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_masks_2d(tmp_path / "nowhere")


def test_folder_without_masks(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No 2D vessel mask"):
        load_masks_2d(tmp_path)


@pytest.mark.parametrize("value", [0, 255])
def test_mask_of_one_value(tmp_path: Path, value: int) -> None:
    Image.fromarray(np.full((9, 9), value, dtype=np.uint8)).save(tmp_path / "flat.png")
    with pytest.raises(ValueError, match=r"flat\.png shows no vessel"):
        load_masks_2d(tmp_path)


def test_inverted_mask(tmp_path: Path, tree: np.ndarray) -> None:
    Image.fromarray((1 - tree) * np.uint8(255)).save(tmp_path / "negative.png")
    with pytest.raises(ValueError, match=r"negative\.png .* [Ii]nverted"):
        load_masks_2d(tmp_path)


def test_file_that_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_text("not a picture")
    with pytest.raises(ValueError, match=r"broken\.png cannot be read"):
        load_masks_2d(tmp_path)


def test_every_bad_file_of_a_folder_is_named(tmp_path: Path, tree: np.ndarray) -> None:
    speck = np.zeros((99, 99), dtype=np.uint8)
    speck[50, 50] = 255
    Image.fromarray(tree * np.uint8(255)).save(tmp_path / "good.png")
    Image.fromarray(speck).save(tmp_path / "speck.png")
    Image.fromarray(np.full((1, 1), 255, np.uint8)).save(tmp_path / "pixel.png")
    Image.fromarray(np.where(tree, np.nan, 0).astype(np.float32)).save(tmp_path / "nan.tif")
    shades = np.linspace(0, 255, 1200).reshape(30, 40).astype(np.uint8)
    Image.fromarray(shades).save(tmp_path / "photo.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "good.png").read_bytes()[:60])
    (tmp_path / "empty.png").touch()
    with pytest.raises(ValueError) as error:
        load_masks_2d(tmp_path)
    faults = str(error.value).splitlines()
    expected = {
        "cut.png": "cannot be read as a picture",
        "empty.png": "cannot be read as a picture",
        "nan.tif": "no numbers",
        "photo.png": "photograph",
        "pixel.png": "shows no vessel",
        "speck.png": "hardly any vessel: 1 pixels",
    }
    assert [words in fault and str(tmp_path / name) in fault for fault, (name, words) in zip(faults, expected.items())]
    assert len(faults) == len(expected)


def test_coloured_vessels(tmp_path: Path, tree: np.ndarray) -> None:
    colours = np.zeros((*tree.shape, 3), np.uint8)
    colours[tree > 0] = (255, 0, 0)  # arteries in red, on black
    Image.fromarray(colours).save(tmp_path / "a.png")
    assert np.array_equal(load_masks_2d(tmp_path)[0], tree)


def test_lines_of_one_pixel(tmp_path: Path) -> None:
    line = np.zeros((99, 99), dtype=np.uint8)
    line[50] = 255
    Image.fromarray(line).save(tmp_path / "a.png")
    assert load_masks_2d(tmp_path)[0].sum() == 99
