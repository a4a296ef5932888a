"""The nets, the data sets, the training loop and the command line, built on minigrad."""
