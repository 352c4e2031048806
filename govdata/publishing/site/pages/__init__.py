"""The pages of the site for people: pure functions from records to HTML, by templates that a portal may replace one by one."""
