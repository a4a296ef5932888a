"""The contenders of the training step: a function for each column of the table, all handed one problem."""
