"""Faults to survive: a proxy that makes them, a directory that is published through it, and the cases."""
