"""How right the results are: against a truth table, in numbers, curves and pictures of the worst errors."""
