"""The durable workflows: time and order, never a fact."""
