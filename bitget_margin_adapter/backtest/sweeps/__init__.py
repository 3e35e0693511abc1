"""One strategy over a grid of its parameters: points, who plays them, what is kept, and the table of it all."""
