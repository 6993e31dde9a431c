"""Exchange: a catalogue as one Excel workbook, and back from it."""
