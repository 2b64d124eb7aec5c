"""The service beside a floor and beside the tutorial's application, on one node: `make bench`."""
