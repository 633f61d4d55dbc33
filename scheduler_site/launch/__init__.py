"""What `./run` does: set up, start a database, serve, test.

`install.py` runs on the machine's own Python and knows the standard library only; the rest runs in
the project's environment, as `python -m scheduler_site.launch`.
"""
