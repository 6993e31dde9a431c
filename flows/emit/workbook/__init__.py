"""How a workbook is drawn, and drawn once to be filled many times."""
