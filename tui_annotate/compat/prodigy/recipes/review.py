"""`prodigy.recipes.review`: its names are stand-ins, which say what there is instead."""
