"""A workbook's sheets to answers, list rows and claims, wherever they stand."""
