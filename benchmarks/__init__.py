"""Speed on data of a stated size, as percentiles beside the raw SQL on the same data."""
