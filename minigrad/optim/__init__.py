"""Optimizers, schedules of their learning rates, and the clipping of gradients."""

from minigrad.optim.adaptive import AdaGrad, Adam, AdamW, RMSprop
from minigrad.optim.clipping import ClippingError, clip_grad_norm, clip_grad_value
from minigrad.optim.optimizer import Optimizer, OptimizerError
from minigrad.optim.schedules import CosineSchedule, Schedule, StepSchedule, WarmUp
from minigrad.optim.sgd import SGD

__all__ = [
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "ClippingError",
    "CosineSchedule",
    "Optimizer",
    "OptimizerError",
    "RMSprop",
    "Schedule",
    "StepSchedule",
    "WarmUp",
    "clip_grad_norm",
    "clip_grad_value",
]
