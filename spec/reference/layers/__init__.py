"""One module a layer; each returns vector files as {name: document}. `generate.py` writes and checks them."""
