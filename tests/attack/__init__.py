"""What lies around the program, used against it: one module for each kind."""
