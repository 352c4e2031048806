"""Publishing: what is wanted, what is there, the plan between them, and how it is carried out. Pure parts here, targets in folders."""
