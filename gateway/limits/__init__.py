"""How often an organization may ask: counted in this process, in the store, or in Redis.

one process and SQLite   memory
PostgreSQL               the store itself, exact however many processes serve
RATE_LIMIT_URL           Redis or Valkey, exact too, and without a write to the store
"""

from __future__ import annotations

from gateway.limits.limit import WINDOW_S, Limit, Limiter, Standing

__all__ = ["WINDOW_S", "Limit", "Limiter", "Standing"]
