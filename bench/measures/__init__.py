"""One file per group of rows in the table. Each yields its rows and knows nothing of the others."""
