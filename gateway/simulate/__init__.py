"""Made-up traffic that looks real: five organizations, one for each vendor.

plan → address books, campaigns → journeys of messages → calendar → records in the order they arrive
"""

from __future__ import annotations

from gateway.simulate.plan import Plan, demo_plan
from gateway.simulate.stream import lines, records
from gateway.simulate.tenants import TENANTS, Tenant

__all__ = ["TENANTS", "Plan", "Tenant", "demo_plan", "lines", "records"]
