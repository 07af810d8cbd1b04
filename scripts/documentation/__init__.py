"""The pictures and generated tables of docs/; `make docs` writes them anew."""
