"""The pages of `docs/`: references written from the code, and links that are checked.

`python -m tests.documentation --update` writes the references anew.
"""
