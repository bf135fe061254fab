"""Views beside the span editor: choices, relations, forms, and views that only show."""
