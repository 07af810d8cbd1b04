"""What the value of an option may be: each type reads a value, or says in a few words what it must be."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from numbers import Real
from pathlib import Path
from typing import Any

import torch

from ..cases.shard import shard_of
from ..inferers.window_predictor import RUNTIMES
from ..io.expanded_path import expanded_path

OptionType = Callable[[Any], Any]  # the value that the run gets; ValueError: what the value must be


def is_true_or_false(value: Any) -> bool | None:
    """What `true` or `false` in any case means, a string as a command line gives it or a boolean; None: neither."""
    return {"true": True, "false": False}.get(str(value).lower()) if isinstance(value, (bool, str)) else None


def flag(value: Any) -> bool:
    """True or false, in any case."""
    read = is_true_or_false(value)
    if read is None:
        raise ValueError("true or false")
    return read


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high`; `above`: greater than `low`; `whole`: without a fraction, a multiple of `step`."""

    low: float
    high: float | None = None
    above: bool = False
    whole: bool = False
    step: int = 1
    unit: str = ""

    def __call__(self, value: Any) -> int | float:
        known = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
        if not (known and self._contains(value)):
            raise ValueError(str(self))
        return int(value) if self.whole else value

    def _contains(self, value: float) -> bool:
        if self.whole and value % self.step:
            return False
        high_enough = value > self.low if self.above else value >= self.low
        return high_enough and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        kind = ("a whole number" if self.whole else "a number") + (f" of {self.unit}" if self.unit else "")
        kind = f"a multiple of {self.step}" if self.step > 1 else kind
        if self.high is None:
            return f"{kind} greater than {self.low}" if self.above else f"{kind}, {self.low} or more"
        between = f"greater than {self.low}, at most" if self.above else f"from {self.low} to"
        return f"{kind} {between} {self.high}"


@dataclass(frozen=True)
class Numbers:
    """A list of numbers, `count` of them."""

    of: Number
    count: int | None = None

    def __call__(self, value: Any) -> list[int | float]:
        if not isinstance(value, (list, tuple)) or len(value) != (self.count or len(value)) or not value:
            raise ValueError(str(self))
        try:
            return [self.of(item) for item in value]
        except ValueError as error:
            raise ValueError(str(self)) from error

    def __str__(self) -> str:
        count = f"{self.count} numbers" if self.count else "numbers"
        example = ",".join(["96" if self.of.step > 1 else "2" if self.of.whole else "0.5"] * (self.count or 2))
        return f'a list of {count} such as "[{example}]", each {self.of}'


@dataclass(frozen=True)
class Choice:
    """One of several words; `else_` helps where it is none of them."""

    words: Sequence[str]
    else_: str = ""

    def __call__(self, value: Any) -> str:
        if value not in self.words:
            raise ValueError(f"one of {', '.join(self.words)}{self.else_}")
        return value


@dataclass(frozen=True)
class AnyOf:
    """What one of the types reads."""

    types: Sequence[OptionType]

    def __call__(self, value: Any) -> Any:
        reasons = []
        for read in self.types:
            try:
                return read(value)
            except ValueError as error:
                reasons.append(str(error))
        raise ValueError(", or ".join(reasons))


def nothing(value: Any) -> None:
    """None, which YAML calls null."""
    if value is not None and str(value).lower() not in ("null", "none"):
        raise ValueError("None")


def path(value: Any) -> str:
    """The name of a file or folder, ~ and $VARIABLES replaced."""
    if not isinstance(value, (str, Path)) or not str(value):  # fire takes 2024_01 for a number, a,b for a list
        raise ValueError("the name of a file or folder; write a number or a list as ./NAME")
    return expanded_path(value)


def text(value: Any) -> str:
    """Any words."""
    if not isinstance(value, str) or not value:
        raise ValueError("a name in letters")
    return value


def shard(value: Any) -> str:
    """One of N shares."""
    try:
        shard_of([], str(value))
    except ValueError as error:
        raise ValueError("i/N, the i-th of N shares, such as 2/10") from error
    return str(value)


def mapping(value: Any) -> dict[Any, Any]:
    """A dictionary."""
    if not isinstance(value, dict):
        raise ValueError("a dictionary such as \"{'name': 1}\"")
    return value


@dataclass(frozen=True)
class NamedNumbers:
    """A dictionary of numbers by name."""

    of: Number

    def __call__(self, value: Any) -> dict[str, int | float]:
        try:
            return {name: self.of(number) for name, number in mapping(value).items()}
        except ValueError as error:
            raise ValueError(f"a dictionary such as \"{{'name': 1}}\", each {self.of}") from error


def names(value: Any) -> list[str]:
    """A list of names."""
    if not isinstance(value, (list, tuple)) or not value or not all(isinstance(item, str) for item in value):
        raise ValueError("a list of names such as \"['a','b']\"")
    return list(value)


def device(value: Any) -> Any:
    """What torch computes on, where this machine has it."""
    try:
        wanted = torch.device(value)
    except (RuntimeError, TypeError) as error:
        raise ValueError("a device such as cpu, cuda or cuda:1") from error
    if wanted.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (wanted.index or 0) >= count:
            found = f"{count} GPU(s)" if count else "no GPU that this PyTorch can use"
            raise ValueError(f"cpu, since there is {found} here; leave --device out to take what there is")
    elif wanted.type != "cpu":
        try:
            torch.ones(1, device=wanted).tolist()
        except Exception as error:
            raise ValueError(f"cpu, since this PyTorch cannot compute on {wanted} here") from error
    return value


def runtime(value: Any) -> str:
    """What computes the network's windows, where it is installed."""
    chosen = Choice(RUNTIMES)(value)
    if chosen == "openvino" and find_spec("openvino") is None:
        raise ValueError("auto or torch, since OpenVINO is not installed (pip install openvino==2026.4.1)")
    return chosen


def is_expression(value: Any) -> bool:
    """Whether MONAI will compute the value, or take it from another key or file."""
    return isinstance(value, str) and value.startswith(("$", "@", "%")) and not _variable(value)


def _variable(value: str) -> bool:
    """Whether a name begins with an environment variable, which is no expression of MONAI."""
    found = re.match(r"\$(?:(\w+)|\{(\w+)\})(?:/|$)", value)
    return found is not None and (found[1] or found[2]) in os.environ
