"""Draws the sample scans: paper, print and handwriting made from fonts and strokes by our own code."""
