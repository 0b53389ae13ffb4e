"""Every method with every seed on the same features, as one table."""
