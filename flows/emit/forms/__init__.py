"""Blank forms, one workbook per unit."""
