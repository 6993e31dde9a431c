"""The report's template: its slots, what fills them, and its paragraphs in Word."""
