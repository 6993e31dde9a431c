"""Villages to township in DECIMAL, and printed figures balanced to their printed totals."""
