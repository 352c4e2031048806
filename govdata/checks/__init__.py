"""The code that runs rules over a dataset."""
