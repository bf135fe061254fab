"""Floor 3: one annotator at work - what is asked, decided, put off, reopened, kept as a draft."""
