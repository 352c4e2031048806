"""Workbooks: XLSX, ODS and XLS, each read from what the file itself holds."""
