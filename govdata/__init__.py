"""govdata: an open-data catalog and standards-validation toolkit for government departments."""

__version__ = "0.1.0"
