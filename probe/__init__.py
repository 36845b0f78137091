"""Two tenants, everything that can be asked, and no word of the one in an answer to the other."""
