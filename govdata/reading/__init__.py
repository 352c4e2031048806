"""Reading what the user has: entries, packages, text tables, workbooks. The only place that turns a parse error into a finding."""
