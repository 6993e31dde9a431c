"""Adopt: a form that others designed, as it is, becomes entries of the catalogue, through a workbook to go through.

The record of an adopted form is in schemas/adopted.py, which reading, returns and summary use without this room.
"""
