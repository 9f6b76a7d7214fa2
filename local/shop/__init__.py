"""A shop on this machine that answers as its connector says, and the piece of internet by which it is found."""
