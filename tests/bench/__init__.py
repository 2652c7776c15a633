"""`make bench`: what is promised about speed, measured in one run on this machine."""
