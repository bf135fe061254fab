"""Floor 4: recipes, functions that return components."""
