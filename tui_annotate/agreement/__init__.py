"""How far people agree: coefficients, scores of spans, their uncertainty, and what they rest on."""
