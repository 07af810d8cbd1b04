import pytest

from scripts.results.run_settings import settings_key


def test_the_key_follows_the_weights_content_and_every_value(tmp_path):
    first, copy, other = (tmp_path / name for name in ("a.pt", "b.pt", "c.pt"))
    for path, content in ((first, b"1"), (copy, b"1"), (other, b"2")):
        path.write_bytes(content)
    key = settings_key(str(first), [0.6, [1, 2], "auto"])
    assert settings_key(str(copy), [0.6, [1, 2], "auto"]) == key
    others = [settings_key(str(first), values) for values in ([0.5, [1, 2], "auto"], [0.6, [1, 3], "auto"], [0.6])]
    assert len({key, settings_key(str(other), [0.6, [1, 2], "auto"]), *others}) == 5


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="mine.pt: no such weights; give --ckpt"):
        settings_key(str(tmp_path / "mine.pt"), [])
