import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from scripts.losses.region_discrimination import RegionDiscriminationLoss, region_embeddings
from tests.finite_gradients import loss_and_gradients

SIZES = [(1, 2, 1, (2, 2, 2)), (1, 3, 2, (1, 2, 3)), (2, 4, 3, (2, 3, 2)), (4, 16, 8, (2, 2, 2))]  # (N, K, C, sides)


def random_output(number: int, dim: int, clusters: int, sides: tuple[int, ...], seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    embedding = torch.randn(number, dim, *sides, generator=generator, dtype=torch.float64)
    m = torch.rand(number, clusters, *sides, generator=generator, dtype=torch.float64)
    return F.normalize(embedding, dim=1), m / m.sum(dim=1, keepdim=True)


def slow_region_embedding(embedding: Tensor, m: Tensor) -> Tensor:
    """z = l2norm(sum_dhw m(d,h,w) v(d,h,w)) of one image (K, D, H, W) and one cluster (D, H, W)."""
    total = torch.zeros(len(embedding), dtype=embedding.dtype)
    for d in range(m.shape[0]):
        for h in range(m.shape[1]):
            for w in range(m.shape[2]):
                total = total + m[d, h, w] * embedding[:, d, h, w]
    return total / total.norm()


def slow_loss(embedding: Tensor, clusters: Tensor, temperature: float = 0.2) -> Tensor:
    """-(1/NC) sum_n sum_c log [exp(z_n^c . zbar^c / tau) / sum_k exp(z_n^c . zbar^k / tau)]."""
    images, number = range(len(embedding)), range(clusters.shape[1])
    z = {(n, c): slow_region_embedding(embedding[n], clusters[n, c]) for n in images for c in number}
    centres = []
    for c in number:
        centre = sum(z[n, c] for n in images) / len(images)
        centres.append(centre / centre.norm())
    total = torch.zeros((), dtype=embedding.dtype)
    for n in images:
        for c in number:
            scores = [torch.exp((z[n, c] * centre).sum() / temperature) for centre in centres]
            total = total - torch.log(scores[c] / sum(scores))
    return total / (len(images) * len(number))


@pytest.mark.parametrize("size", SIZES)
def test_region_embeddings_match_the_slow_reference(size: tuple) -> None:
    embedding, clusters = random_output(*size)
    z = region_embeddings(embedding, clusters)
    assert z.shape == (size[0], size[2], size[1])
    for n in range(size[0]):
        for c in range(size[2]):
            expected = slow_region_embedding(embedding[n], clusters[n, c])
            torch.testing.assert_close(z[n, c].double(), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("temperature", [0.2, 1.0])
def test_value_and_gradient_match_the_slow_reference(size: tuple, temperature: float) -> None:
    leaves = [x.requires_grad_() for x in random_output(*size)]
    loss, expected = RegionDiscriminationLoss(temperature)(*leaves), slow_loss(*leaves, temperature)
    torch.testing.assert_close(loss.double(), expected, rtol=1e-4, atol=1e-5)
    gradients, references = (torch.autograd.grad(value, leaves) for value in (loss, expected))
    for gradient, reference in zip(gradients, references):
        torch.testing.assert_close(gradient, reference, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("clusters", [1, 2, 8])
def test_clusters_that_are_all_alike(clusters: int) -> None:
    embedding, _ = random_output(3, 4, clusters, (2, 2, 2))
    uniform = torch.full((3, clusters, 2, 2, 2), 1 / clusters)
    loss = RegionDiscriminationLoss()(embedding, uniform)
    assert loss.item() == pytest.approx(math.log(clusters), abs=1e-5)


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("clusters", [2, 8])
def test_clusters_that_are_perfectly_apart(number: int, clusters: int) -> None:
    # Voxel w has the embedding e_w and belongs to cluster w: z^c = zbar^c = e_c.
    identity = torch.eye(clusters).reshape(1, clusters, 1, 1, clusters).expand(number, -1, -1, -1, -1)
    expected = -(5 - math.log(math.exp(5) + clusters - 1))  # 1 / tau = 5
    assert RegionDiscriminationLoss()(identity, identity).item() == pytest.approx(expected, abs=1e-5)


def test_clusters_that_swap_between_images_are_worse() -> None:
    identity = torch.eye(2).reshape(1, 2, 1, 1, 2)
    same = RegionDiscriminationLoss()(torch.cat([identity] * 2), torch.cat([identity] * 2))
    swapped = RegionDiscriminationLoss()(torch.cat([identity] * 2), torch.cat([identity, identity.flip(1)]))
    # Swapped: both centres are (1, 1) / sqrt(2), so the softmax is 1/2.
    assert swapped.item() == pytest.approx(math.log(2), abs=1e-5)
    assert same < swapped


@pytest.mark.parametrize("size", SIZES)
def test_symmetries(size: tuple) -> None:
    embedding, clusters = random_output(*size)
    loss = RegionDiscriminationLoss()
    value = loss(embedding, clusters)
    torch.testing.assert_close(loss(embedding.flip(0), clusters.flip(0)), value)  # images
    torch.testing.assert_close(loss(embedding, clusters.flip(1)), value)  # clusters
    torch.testing.assert_close(loss(embedding.flip(2, 4), clusters.flip(2, 4)), value)  # voxels
    torch.testing.assert_close(loss(embedding, clusters * 0.5), value)  # z has unit length


def test_vessels_of_one_voxel_in_a_whole_crop_count_fully() -> None:
    # The smallest cluster there is in 96^3: the guard against empty clusters must not shrink it.
    embedding = F.normalize(torch.randn(1, 4, 96, 96, 96), dim=1)
    clusters = torch.zeros(1, 2, 96, 96, 96)
    clusters[:, 1] = 1
    clusters[0, :, 5, 6, 7] = torch.tensor([1.0, 0.0])
    torch.testing.assert_close(region_embeddings(embedding, clusters)[0, 0], embedding[0, :, 5, 6, 7])


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("case", ["zeros", "ones", "one empty cluster", "one full cluster", "embeddings that cancel"])
def test_extremes_are_finite(case: str, number: int, bfloat16: bool) -> None:
    embedding, clusters = (x.float() for x in random_output(number, 4, 3, (4, 4, 4)))
    if case == "zeros":
        clusters = torch.zeros_like(clusters)
    elif case == "ones":
        clusters = torch.ones_like(clusters)
    elif case == "one empty cluster":
        clusters[:, 0] = 0
    elif case == "one full cluster":
        clusters[:] = 0
        clusters[:, 0] = 1
    else:
        embedding = torch.cat([embedding[..., :2], -embedding[..., :2]], dim=-1)
        clusters = torch.ones_like(clusters)
    value, _ = loss_and_gradients(RegionDiscriminationLoss(), embedding, clusters, bfloat16=bfloat16)
    assert value >= 0


@pytest.mark.parametrize("logit", [-10.0, -16.0, -30.0, -200.0])
def test_a_cluster_that_empties_has_finite_gradients_in_float16_too(logit: float) -> None:
    # Mixed precision on a GPU is float16 with a scaled loss, and the clusters' gradient is rounded to it.
    torch.manual_seed(0)
    embedding = F.normalize(torch.randn(2, 16, 48, 48, 48), dim=1)
    logits = torch.randn(2, 8, 48, 48, 48)
    logits[:, 0] += logit
    logits = logits.half().requires_grad_()
    clusters = F.normalize(torch.sigmoid(logits), p=1.0, dim=1)
    (1024 * RegionDiscriminationLoss()(embedding, clusters)).backward()
    assert logits.grad.isfinite().all()


def test_all_empty_clusters_count_as_alike() -> None:
    embedding, clusters = random_output(2, 4, 3, (2, 2, 2))
    loss = RegionDiscriminationLoss()(embedding, torch.zeros_like(clusters))
    assert loss.item() == pytest.approx(math.log(3), abs=1e-5)
