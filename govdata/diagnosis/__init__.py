"""What a target can do, what it lacks and what is wrong with it. Only reads; never writes to the target."""
