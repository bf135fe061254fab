"""What comes next: the rows of a source, on their way to the annotator, each accounted for."""
