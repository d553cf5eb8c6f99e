"""The training loop that recipes share: warm-up, cosine decay, clipping, a time limit, a checkpoint an epoch."""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor, nn

log = logging.getLogger("claimledger.training")
Batch = TypeVar("Batch")
Item = TypeVar("Item")
WARMUP, HEAD_FACTOR = 0.06, 4.0
AVERAGED_FROM, AVERAGED_EVERY = 0.6, 10  # share of the training after which weights are averaged, and at every how many steps


class Clock:
    """Minutes spent of a limit."""

    def __init__(self, minutes: float) -> None:
        self.minutes, self.started = minutes, time.monotonic()

    @property
    def spent(self) -> float:
        """Share of the limit that has passed; 1 and more when it is over."""
        return (time.monotonic() - self.started) / 60 / self.minutes


def rate_scale(progress: float) -> float:
    """Factor on the peak learning rate at ``progress`` (0 to 1) of the training."""
    if progress < WARMUP:
        return max(0.01, progress / WARMUP)
    return max(0.01, 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - WARMUP) / (1 - WARMUP)))))


def parameter_groups(network: nn.Module, rate: float, head_factor: float) -> list[dict]:
    """The encoder at ``rate``, everything else (new weights) at ``head_factor`` times that."""
    encoder = [p for n, p in network.named_parameters() if "encoder." in n and p.requires_grad]
    heads = [p for n, p in network.named_parameters() if "encoder." not in n]
    return [{"params": encoder, "lr": rate, "peak": rate}, {"params": heads, "lr": rate * head_factor, "peak": rate * head_factor}]


def batches_by_length(items: Sequence[Item], length: Callable[[Item], int], budget: int, rng: random.Random) -> list[list[Item]]:
    """Batches of items of like length, padded size at most ``budget``, in random order."""
    groups: list[list[Item]] = []
    for item in sorted(items, key=lambda i: length(i) + 8 * rng.random()):
        if not groups or (len(groups[-1]) + 1) * length(item) > budget:
            groups.append([])
        groups[-1].append(item)
    rng.shuffle(groups)
    return groups


class WeightAverage:
    """The running mean of a network's weights over the last part of its training (Izmailov et al., 2018)."""

    def __init__(self, network: nn.Module) -> None:
        self.network, self.count = network, 0
        self.mean: dict[str, Tensor] = {}

    def add(self) -> None:
        """Take in the weights as they are now."""
        self.count += 1
        for name, parameter in self.network.named_parameters():
            if parameter.requires_grad:
                value = parameter.detach()
                self.mean[name] = value.clone() if self.count == 1 else self.mean[name].lerp_(value, 1 / self.count)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within, the network has the mean weights, if there are any."""
        kept = {n: p.detach().clone() for n, p in self.network.named_parameters() if n in self.mean}
        self._set(self.mean)
        yield
        self._set(kept)

    def _set(self, values: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, parameter in self.network.named_parameters():
                if name in values:
                    parameter.copy_(values[name])


def train_steps(
    network: nn.Module,
    epoch: Callable[[int], Sequence[Batch]],
    loss_of: Callable[[Batch], Tensor],
    epochs: int,
    clock: Clock,
    rate: float,
    save: Callable[[int], None],
    head_factor: float = HEAD_FACTOR,
) -> None:
    """Run the epochs' batches; stops early, with the schedule run to its end, when the clock says so.

    ``save`` sees the mean of the weights of the last part of the training.
    """
    average = WeightAverage(network)
    optimizer = torch.optim.AdamW(parameter_groups(network, rate, head_factor), weight_decay=0.01)
    step, total = 0, None
    for number in range(epochs):
        network.train()
        work = epoch(number)
        total = total or len(work) * epochs
        losses: list[float] = []
        for batch in work:
            spent = clock.spent
            if spent >= 1:
                break
            progress = max(step / total, spent)
            scale = rate_scale(progress)
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * scale
            loss = loss_of(batch)
            if not torch.isfinite(loss):
                raise FloatingPointError(f"the loss of step {step} is {loss.item()}: lower the rate")
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            step += 1
            losses.append(loss.item())
            if progress >= AVERAGED_FROM and step % AVERAGED_EVERY == 0:
                average.add()
            if step % 50 == 0:
                log.info("epoch %d step %d/%d loss %.4f", number, step, total, sum(losses[-50:]) / len(losses[-50:]))
        with average.applied():
            save(number)
        if clock.spent >= 1:
            break
