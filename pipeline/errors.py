"""Errors that users meet, sorted by what happens next."""

from __future__ import annotations


class PipelineError(Exception):
    """A message for the user that says what to do next; the command line shows it without a traceback."""

    exit_code = 1


class UsageError(PipelineError):
    """The command was given something that it cannot use (a missing path, an unknown stage)."""

    exit_code = 2


class ConfigError(UsageError):
    """The configuration is not valid; the message lists every wrong key at once."""


class ModelError(PipelineError):
    """A model is missing, is not the pinned one, or does not fit."""


class RejectedInput(Exception):
    """One input record cannot be used. It becomes a row in ``rejects``; the rest of the corpus goes on.

    ``reason`` is a short code from ``pipeline.tables.REJECT_REASONS``.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail
