"""Every act of the office: one function, one transaction."""
