"""Conditions on a cell, written once."""
