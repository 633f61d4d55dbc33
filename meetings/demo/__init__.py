"""A believable company to try everything with: the same on every machine, relative to a day.

`people` and `places` are who and where; `story` is what was written by hand, mostly Ana's and
Ben's weeks; `filler` is everybody else's. All are `entries`, which `load` books by commands.
"""
