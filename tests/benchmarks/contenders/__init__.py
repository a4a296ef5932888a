"""The contenders of the training step: one function for each column of the table, each handed the same problem."""
