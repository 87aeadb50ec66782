"""The product against an independent reading of the specification."""
