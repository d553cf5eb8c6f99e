"""claimledger: who asserted what about tariffs, rare earths and visas, as tables.

>>> from pipeline import Ledger, extract
>>> Ledger.open("outputs").assertions(topic="tariffs").to_pandas()  # doctest: +SKIP
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pipeline.version import VERSION as __version__

if TYPE_CHECKING:
    from pipeline.config import load_config
    from pipeline.ledger import Ledger
    from pipeline.run import Runner
    from pipeline.single_text import extract

_HOMES = {"Ledger": "pipeline.ledger", "Runner": "pipeline.run", "extract": "pipeline.single_text", "load_config": "pipeline.config"}
__all__ = ["Ledger", "Runner", "__version__", "extract", "load_config"]

logging.getLogger("claimledger").addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    """Import the public names when they are used, so that ``claimledger --help`` need not load torch."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
