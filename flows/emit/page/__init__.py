"""How a page is made that needs nothing but itself."""
