import pytest

from scripts.cases.shard import shard_of

CASES = [{"name": str(i)} for i in range(10)]


@pytest.mark.parametrize("count", [1, 2, 3, 10, 12])
def test_shares_hold_every_case_once(count: int) -> None:
    shares = [shard_of(CASES, f"{i}/{count}") for i in range(1, count + 1)]
    assert sorted((case["name"] for share in shares for case in share), key=int) == [case["name"] for case in CASES]
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b", "1/0", "-1/3", 0.5])
def test_other_shards_are_refused(shard: str) -> None:
    with pytest.raises(ValueError, match="shard must be i/N"):
        shard_of(CASES, shard)
