"""Pictures: charts that a workbook or a document draws itself, and SVG for pages."""
