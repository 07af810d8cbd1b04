import numpy as np

from scripts.results.case_preview import BAR, PANEL, RED, case_preview


def reddest(picture, box):
    """Centre of the red pixels in `box` (left, top, right, bottom), as fractions of its width and height."""
    pixels = np.asarray(picture.crop(box)).astype(int)
    rows, columns = np.nonzero(pixels[..., 0] - pixels[..., 1] > 100)
    return columns.mean() / pixels.shape[1], rows.mean() / pixels.shape[0]


def test_right_anterior_superior_are_where_they_belong():
    scan = np.random.default_rng(0).uniform(0, 10, (40, 40, 40))
    vessels = np.zeros((40, 40, 40), bool)
    vessels[30:34, 34:38, 24:28] = True  # right, anterior, and a little superior: at 0.8, 0.9, 0.65
    picture = case_preview(scan, vessels, (1.0, 1.0, 1.0))
    assert picture.size == (2 * PANEL, BAR + 3 * PANEL)
    axial, coronal, sagittal = (
        reddest(picture, (PANEL, BAR + i * PANEL, 2 * PANEL, BAR + (i + 1) * PANEL)) for i in range(3)
    )
    np.testing.assert_allclose(axial, (0.2, 0.1), atol=0.02)  # right is left, anterior is up
    np.testing.assert_allclose(coronal, (0.2, 0.35), atol=0.02)  # right is left, superior is up
    np.testing.assert_allclose(sagittal, (0.1, 0.35), atol=0.02)  # anterior is left, superior is up


def test_pixels_are_square_in_mm():
    scan = np.ones((20, 40, 10))
    picture = case_preview(scan, scan > 2, (1.0, 1.0, 2.0), label=scan > 0)
    # axial 20 x 40 mm, coronal 20 x 20, sagittal 40 x 20; the longest side is PANEL pixels, the scale the same in all
    assert picture.size == (4 * PANEL, BAR + PANEL + PANEL // 2 + PANEL // 2)
    coronal = np.asarray(picture)[BAR + PANEL + 2, :PANEL]  # between letters
    assert np.flatnonzero(coronal[:, 0] > 100).tolist() == list(range(PANEL // 4, 3 * PANEL // 4))
    pixel = np.asarray(picture)[BAR + PANEL // 2, 2 * PANEL + PANEL // 2]
    assert pixel[0] > 200 > pixel[1]  # the label's column is red
    assert RED[0] > RED[1]


def test_errors_are_told_apart_and_what_was_found_is_in_front():
    scan, vessels, label = np.ones((8, 8, 8)), np.zeros((8, 8, 8), bool), np.zeros((8, 8, 8), int)
    vessels[0, 0, 0] = label[7, 7, 0] = True  # false, missed
    vessels[4, 4, :4] = label[4, 4, 2:6] = True  # false, found, missed along the axial projection
    column = np.asarray(case_preview(scan, vessels, (1.0, 1.0, 1.0), label))[BAR : BAR + PANEL, 3 * PANEL :].astype(int)
    voxel = PANEL // 8

    def colour(x, y):  # the first axis points left, the second up
        return column[PANEL - y * voxel - voxel // 2, PANEL - x * voxel - voxel // 2]

    red, green, blue = colour(0, 0)
    assert red > green > blue + 50  # orange
    red, green, blue = colour(7, 7)
    assert blue > green > red + 30
    assert colour(4, 4).tolist() == [255, 255, 255]
    assert np.ptp(colour(2, 6)) == 0  # nothing there


def test_an_empty_scan_gives_a_black_picture_with_letters_on_the_left():
    nothing = np.zeros((4, 4, 4))
    picture = np.asarray(case_preview(nothing, nothing, (1.0, 1.0, 1.0)))[BAR:]
    assert np.flatnonzero(picture.any(axis=(0, 2)))[[0, -1]].tolist() < [30, PANEL + 30]
    assert not picture[:, 30:PANEL].any()
    for row in range(3):
        assert picture[row * PANEL : (row + 1) * PANEL, :30].any()
